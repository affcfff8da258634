import polars as pl
import pytest

from stromal.errors import UnknownCause
from stromal.estimates.cumulative_incidence import estimate_cumulative_incidence, incidence_at

OUTCOMES = pl.DataFrame({"day": [10, 20, 20, 30], "status": [1, 2, 0, 1]})


@pytest.mark.parametrize("cause", [0, 3])
def test_a_cause_that_never_occurs_is_refused(cause):
    with pytest.raises(UnknownCause, match=f"cause {cause} never occurs"):
        estimate_cumulative_incidence(OUTCOMES, cause)


def test_a_possible_cause_that_does_not_occur_has_incidence_0():
    curve = estimate_cumulative_incidence(OUTCOMES, 3, causes=(1, 2, 3))
    assert curve.table["probability"].to_list() == [0, 0, 0, 0]


def test_patients_who_enter_late_are_not_at_risk_before():
    late = pl.DataFrame(
        {
            "day": [5.0, 10.0, 12.0, 20.0],
            "status": [2, 1, 1, 0],
            "entry_day": [None, 5.0, 8.0, 20.0],
        }
    )
    curve = estimate_cumulative_incidence(late, 1)
    # Nobody is left on day 5, so that nobody's relapse can count any more.
    assert curve.table["probability"].to_list() == [0, 0, 0, 0, 0]
    assert curve.table["at_risk"].to_list() == [1, 1, 1, 2, 1]
    assert (curve.n, curve.never_at_risk, curve.estimator) == (3, 1, "Aalen-Johansen")
    assert curve.method.endswith(", at risk from entry")


def test_events_are_those_of_the_cause():
    table = estimate_cumulative_incidence(OUTCOMES, 2).table
    assert table["events"].to_list() == [0, 0, 1, 0]
    assert table["censored"].to_list() == [0, 0, 1, 0]


def test_incidence_by_a_day():
    curve = estimate_cumulative_incidence(OUTCOMES)
    found = incidence_at(curve, 25)
    assert (found.value, found.events, found.n) == (0.25, 1, 4)
    # Everybody who was still there on day 30 had an event, so day 400 is known too.
    assert incidence_at(curve, 400).value == 0.75
