import polars as pl
import pytest

from stromal.estimates.gray import compare_cumulative_incidence
from stromal.estimates.log_rank import compare_survival
from tests.reference.recorded import outcomes_of, read_data, read_recorded, transplants

RECORDED = read_recorded("gray")


def asked(case):
    bmt, timereg = transplants(), read_data("timereg_bmt")
    outcomes = outcomes_of(bmt["day"], bmt["cause"])

    def in_days(days):
        return outcomes.with_columns((pl.col("day") / days).ceil())

    return {
        "bmt": (outcomes, bmt["group"]),
        "bmt: months": (in_days(30.4375), bmt["group"]),
        "bmt: 100 days": (in_days(100), bmt["group"]),
        "bmt: sex": (outcomes, read_data("KMsurv_bmt")["z3"]),
        "timereg": (outcomes_of(timereg["time"], timereg["cause"]), timereg["platelet"]),
    }[case]


@pytest.mark.parametrize("event", [1, 2])
@pytest.mark.parametrize("case", RECORDED["case"].unique(maintain_order=True))
def test_grays_test_is_that_of_r(case, event):
    found, rows = compare_cumulative_incidence(*asked(case), event), RECORDED.filter(case=case)
    recorded = dict(zip(rows["quantity"], rows["value"], strict=True))
    assert found.statistic == pytest.approx(recorded[f"statistic {event}"], rel=1e-9)
    assert found.p_value == pytest.approx(recorded[f"P {event}"], rel=1e-7)
    assert found.degrees == recorded[f"degrees {event}"]


def test_it_is_no_log_rank_test_in_disguise():
    outcomes, groups = asked("bmt")
    gray, rates = (
        compare_cumulative_incidence(outcomes, groups, 1),
        compare_survival(outcomes, groups, 1),
    )
    assert gray.statistic != pytest.approx(rates.statistic, rel=0.05)


def test_without_competing_events_it_asks_what_the_log_rank_test_asks():
    outcomes, groups = asked("bmt")
    alone = outcomes.with_columns(pl.col("status").replace(2, 0))
    gray, rates = (
        compare_cumulative_incidence(alone, groups, 1),
        compare_survival(alone, groups, 1),
    )
    assert gray.observed == rates.observed
    assert gray.expected == pytest.approx(rates.expected, rel=1e-12)
