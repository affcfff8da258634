import math

import polars as pl
import pytest

from stromal.estimates.proportion_trend import compare_trend_of_proportions
from stromal.estimates.rank_trend import compare_trend_of_numbers
from tests.reference.recorded import read_data, read_recorded

RECORDED = read_recorded("trend")
CASES = RECORDED["case"].unique(maintain_order=True)


def recorded(case):
    rows = RECORDED.filter(case=case)
    return dict(zip(rows["quantity"], rows["value"], strict=True))


def listed(case, name):
    return RECORDED.filter(case=case, quantity=name)["value"].to_list()


@pytest.mark.parametrize("case", [case for case in CASES if case.startswith("shares")])
def test_a_trend_of_shares_is_that_of_r(case):
    both = zip(listed(case, "events"), listed(case, "n"), strict=True)
    counts = [(int(events), int(n)) for events, n in both]
    ours, theirs = compare_trend_of_proportions(counts, listed(case, "score")), recorded(case)
    assert ours.statistic**2 == pytest.approx(theirs["chi_squared"], rel=1e-10)
    assert math.copysign(1, ours.statistic) == math.copysign(1, theirs["value"])
    assert ours.p_value == pytest.approx(theirs["p_value"], rel=1e-9)
    for name in ("value", "low", "high"):
        assert getattr(ours.effect, name) == pytest.approx(theirs[name], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("case", [case for case in CASES if " by " in case])
def test_a_trend_of_numbers_with_ties_is_kendalls_test_of_r(case):
    lung, bmt = read_data("survival_lung"), read_data("KMsurv_bmt")
    values, groups = {
        "weight loss by ECOG": (lung["wt.loss"], lung["ph.ecog"]),
        "meal calories by ECOG": (lung["meal.cal"], lung["ph.ecog"]),
        "age by group": (bmt["z1"], bmt["group"]),
    }[case]
    ours, theirs = compare_trend_of_numbers(values, groups), recorded(case)
    assert ours.statistic == pytest.approx(theirs["statistic"], rel=1e-10)
    assert ours.p_value == pytest.approx(theirs["p_value"], rel=1e-9)
    assert ours.effect.value == pytest.approx(theirs["value"])
    share, low, high = (math.log(end / (1 - end)) for end in
                        (ours.effect.value, ours.effect.low, ours.effect.high))  # fmt: skip
    # Half the width on the logit, in standard errors of the share.
    slope = theirs["value"] * (1 - theirs["value"])
    assert (high - low) / 2 == pytest.approx(1.9599639845400545 * theirs["error"] / slope, rel=1e-9)
    assert (low + high) / 2 == pytest.approx(share)


@pytest.mark.parametrize("case", [case for case in CASES if case.startswith("orders")])
def test_a_small_trend_is_counted_as_all_orders_are(case):
    groups = pl.Series(listed(case, "group")).cast(pl.Int64)
    ours = compare_trend_of_numbers(pl.Series(listed(case, "number")), groups)
    assert ours.method.endswith("exact")
    assert ours.p_value == pytest.approx(recorded(case)["p_value"], rel=1e-10)
