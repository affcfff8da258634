from dataclasses import replace

import polars as pl

from stromal.errors import Severity
from stromal.patients.check.arms import check_ages, check_arms
from tests.unit.patients.folders import PROTOCOL, read

HEADER = "subject,arm,tissue,steroids,crp_mg_l,age_years,weight_kg\n"


def test_an_unknown_arm_is_an_error_and_an_empty_one_a_warning(tmp_path):
    patients, _ = read(tmp_path, subjects=HEADER + "1,msk,cord,yes,1,30,60\n")
    issues = check_arms(patients, PROTOCOL)
    assert [(i.message, i.severity) for i in issues] == [
        ("arm `msk` is not in the protocol", Severity.ERROR),
        ("no patient is in arm `msc`", Severity.WARNING),
        ("no patient is in arm `control`", Severity.WARNING),
    ]
    assert issues[0].hint == "the arms are msc, control"


def test_an_arm_of_virtual_patients_is_empty_without_a_word_and_takes_no_other(tmp_path):
    control = PROTOCOL.arms["control"].model_copy(update={"simulated_only": True})
    protocol = PROTOCOL.model_copy(update={"arms": PROTOCOL.arms | {"control": control}})
    patients, _ = read(tmp_path, subjects=HEADER + "1,msc,cord,yes,1,30,60\n")
    assert check_arms(patients, protocol) == ()
    more = HEADER + "1,msc,cord,yes,1,30,60\n2,control,cord,yes,1,30,60\n"
    (tmp_path / "more").mkdir()
    patients, _ = read(tmp_path / "more", subjects=more)
    assert [(i.message, i.row) for i in check_arms(patients, protocol)] == [
        ("arm `control` is of virtual patients alone, and this one is none", 3)
    ]


def test_an_arm_of_virtual_patients_takes_all_who_are_not_real(tmp_path):
    control = PROTOCOL.arms["control"].model_copy(update={"simulated_only": True})
    protocol = PROTOCOL.model_copy(update={"arms": PROTOCOL.arms | {"control": control}})
    patients, _ = read(tmp_path, subjects=HEADER + "1,control,cord,yes,1,30,60\n")
    told = {}
    for origin in ("observed", "reconstructed", "simulated", "synthetic", None):
        subjects = patients.subjects.with_columns(origin=pl.lit(origin, pl.String))
        issues = check_arms(replace(patients, subjects=subjects), protocol)
        told[origin] = [issue for issue in issues if "is of virtual patients" in issue.message]
    assert [origin for origin, issues in told.items() if issues] == [
        "observed",
        "reconstructed",
        None,
    ]


def test_ages_and_weights(tmp_path):
    rows = "1,msc,cord,yes,1,18,60\n2,msc,cord,yes,1,71,\n3,msc,cord,yes,1,-2,0\n"
    patients, _ = read(tmp_path, subjects=HEADER + rows)
    issues = check_ages(patients, PROTOCOL)
    assert [(i.message, i.row, i.severity) for i in issues] == [
        ("age is -2 years", 4, Severity.ERROR),
        ("age is 71 years, outside 18 to 70 of the population", 3, Severity.WARNING),
        ("weight is 0 kg", 4, Severity.ERROR),
    ]


def test_codes_for_missing_are_named_in_the_hint(tmp_path):
    rows = "1,msc,cord,yes,1,999,-9\n2,msc,cord,yes,1,150,500\n"
    patients, _ = read(tmp_path, subjects=HEADER + rows)
    hints = {issue.message: issue.hint for issue in check_ages(patients, PROTOCOL)}
    assert hints["age is 999 years"].startswith("999 may be a code for missing")
    assert hints["weight is -9 kg"].startswith("-9 may be a code for missing")
    assert hints["age is 150 years"] == "write the age on day 0 in years"
    assert hints["weight is 500 kg"] == "write body weight in kg"


def test_a_mouse_has_a_weight_of_its_own(tmp_path):
    header = HEADER.replace("weight_kg", "weight_kg,species")
    rows = "1,msc,cord,yes,1,,0.025,mouse\n2,msc,cord,yes,1,,25,mouse\n3,msc,cord,yes,1,,0.025,\n"
    patients, _ = read(tmp_path, subjects=header + rows)
    assert [issue.row for issue in check_ages(patients, PROTOCOL)] == [3, 4]
