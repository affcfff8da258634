import math

import pytest

from stromal.estimates.restricted_mean import compare_restricted_means, estimate_restricted_mean
from tests.reference.recorded import enter_late, outcomes_of, read_recorded, transplants

RECORDED = read_recorded("restricted_mean")
QUANTILE = 1.959963984540054


def patients_of(case):
    bmt = transplants()
    outcomes = outcomes_of(bmt["day"], bmt["free"])
    if case == "bmt: groups":
        return [outcomes.filter(bmt["group"] == group) for group in (1, 2, 3)]
    return [enter_late(outcomes) if case == "bmt: late" else outcomes]


@pytest.mark.parametrize(
    ("case", "until"), RECORDED.select("case", "day").unique().sort("case", "day").rows()
)
def test_means_and_their_errors_are_those_of_r(case, until):
    rows = RECORDED.filter(case=case, day=until)
    recorded = dict(zip(rows["quantity"], rows["value"], strict=True))
    for index, patients in enumerate(patients_of(case), start=1):
        found = estimate_restricted_mean(patients, until)
        assert found.value == pytest.approx(recorded[f"mean {index}"], rel=1e-10)
        reach = found.value - found.low
        assert reach == pytest.approx(QUANTILE * recorded[f"error {index}"], rel=1e-8)


def test_a_difference_has_the_errors_of_both_groups():
    rows = RECORDED.filter(case="bmt: groups", day=1000)
    recorded = dict(zip(rows["quantity"], rows["value"], strict=True))
    one, _, other = patients_of("bmt: groups")
    found, p_value = compare_restricted_means(one, other, 1000)
    assert found.value == pytest.approx(recorded["mean 1"] - recorded["mean 3"], rel=1e-10)
    error = math.hypot(recorded["error 1"], recorded["error 3"])
    assert found.high - found.value == pytest.approx(QUANTILE * error, rel=1e-8)
    assert p_value == pytest.approx(math.erfc(found.value / error / math.sqrt(2)), rel=1e-9)
