import numpy as np
import pytest

from stromal.models.ports import EventPort
from stromal.simulate.happen import find_event_days
from stromal.simulate.streams import Streams

TIMES = np.arange(0.0, 101.0, 10.0)
STREAMS = Streams(1, np.arange(20_000))


def test_a_constant_hazard_gives_exponential_times():
    outputs = {"h": np.full((20_000, len(TIMES)), 0.02)}
    days = find_event_days("death", EventPort(hazard="h"), TIMES, outputs, STREAMS)
    dead = np.isfinite(days)
    assert dead.mean() == pytest.approx(1 - np.exp(-2), abs=0.01)
    assert (days[dead] < 50).mean() * dead.mean() == pytest.approx(1 - np.exp(-1), abs=0.01)


def test_a_cumulative_hazard_gives_the_same_days_as_the_hazard_it_sums():
    rate = np.full((20_000, len(TIMES)), 0.02)
    given = find_event_days("death", EventPort(hazard="h"), TIMES, {"h": rate}, STREAMS)
    total = np.broadcast_to(5 + 0.02 * TIMES, rate.shape)
    port = EventPort(hazard="H", cumulative=True)
    found = find_event_days("death", port, TIMES, {"H": total}, STREAMS)
    assert np.allclose(given, found, equal_nan=True)


@pytest.mark.parametrize(("direction", "days"), [("above", [25, np.nan]), ("below", [0, 0])])
def test_a_threshold_is_passed_between_two_days(direction, days):
    course = np.array([TIMES, np.full(len(TIMES), 1.0)])
    port = EventPort(output="x", threshold=25.0, direction=direction)
    found = find_event_days("relapse", port, TIMES, {"x": course}, Streams(1, np.arange(2)))
    assert np.allclose(found, days, equal_nan=True)


def test_two_events_of_one_patient_have_draws_of_their_own():
    outputs = {"h": np.full((20_000, len(TIMES)), 0.02)}
    first = find_event_days("death", EventPort(hazard="h"), TIMES, outputs, STREAMS)
    second = find_event_days("relapse", EventPort(hazard="h"), TIMES, outputs, STREAMS)
    assert not np.array_equal(first, second, equal_nan=True)
