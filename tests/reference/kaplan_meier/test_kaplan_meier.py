import polars as pl
import pytest
from polars.testing import assert_series_equal

from stromal.estimates.kaplan_meier import estimate_survival, median_follow_up, median_time
from tests.reference.recorded import outcomes_of, read_data, read_recorded, transplants

RECORDED = read_recorded("kaplan_meier")
SMALL = {
    "half until an event": ([1, 2, 3, 4], [1, 1, 0, 1]),
    "half to the end": ([1, 2, 3, 4], [1, 1, 0, 0]),
    "half by thirds": ([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 1, 1]),
    "all on one day": ([5, 5, 5], [1, 1, 1]),
    "all censored": ([1, 2, 3], [0, 0, 0]),
    "near ties": ([0.1 + 0.2, 0.3, 0.5, 0.7], [1, 1, 1, 0]),
}


def patients(case):
    if case in SMALL:
        return outcomes_of(*SMALL[case])
    if case.startswith("bmt"):
        rows = transplants()
        rows = rows.filter(group=int(case.split()[1])) if " " in case else rows
        return outcomes_of(rows["day"], rows["free"])
    if case.startswith("lung"):
        lung = read_data("survival_lung")
        return outcomes_of(lung["time"], lung["status"] - 1)
    veteran = read_data("survival_veteran")
    return outcomes_of(veteran["time"], veteran["status"])


def fitted(case):
    level = float(case.split(" at ")[1]) if " at " in case else 0.95
    return estimate_survival(patients(case), level)


@pytest.mark.parametrize("case", RECORDED["case"].unique(maintain_order=True))
def test_curve_is_that_of_r(case):
    curve = fitted(case).table
    for quantity in ("probability", "low", "high", "at_risk", "events"):
        recorded = RECORDED.filter(case=case, quantity=quantity)
        ours = curve.filter(pl.col("day").is_in(recorded["day"].implode()))
        assert ours.height == recorded.height
        assert_series_equal(
            ours[quantity].cast(pl.Float64),
            recorded["value"],
            check_names=False,
            rel_tol=1e-10,
            abs_tol=1e-10,
        )


@pytest.mark.parametrize("case", RECORDED["case"].unique(maintain_order=True))
def test_median_and_its_interval_are_those_of_r(case):
    ours = median_time(fitted(case))
    for quantity, value in (("", ours.value), (" low", ours.low), (" high", ours.high)):
        recorded = RECORDED.filter(case=case, quantity=f"median{quantity}")["value"].item()
        assert value == (None if recorded is None else pytest.approx(recorded, rel=1e-12))


@pytest.mark.parametrize("case", RECORDED["case"].unique(maintain_order=True))
def test_median_follow_up_and_its_interval_are_those_of_r(case):
    level = float(case.split(" at ")[1]) if " at " in case else 0.95
    ours = median_follow_up(patients(case), level)
    for quantity, value in (("", ours.value), (" low", ours.low), (" high", ours.high)):
        recorded = RECORDED.filter(case=case, quantity=f"follow-up{quantity}")["value"].item()
        assert value == (None if recorded is None else pytest.approx(recorded, rel=1e-12))
