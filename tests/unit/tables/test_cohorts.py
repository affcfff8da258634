import polars as pl

from stromal.tables.cohorts import name_apart, resolve_origins, split_cohorts
from stromal.tables.patients import Patients


def _patients(**subjects) -> Patients:
    frame = pl.DataFrame(subjects)
    labs = pl.DataFrame({"subject": frame["subject"], "day": 1.0, "value": range(frame.height)})
    if "replicate" in frame.columns:
        labs = labs.with_columns(frame["replicate"])
    return Patients.of(subjects=frame, labs=labs)


def test_patients_of_one_origin_are_not_copied():
    patients = _patients(subject=["1", "2"])
    assert split_cohorts(patients)["observed"] is patients
    assert name_apart(patients) is patients


def test_no_patients_are_no_cohort():
    assert split_cohorts(Patients.of()) == {}


def test_one_identifier_in_two_origins_needs_the_origin_of_its_records():
    subjects = pl.DataFrame({"subject": ["1", "1"], "origin": ["simulated", "observed"]})
    labs = pl.DataFrame(
        {"subject": ["1", "1"], "origin": ["observed", "simulated"], "value": [4.0, 5.0]}
    )
    cohorts = split_cohorts(Patients.of(subjects=subjects, labs=labs))
    assert list(cohorts) == ["observed", "simulated"]
    assert cohorts["observed"].labs["value"].to_list() == [4.0]
    assert cohorts["simulated"].labs["value"].to_list() == [5.0]


def test_origins_of_records_are_those_of_their_subject():
    patients = _patients(subject=["1", "2"], origin=["simulated", None])
    assert resolve_origins(patients).labs["origin"].to_list() == ["simulated", "observed"]


def test_a_replicate_is_part_of_who_a_patient_is():
    patients = _patients(subject=["1", "1"], origin=["simulated"] * 2, replicate=[1, 2])
    named = name_apart(patients)
    assert named.subjects["subject"].n_unique() == 2
    assert named.labs["subject"].to_list() == named.subjects["subject"].to_list()


def test_real_patients_beside_replicates_keep_their_origin_in_the_name():
    patients = _patients(subject=["1", "1"], origin=["observed", "simulated"], replicate=[None, 1])
    assert name_apart(patients).subjects["subject"].to_list() == [
        "1 (observed)",
        "1 (simulated, replicate 1)",
    ]
