import pytest

from stromal.patients.check.baselines import check_baselines
from tests.unit.patients.folders import PROTOCOL, read

HEADER = "subject,day,scale,item,value\n"


@pytest.mark.parametrize(
    ("days", "itself"), [([3], True), ([0, 7], False), ([0], True), ([8], False), ([-3, 9], False)]
)
def test_a_baseline_is_another_day_than_the_visit(tmp_path, days, itself):
    rows = "".join(f"1,{day},acute_gvhd_stage,skin,1\n" for day in days)
    patients, _ = read(tmp_path, assessments=HEADER + rows)
    issues = check_baselines(patients, PROTOCOL)
    assert bool(issues) is itself
    if itself:
        assert (
            "with itself: it is both `start` and `day_7` for acute_gvhd_stage" in issues[0].message
        )
        assert issues[0].row == 2
