import pytest

from stromal.patients.check.day_words import FROM_1960, count_years, explain_day, name_date


@pytest.mark.parametrize(
    ("day", "kind", "words"),
    [
        (45292, "serial", "45292 is 2024-01-01 as a spreadsheet"),
        (45292.5, "serial", "is 2024-01-01 as a spreadsheet"),
        (20240119, "written", "2024-01-19"),
        (19012024, "written", "2024-01-19"),
        (20241399, "far", "check the day"),
        (1.7e9, "seconds", "seconds"),
        (1.7e12, "seconds", "seconds"),
        (99999, "code", "99999 may be a code for missing"),
        (-99999, "code", "-99999 may be a code for missing"),
        (-44000, "far", "check the day"),
        (1e14, "far", "check the day"),
    ],
)
def test_what_an_impossible_day_looks_like(day, kind, words):
    assert explain_day(float(day))[0] == kind
    assert words in explain_day(float(day))[1]


def test_the_first_days_of_other_programs():
    assert name_date(FROM_1960, 23376.0) == "2024-01-01"


@pytest.mark.parametrize("day", [22000.0, -1e14, 9.99e14])
def test_years_are_short(day):
    assert len(count_years(day)) < 30
