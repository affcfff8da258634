"""Values on days, changes from a baseline, and runs of visits."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.kernels.reducers.examples import draw_track

from stromal.kernels.reducers import AtVisits, Change, FirstRunAtVisits, ValueAt
from stromal.kernels.track import Track

DAYS = np.arange(7.0)


def daily(*rows) -> Track:
    """Return values of patients on days 0 to 6."""
    values = np.array(rows, np.float64)
    return Track(np.tile(DAYS, (len(values), 1)), values, np.zeros_like(values))


def test_values_at_visits_of_each_patient():
    track = daily(range(7), range(10, 17), range(20, 27))
    visits = AtVisits("x", {"first": 1.0, "last": [6.0, np.nan, 2.0]})
    found = visits.reduce(track)
    assert found[:, 0].tolist() == [1.0, 11.0, 21.0]
    assert found[[0, 2], 1].tolist() == [6.0, 22.0]
    assert np.isnan(found[1, 1])
    assert visits.points == (1.0,)
    assert visits.patients() == {3}
    assert np.isnan(visits.own_points()[0]).tolist() == [False, True, False]


def test_one_visit_is_one_number():
    assert AtVisits("x", {"last": 6.0}).reduce(daily(range(7))).tolist() == [6.0]
    assert ValueAt("x", (6.0,)).reduce(daily(range(7))).tolist() == [6.0]


def test_change_from_a_baseline():
    track = daily(range(7), [4, 0, 0, 0, 0, 0, 2], [0, 0, 0, 0, 0, 0, 2])
    assert Change("x", 6.0, 0.0).reduce(track).tolist() == [6.0, -2.0, 2.0]
    relative = Change("x", 6.0, 0.0, relative=True).reduce(track)
    assert relative[1] == -0.5
    assert np.isnan(relative[[0, 2]]).all()  # nothing is relative to zero
    own = Change("x", [1.0, 2.0, np.nan], 0.0).reduce(track)
    assert own[:2].tolist() == [1.0, -4.0]
    assert np.isnan(own[2])


def test_relative_change_of_a_negative_baseline_keeps_its_sign():
    assert Change("x", 6.0, 0.0, relative=True).reduce(daily([-4, 0, 0, 0, 0, 0, -2])) == [0.5]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize("side", ["above", "below"])
def test_first_of_successive_visits_against_plain_python(side, count):
    rng = np.random.default_rng(count)
    values = rng.uniform(0.0, 1.0, (200, 7)) > 0.3
    found = FirstRunAtVisits("x", 0.5, side, visits=DAYS, count=count).reduce(daily(*values))
    for row, (first, unconfirmed) in zip(values, found, strict=True):
        on = [bool(value) == (side == "above") for value in row]
        starts = [i for i in range(8 - count) if all(on[i : i + count])]
        assert np.array_equal(first, float(starts[0]) if starts else np.nan, equal_nan=True)
        open_run = next((i for i in range(7) if all(on[i:])), np.nan)
        expected = np.nan if starts else open_run
        assert np.array_equal(unconfirmed, expected, equal_nan=True)


def test_visits_of_each_patient():
    rows = [[0.0, 2.0, 4.0, 6.0], [1.0, 2.0, np.nan, np.nan]]
    track = daily([0, 0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1, 1])
    found = FirstRunAtVisits("x", 0.5, visits=rows, count=2).reduce(track)
    assert found[0, 0] == 4.0
    assert np.isnan(found[1, 0])
    assert found[1, 1] == 2.0


def test_what_is_known_before_a_failure_stays():
    missing = [0, 1, 1, np.nan, np.nan, np.nan, np.nan]
    found = FirstRunAtVisits("x", 0.5, visits=DAYS, count=2).reduce(daily(missing))
    assert found[0, 0] == 1.0
    found = FirstRunAtVisits("x", 0.5, visits=DAYS, count=3).reduce(daily(missing))
    assert np.isnan(found[0, 0])
    assert found[0, 1] == 1.0


def test_visits_alone_do_not_see_what_lies_between():
    track = draw_track(4)
    reducer = FirstRunAtVisits("x", 0.5, visits=(0.0, 10.0), count=1)
    assert not reducer.whole_grid
    assert reducer.points == (0.0, 10.0)
    ends = track.values[:, [0, -1]] >= 0.5
    assert np.array_equal(~np.isnan(reducer.reduce(track)[:, 0]), ends.any(axis=1))


def test_names():
    visits = AtVisits("ANC", {"day 28": 28, "end": [1.0, 2.0]}, label="count")
    assert visits.columns == ("count[day 28]", "count[end]")
    assert Change("PLT", 28.0, 0.0).name == "change_0_to_28(PLT)"
    assert Change("PLT", [28.0], 0.0, relative=True).name == "relative_change_0_to_own(PLT)"
    name = FirstRunAtVisits("ANC", 0.5, visits=range(9), count=3).name
    assert name == "first_of_3_visits_above_0.5(ANC)"


@pytest.mark.parametrize(
    ("reducer", "words"),
    [
        (AtVisits("x", [1.0]), "the visits of AtVisits are [1.0]"),
        (AtVisits("x", {}), "do not make columns of their own"),
        (AtVisits("x", {"a": np.inf}), "a day of AtVisits is inf"),
        (AtVisits("x", {3: 1.0}), "a visit of AtVisits is named 3"),
        (Change("x", "28", 0.0), "a day of Change is '28'"),
        (Change("x", 1.0, np.nan), "a day of Change is nan"),
        (Change("x", 1.0, 0.0, relative=1), "`relative` of Change is 1"),
        (FirstRunAtVisits("x", 0.5, visits="x"), "the visits of FirstRunAtVisits are 'x'"),
        (FirstRunAtVisits("x", 0.5, visits={"a": 1.0}), "the visits of FirstRunAtVisits are"),
        (FirstRunAtVisits("x", 0.5, visits=(2.0, 1.0)), "are out of order"),
        (FirstRunAtVisits("x", 0.5, visits=[[np.nan, 1.0]]), "are out of order"),
        (FirstRunAtVisits("x", 0.5, visits=(1.0,), count=0), "the count of FirstRunAtVisits is 0"),
        (FirstRunAtVisits("x", 0.5, visits=(1.0,), count=2), "1 visits, of which 2"),
    ],
)
def test_what_makes_no_sense_says_so(reducer, words):
    issue = reducer.check()[0]
    assert words in issue.message
    assert issue.hint
