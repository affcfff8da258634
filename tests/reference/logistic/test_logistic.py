import math

import polars as pl
import pytest

from stromal.estimates.logistic import fit_logistic
from tests.reference.recorded import read_data, read_recorded

RECORDED = read_recorded("logistic")


def fitted(case):
    bmt = read_data("KMsurv_bmt").with_columns(pl.col("group").cast(pl.String))
    few = bmt.gather_every(4).with_columns(
        pl.when(pl.col("d2") == 1).then(0).otherwise(pl.col("z10")).alias("never")
    )
    return {
        "bmt: relapse": lambda: fit_logistic(bmt["d2"], bmt.select("z1", "group")),
        "bmt: chronic GVHD": lambda: fit_logistic(bmt["dc"], bmt.select("z1", "z3", "z10")),
        "firth: bmt relapse": lambda: fit_logistic(
            bmt["d2"], bmt.select("z1", "group"), penalty="firth"
        ),
        "firth: separated": lambda: fit_logistic(
            few["d2"], few.select("never", "z1"), penalty="firth"
        ),
    }[case]()


@pytest.mark.parametrize("case", RECORDED["case"].unique(maintain_order=True))
def test_odds_ratios_and_profile_limits_are_those_of_r(case):
    found, rows = fitted(case), RECORDED.filter(case=case)
    recorded = dict(zip(rows["quantity"], rows["value"], strict=True))
    # R reads limits of maximum likelihood off a spline, and its search for Firth's stops earlier.
    close = 1e-4 if case.startswith("firth") else 2e-5
    for index, effect in enumerate(found.effects, start=1):
        exact = 1e-4 if case.startswith("firth") else 1e-9
        assert effect.coefficient == pytest.approx(
            recorded[f"coefficient {index}"], rel=exact, abs=exact / 100
        )
        if f"error {index}" in recorded:
            assert effect.error == pytest.approx(recorded[f"error {index}"], rel=1e-7)
        limits = [math.log(effect.ratio.low), math.log(effect.ratio.high)]
        ends = [recorded[f"low {index}"], recorded[f"high {index}"]]
        assert limits == pytest.approx(ends, rel=close, abs=close / 10)
    if "likelihood ratio" in recorded:
        assert found.tests[0].statistic == pytest.approx(recorded["likelihood ratio"], rel=1e-9)
