import pytest

from stromal.errors import Severity
from stromal.patients.check.plausible_days import check_late_days, check_lifetimes, check_spans
from tests.unit.patients.folders import PROTOCOL, read

SUBJECTS = "subject,arm,tissue,steroids,crp_mg_l,age_years,species,first_day,last_day\n"
LABS = "subject,day,analyte,value,unit\n"


def labs(*days, subject="1"):
    return LABS + "".join(f"{subject},{day},crp,1,mg/L\n" for day in days)


def test_serial_dates_are_one_issue_of_a_column(tmp_path):
    patients, _ = read(tmp_path, labs=labs(45292, 45299, 3))
    first, rest = check_spans(patients, PROTOCOL)
    assert (first.message, first.row, first.column) == (
        "day 45292 is 124 years after day 0",
        2,
        "day",
    )
    assert first.hint.startswith("45292 is 2024-01-01 as a spreadsheet counts days")
    assert rest.message == "and 1 more row like this"


def test_each_look_is_an_issue_of_its_own(tmp_path):
    patients, _ = read(tmp_path, labs=labs(45292, 20240119, -30000))
    assert [issue.row for issue in check_spans(patients, PROTOCOL)] == [2, 3, 4]


@pytest.mark.parametrize("day", [-365, 0, 9000, 20000, 21900])
def test_half_a_century_is_followed(tmp_path, day):
    patients, _ = read(tmp_path, labs=labs(day))
    assert check_spans(patients, PROTOCOL) == ()


def test_days_of_another_program_stand_alone(tmp_path):
    patients, _ = read(tmp_path, labs=labs(19723, 19730, 7))
    first, _ = check_late_days(patients, PROTOCOL)
    assert first.message == "day 19723 is 54 years after day 0, and no other day is beyond 7"
    assert "2024-01-01 as R" in first.hint
    assert first.severity is Severity.WARNING


def test_a_long_follow_up_does_not(tmp_path):
    patients, _ = read(tmp_path, labs=labs(12500, 7000, 7))
    assert check_late_days(patients, PROTOCOL) == ()


@pytest.mark.parametrize(
    ("age", "species", "day", "words"),
    [
        (80, "human", 20000, "would be 135 years old on day 20000"),
        (30, "human", -11700, "is before the birth of subject 1"),
        (30, "human", -11200, None),
        (0, "human", -300, None),
        (0.2, "mouse", 3000, "would be 8 years old on day 3000"),
        (0.2, "mouse", 700, None),
        ("", "human", 20000, None),
    ],
)
def test_records_lie_in_a_life(tmp_path, age, species, day, words):
    subjects = SUBJECTS + f"1,msc,cord,yes,1,{age},{species},,\n"
    patients, _ = read(tmp_path, subjects=subjects, labs=labs(day))
    issues = check_lifetimes(patients, PROTOCOL)
    assert [words in issue.message for issue in issues] == ([True] if words else [])


def test_only_the_subject_concerned_is_named(tmp_path):
    subjects = SUBJECTS + "1,msc,cord,yes,1,80,human,0,20000\n2,msc,cord,yes,1,,human,0,20000\n"
    patients, _ = read(tmp_path, subjects=subjects)
    (issue,) = check_lifetimes(patients, PROTOCOL)
    assert (issue.row, issue.column) == (2, "last_day")
