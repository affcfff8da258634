import numpy as np
import polars as pl
import pytest
from polars.testing import assert_series_equal

from stromal.estimates.cumulative_incidence import estimate_cumulative_incidence, incidence_at
from stromal.estimates.intervals import estimate_loglog_interval
from tests.reference.recorded import outcomes_of, read_data, read_recorded, transplants

RECORDED = read_recorded("cumulative_incidence")
CURVES = [
    (case, int(quantity.split()[1]))
    for case, quantity in RECORDED.select("case", "quantity").unique(maintain_order=True).rows()
    if quantity.endswith(" probability")
]


def patients(case):
    if case == "three causes":
        return outcomes_of([1, 1, 2, 3, 3, 3, 4, 5, 6, 6], [1, 2, 0, 1, 1, 2, 3, 1, 2, 1])
    if case == "timereg":
        timereg = read_data("timereg_bmt")
        return outcomes_of(timereg["time"], timereg["cause"])
    bmt = transplants()
    if case == "bmt in quarters":
        return outcomes_of(np.ceil(bmt["day"].to_numpy() / 91.3125), bmt["cause"])
    rows = bmt.filter(group=int(case.split()[1])) if " " in case else bmt
    return outcomes_of(rows["day"], rows["cause"])


@pytest.mark.parametrize(("case", "cause"), CURVES)
def test_curve_and_limits_are_those_of_r(case, cause):
    curve = estimate_cumulative_incidence(patients(case), cause).table
    witnesses = {
        "probability": "probability",
        "probability of survfit": "probability",
        "low": "low",
        "high": "high",
    }
    for quantity, column in witnesses.items():
        recorded = RECORDED.filter(case=case, quantity=f"cause {cause} {quantity}")
        ours = curve.filter(pl.col("day").is_in(recorded["day"].implode()))
        assert ours.height == recorded.height
        assert_series_equal(
            ours[column], recorded["value"], check_names=False, rel_tol=1e-10, abs_tol=1e-10
        )


@pytest.mark.parametrize(("case", "cause"), CURVES)
def test_variance_is_that_of_r(case, cause):
    """The lower limit is turned back into the variance that it was made from."""
    curve = estimate_cumulative_incidence(patients(case), cause).table
    recorded = RECORDED.filter(case=case, quantity=f"cause {cause} variance")
    ours = curve.filter(pl.col("day").is_in(recorded["day"].implode())).with_columns(
        recorded["value"].alias("variance")
    )
    ours = ours.drop_nulls("low")
    probability = ours["probability"].to_numpy()
    unit, _ = estimate_loglog_interval(probability, np.ones(ours.height))
    ratio = (np.log(-np.log(ours["low"].to_numpy())) - np.log(-np.log(probability))) / (
        np.log(-np.log(unit)) - np.log(-np.log(probability))
    )
    assert (ratio * probability) ** 2 == pytest.approx(ours["variance"].to_numpy(), abs=1e-10)


def test_relapse_and_transplant_related_mortality_in_the_first_year():
    found = [
        incidence_at(estimate_cumulative_incidence(patients("bmt"), cause), 365).value
        for cause in (1, 2)
    ]
    assert [round(value, 6) for value in found] == [0.212165, 0.204785]
