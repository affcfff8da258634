import polars as pl
import pytest

from stromal.analyses.kind import Setting
from stromal.analyses.states import read_stays
from stromal.tables.patients import Patients
from tests.unit.analyses import example

STATES = {"GVHD": "gvhd", "relapse": "relapse", "death": "mortality"}
FINAL = ("relapse", "death")


def stays(gvhd, relapse, mortality, entry=None, final=FINAL):
    """Stays of one patient, and how many courses end by something that is no state."""
    times = {"gvhd": gvhd, "relapse": relapse, "mortality": mortality}
    rows = [("1", name, *time) for name, time in times.items() if time is not None]
    types = {"subject": pl.String, "endpoint": pl.String, "day": pl.Float64, "status": pl.Int64}
    outcomes = pl.DataFrame(rows, schema=types, orient="row")
    setting = Setting(example.protocol(), Patients.of(), outcomes)
    people = pl.DataFrame({"subject": ["1"], "entry_day": [entry]})
    found = read_stays(setting, people, "well", STATES, final)
    return found.rows.drop("subject").rows(), found.unmatched


def test_states_follow_each_other_to_a_final_one():
    found = stays((30.0, 1), (90.0, 2), (90.0, 1))
    assert found == ([(0.0, 30.0, "well", "GVHD"), (30.0, 90.0, "GVHD", "death")], 0)


def test_a_competing_event_of_gvhd_is_the_state_that_it_is():
    assert stays((50.0, 2), (50.0, 1), (50.0, 2)) == ([(0.0, 50.0, "well", "relapse")], 0)


def test_nothing_is_known_after_the_end_of_any_follow_up():
    assert stays((40.0, 0), (90.0, 2), (90.0, 1)) == ([(0.0, 40.0, "well", None)], 0)
    assert stays((30.0, 1), (70.0, 0), (70.0, 0))[0][-1] == (30.0, 70.0, "GVHD", None)


def test_of_two_events_on_a_day_the_last_counts():
    assert stays((50.0, 1), (50.0, 2), (50.0, 1)) == ([(0.0, 50.0, "well", "death")], 0)


def test_what_came_before_the_entry_is_the_state_of_the_beginning():
    assert stays((30.0, 1), (90.0, 2), (90.0, 1), entry=50.0)[0] == [(50.0, 90.0, "GVHD", "death")]
    assert stays((30.0, 2), (30.0, 2), (30.0, 1), entry=50.0) == ([], 0)


def test_a_competing_event_that_is_no_state_is_counted():
    rows, unmatched = stays((90.0, 2), (90.0, 2), (120.0, 0))
    assert rows == [(0.0, 90.0, "well", None)]
    assert unmatched == 1
    assert stays((40.0, 2), (90.0, 2), (90.0, 1)) == ([(0.0, 40.0, "well", None)], 1)


@pytest.mark.parametrize("gvhd", [None, (None, 1)])
def test_who_has_a_time_that_is_not_known_is_in_no_stay(gvhd):
    assert stays(gvhd, (90.0, 2), (90.0, 1)) == ([], 0)
