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


def test_ages_and_weights(tmp_path):
    rows = "1,msc,cord,yes,1,18,60\n2,msc,cord,yes,1,71,\n3,msc,cord,yes,1,-2,0\n"
    patients, _ = read(tmp_path, subjects=HEADER + rows)
    issues = check_ages(patients, PROTOCOL)
    assert [(i.message, i.row, i.severity) for i in issues] == [
        ("age is -2 years", 4, Severity.ERROR),
        ("age is 71 years, outside 18 to 70 of the population", 3, Severity.WARNING),
        ("weight is 0 kg", 4, Severity.ERROR),
    ]
