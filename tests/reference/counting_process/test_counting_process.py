import polars as pl
import pytest

from stromal.estimates.counting_process import split_times
from stromal.estimates.cox import fit_cox
from tests.reference.recorded import read_data, read_recorded

RECORDED = read_recorded("counting_process")
CASES = RECORDED["case"].unique(maintain_order=True).to_list()


def fitted(case):
    bmt = read_data("KMsurv_bmt")
    outcomes = bmt.select(pl.col("t1").cast(float).alias("day"), pl.col("d1").alias("status"))
    if case == "late":
        place = pl.int_range(1, pl.len() + 1)
        entry = pl.when(place % 4 == 0).then((pl.col("t1") / 3).floor())
        outcomes = outcomes.with_columns(bmt.select(entry.alias("entry_day")))
    switches = bmt.select(
        acute=pl.when(pl.col("da") == 1).then(pl.col("ta")).cast(float),
        chronic_on=pl.when(pl.col("dc") == 1).then(pl.col("tc")).cast(float),
    )
    switches = switches if case == "two and age" else switches.select("acute")
    split = split_times(outcomes, switches)
    covariates = split.covariates
    if case != "one":
        covariates = covariates.with_columns(bmt["z1"].gather(split.row))
    return split, fit_cox(split.outcomes, covariates)


@pytest.mark.parametrize("case", CASES)
def test_changing_covariates_are_those_of_r(case):
    split, ours = fitted(case)
    effects = {effect.term.covariate: effect for effect in ours.effects}
    expected = {quantity: value for _, quantity, _, value in RECORDED.filter(case=case).rows()}
    assert split.outcomes.height == expected.pop("intervals")
    assert ours.events == expected.pop("events")
    for quantity, value in expected.items():
        name, _, term = quantity.partition(" ")
        assert getattr(effects[term], name) == pytest.approx(value, rel=1e-7), quantity
