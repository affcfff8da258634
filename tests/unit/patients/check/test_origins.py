import polars as pl

from stromal.errors import Severity
from stromal.patients.check.check import check_patients
from stromal.patients.check.origins import check_cohorts, check_origins
from stromal.tables.patients import Patients
from tests.unit.patients.folders import PROTOCOL

SUBJECTS = pl.DataFrame(
    {"subject": ["1", "2", "1"], "origin": [None, "observed", "simulated"], "arm": ["msc"] * 3}
)


def labs(*rows):
    return pl.DataFrame(rows, schema=["subject", "origin", "day"], orient="row")


def test_a_folder_of_one_origin_says_nothing():
    assert check_origins(Patients.of(subjects=SUBJECTS.head(2)), PROTOCOL) == ()
    assert check_origins(Patients.of(), PROTOCOL) == ()


def test_several_origins_are_noted():
    (issue,) = check_origins(Patients.of(subjects=SUBJECTS), PROTOCOL)
    assert issue.severity is Severity.NOTE
    assert issue.message == (
        "patients are of 2 origins, 2 observed, 1 simulated; they are analysed apart"
    )


def test_a_record_of_one_of_two_must_say_of_which():
    rows = labs(("1", "simulated", 0.0), ("1", None, 7.0), ("2", None, 7.0))
    patients = Patients.of(subjects=SUBJECTS, labs=rows)
    issue = check_origins(patients, PROTOCOL)[1]
    assert issue.message == "subject 1 is there observed and simulated; this row says neither"
    assert (issue.table, issue.column, issue.severity) == ("labs", "origin", Severity.ERROR)
    assert len(check_origins(patients, PROTOCOL)) == 2
    assert issue in check_patients(patients, PROTOCOL)


def test_records_of_an_origin_that_nobody_has_are_never_counted_as_anothers():
    rows = labs(
        ("1", "simulated", 0.0), ("1", "sim", 7.0), ("2", "observed", 7.0), ("2", None, 8.0)
    )
    issues = check_cohorts(Patients.of(subjects=SUBJECTS.head(2), labs=rows), PROTOCOL)
    assert [(issue.message, issue.column) for issue in issues] == [
        ("no subject is `simulated`", "origin"),
        ("no subject is `sim`", "origin"),
    ]


def test_records_of_a_replicate_that_nobody_has_are_issues():
    events = pl.DataFrame({"subject": ["1", "1"], "replicate": [3, None], "day": [1.0, 2.0]})
    (issue,) = check_cohorts(Patients.of(subjects=SUBJECTS, events=events), PROTOCOL)
    assert (issue.message, issue.column) == ("no subject is of replicate 3", "replicate")


def test_observed_patients_have_no_replicate():
    subjects = SUBJECTS.head(2).with_columns(pl.Series("replicate", [1, None]), origin=None)
    issues = check_cohorts(Patients.of(subjects=subjects), PROTOCOL)
    assert [(issue.message, issue.column) for issue in issues] == [
        ("subject 1 is observed and has a replicate", "replicate")
    ]
