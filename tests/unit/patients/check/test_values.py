import pytest

from stromal.patients.check.values import check_limits, check_values
from tests.unit.patients.folders import PROTOCOL, SUBJECTS, read


def issues_of(tmp_path, row, species=None):
    subjects = SUBJECTS
    if species:
        subjects = f"subject,arm,species,tissue,steroids,crp_mg_l\n1,msc,{species},cord,yes,1\n"
    text = f"subject,day,analyte,value,unit,lower_limit,upper_limit\n1,0,{row}\n"
    patients, _ = read(tmp_path, subjects=subjects, labs=text)
    return [(i.message, i.hint) for i in check_values(patients, PROTOCOL)]


@pytest.mark.parametrize(
    ("row", "message", "looks"),
    [
        (
            "platelets,250000,10^9/L,,",
            "platelets is 250000 10^9/L, outside 0 to 3000 10^9/L",
            "/uL",
        ),
        (
            "platelets,250000,K/uL,,",
            "platelets is 250000 10^3/uL (250000 10^9/L), outside 0",
            "/uL",
        ),
        ("leukocytes,7000,10^9/L,,", "leukocytes is 7000 10^9/L, outside 0 to 1000", "/uL"),
        ("haemoglobin,132,g/dL,,", "haemoglobin is 132 g/dL (1320 g/L), outside 20 to 250", "g/L"),
        ("haemoglobin,8.1,g/L,,", "haemoglobin is 8.1 g/L, outside 20 to 250 g/L", "g/dL"),
    ],
)
def test_a_value_in_the_wrong_unit_is_recognised(tmp_path, row, message, looks):
    ((said, hint),) = issues_of(tmp_path, row)
    assert said.startswith(message)
    assert hint == f"this looks like {looks}; write the unit in the `unit` column"


def test_a_negative_value_is_impossible(tmp_path):
    ((said, hint),) = issues_of(tmp_path, "crp,-1,mg/L,,")
    assert said == "C-reactive protein is -1 mg/L (-0.1 mg/dL), outside 0 to 100 mg/dL"
    assert "negative" in hint


def test_mice_have_their_own_range(tmp_path):
    assert issues_of(tmp_path, "body_weight,22,g,,", "mouse") == []
    assert issues_of(tmp_path, "platelets,3000,10^9/L,,", "mouse") == []
    ((said, _),) = issues_of(tmp_path, "body_weight,22,kg,,", "mouse")
    assert said == "body weight is 22 kg, outside 0.005 to 0.1 kg"


def test_limits_the_wrong_way_round(tmp_path):
    labs = "subject,day,analyte,value,unit,lower_limit,upper_limit\n1,0,leukocytes,5,G/L,10,4\n"
    patients, _ = read(tmp_path, labs=labs)
    (issue,) = check_limits(patients, PROTOCOL)
    assert issue.message == "lower limit 10 is above upper limit 4"
