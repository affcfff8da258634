import polars as pl
import pytest

from stromal.errors import Severity
from stromal.patients.check.identifiers import (
    check_identifiers,
    check_subjects_known,
    fold_identifiers,
)
from stromal.tables.patients import Patients
from tests.unit.patients.folders import PROTOCOL, SUBJECTS, read


def known(identifier, *subjects):
    """The hint for an identifier of labs where these subjects are known."""
    patients = Patients.of(
        subjects=pl.DataFrame({"subject": list(subjects)}),
        labs=pl.DataFrame({"subject": [identifier]}),
    )
    issues = check_subjects_known(patients, PROTOCOL)
    return issues[0].hint if issues else None


@pytest.mark.parametrize(
    ("identifier", "subject", "what"),
    [
        ("1", "001", "leading zeros"),
        ("001", "1", "leading zeros"),
        ("1.0", "1", "the `.0` of a spreadsheet"),
        ("upn-7", "UPN-7", "capitals"),
        ("UPN 7", "UPN7", "spaces"),
        ("upn 7", "UPN007", "leading zeros, spaces and capitals"),
        ("UPN–7", "UPN-7", "hyphens"),
        ("1.0", "001", "the `.0` of a spreadsheet and leading zeros"),
    ],
)
def test_the_hint_names_the_identifier_and_what_it_lost(identifier, subject, what):
    hint = known(identifier, "P", subject)
    assert hint.startswith(f"`{subject}` is, and differs in {what} only; ")


def test_several_that_it_may_be_are_all_named():
    assert known("1", "01", "001", "2") == "is it `01` or `001`?"


def test_nothing_is_matched_silently():
    assert known("001", "001") is None
    assert known("1", "001") is not None
    assert known("7", "10") == "add the subject, or leave these rows out"


def test_a_number_that_a_spreadsheet_shortened():
    assert "identifiers there as text" in known("1.23457E+11", "123456789012")


def test_subjects_that_differ_by_damage_only_are_questioned(tmp_path):
    patients, _ = read(tmp_path, subjects=SUBJECTS + "01,msc,cord,yes,1\n3,msc,cord,yes,1\n")
    (issue,) = check_identifiers(patients, PROTOCOL)
    assert issue.message == "subjects `1` and `01` differ in leading zeros only"
    assert (issue.row, issue.severity) == (4, Severity.WARNING)


def test_a_repeated_subject_is_left_to_its_own_check(tmp_path):
    patients, _ = read(tmp_path, subjects=SUBJECTS + "2,msc,cord,yes,1\n")
    assert check_identifiers(patients, PROTOCOL) == ()


def test_zeros_inside_and_alone_stay():
    texts = pl.Series(["0", "100", "A0", "1.50", "10.0"])
    assert fold_identifiers(texts).to_list() == ["0", "100", "a0", "1.50", "10"]


def test_ids_that_match_nothing(tmp_path):
    events = "subject,day,event\nP-01,1,relapse\n" + "3,1,relapse\n" * 5
    patients, _ = read(tmp_path, subjects=SUBJECTS + "P-001,msc,cord,yes,1\n", events=events)
    issues = check_subjects_known(patients, PROTOCOL)
    assert [issue.message for issue in issues] == [
        "subject `P-01` is not in subjects",
        "subject `3` is not in subjects",
        "and 4 more rows like this",
    ]
    assert issues[0].hint.startswith("`P-001` is, and differs in leading zeros only")
    assert issues[1].hint == "add the subject, or leave these rows out"


def test_rows_are_not_listed_where_subjects_names_nobody(tmp_path):
    events = "subject,day,event\n1,1,relapse\n"
    patients, issues = read(tmp_path, subjects="Subject,Arm\n1,msc\n", events=events)
    assert "column `subject` is missing" in {issue.message for issue in issues}
    assert check_subjects_known(patients, PROTOCOL) == ()
