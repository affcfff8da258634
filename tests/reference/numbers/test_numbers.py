import numpy as np
import polars as pl
import pytest

from stromal.estimates.means import compare_means
from stromal.estimates.normality import check_normality
from stromal.estimates.numbers import compare_numbers
from stromal.estimates.ranks import compare_ranks
from tests.reference.recorded import read_data, read_recorded

RECORDED = read_recorded("numbers")


def recorded(case):
    rows = RECORDED.filter(case=case)
    return dict(zip(rows["quantity"], rows["value"], strict=True))


def told(case):
    """Numbers and groups of a case."""
    veteran, lung = read_data("survival_veteran"), read_data("survival_lung")
    bmt = read_data("KMsurv_bmt")
    mild = lung.filter(pl.col("ph.ecog") != 3)
    return {
        "veteran age by treatment": (veteran["age"], veteran["trt"]),
        "veteran log time by treatment": (veteran["time"].log(), veteran["trt"]),
        "veteran age by celltype": (veteran["age"], veteran["celltype"]),
        "lung weight loss by sex": (lung["wt.loss"], lung["sex"]),
        "lung age by ECOG": (mild["age"], mild["ph.ecog"]),
        "bmt age by group": (bmt["z1"], bmt["group"]),
    }[case]


BIG = [case for case in RECORDED["case"].unique(maintain_order=True) if " by " in case]
SMALL = [case for case in RECORDED["case"].unique(maintain_order=True) if " by " not in case]


@pytest.mark.parametrize("case", BIG)
def test_normality_is_that_of_r(case):
    ours, theirs = check_normality(*told(case)), recorded(case)
    for index, (statistic, p) in enumerate(zip(ours.statistics, ours.p_values, strict=True), 1):
        assert statistic == pytest.approx(theirs[f"W {index}"], abs=1e-6)
        assert p == pytest.approx(theirs[f"W P {index}"], rel=1e-4)


@pytest.mark.parametrize("case", BIG)
@pytest.mark.parametrize("variances", ["equal", "unequal"])
def test_means_are_those_of_r(case, variances):
    ours, theirs = compare_means(*told(case), variances=variances), recorded(case)
    assert ours.statistic == pytest.approx(theirs[f"{variances} statistic"], rel=1e-9)
    assert ours.degrees == pytest.approx(theirs[f"{variances} degrees"], rel=1e-9)
    assert ours.p_value == pytest.approx(theirs[f"{variances} p_value"], rel=1e-8)
    if len(ours.groups) > 2:
        rest = theirs[f"{variances} rest_degrees"]
        assert ours.rest_degrees == pytest.approx(rest, rel=1e-9)
    for place, difference in enumerate(ours.differences, start=2):
        at = "" if len(ours.groups) == 2 else f" {place}"
        if f"{variances} value{at}" in theirs:
            for name in ("value", "low", "high"):
                expected = theirs[f"{variances} {name}{at}"]
                assert getattr(difference.estimate, name) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("case", BIG)
def test_ranks_are_those_of_r(case):
    ours, theirs = compare_ranks(*told(case)), recorded(case)
    assert ours.statistic == pytest.approx(theirs["ranks statistic"], rel=1e-10)
    assert ours.p_value == pytest.approx(theirs["ranks p_value"], rel=1e-9)
    if len(ours.groups) == 2:
        assert ours.differences[0].estimate.value == pytest.approx(theirs["ranks value"])
    else:
        assert ours.degrees == theirs["ranks degrees"]


@pytest.mark.parametrize("case", SMALL)
def test_small_groups_are_counted_as_r_counts(case):
    rows = RECORDED.filter(case=case)
    one, other = (rows.filter(quantity=name)["value"].to_list() for name in ("one", "other"))
    groups = pl.Series(["b"] * len(one) + ["a"] * len(other))
    ours, theirs = compare_ranks(pl.Series(one + other), groups), recorded(case)
    assert ours.statistic == pytest.approx(theirs["statistic"])
    assert ours.p_value == pytest.approx(theirs["p_value"], rel=1e-10)
    assert ours.differences[0].estimate.value == pytest.approx(theirs["value"], abs=1e-12)
    if "low" in theirs:
        for name in ("low", "high"):
            expected = theirs[name]
            assert getattr(ours.differences[0].estimate, name) == pytest.approx(expected, abs=1e-9)
        # R rounds what is left of the level to two digits.
        level = ours.differences[0].estimate.level
        assert 1 - level == pytest.approx(1 - theirs["level"], rel=0.05)


def test_the_gate_takes_what_the_tests_say():
    assert compare_numbers(*told("veteran log time by treatment")).method == (
        "Mann-Whitney test, normal approximation with continuity correction"
    )
    random = np.random.default_rng(3)
    values = pl.Series(random.normal(size=60))
    found = compare_numbers(values, pl.Series(list("abc") * 20))
    assert found.method == "Welch's analysis of variance"
    assert found.choice.startswith("means, because the Shapiro-Wilk test speaks against")
