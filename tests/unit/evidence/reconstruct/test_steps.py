"""What every inverted curve keeps: patients, numbers at risk, events in all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stromal.evidence.reconstruct.steps import EVEN, Points, invert_curve


def points_of(days, survival, risk, at_risk, events, places=EVEN):
    days, survival = np.atleast_2d(np.array(days, float)), np.atleast_2d(np.array(survival, float))
    first = np.searchsorted(days[0], risk, side="left")
    return Points(
        days,
        survival,
        np.append(first, days.shape[1]),
        np.append(np.array(risk, float), days[0, -1]),
        np.array(at_risk),
        events,
        places,
    )


def test_without_censoring_every_step_is_found():
    days, happened = invert_curve(points_of([0, 1, 2, 3, 4], [1, 0.75, 0.5, 0.25, 0], [0], [4], 4))
    assert sorted(days[0]) == [1, 2, 3, 4]
    assert happened.all()


def test_several_intervals_find_their_censorings():
    # 10 patients: events on days 1 and 6, one censored on day 3, the others at the end.
    points = points_of([0, 1, 6, 9], [1, 0.9, 0.9 * 7 / 8, 0.9 * 7 / 8], [0, 5], [10, 8], None)
    days, happened = invert_curve(points)
    assert days[0, happened[0]].tolist() == [1, 6]
    assert ((days[0] > 0) & (days[0] < 5) & ~happened[0]).sum() == 1


def test_events_in_all_say_how_many_are_censored_behind_the_last_number():
    days = np.arange(11.0)
    survival = np.concatenate([[1], np.cumprod(1 - 1 / np.arange(20, 10, -1))])
    free, _ = invert_curve(points_of(days, survival, [0], [40], None))
    assert ((free < 10).sum(), free.size) == (18, 40)
    some, happened = invert_curve(points_of(days, survival, [0], [40], 14))
    assert happened.sum() == 14
    assert ((some < 10) & ~happened).sum() > 0


def test_more_events_than_steps_are_not_made_up():
    _, happened = invert_curve(points_of([0, 1, 5], [1, 0.9, 0.9], [0], [10], 6))
    assert happened.sum() == 1


def test_whoever_the_curve_needs_is_not_censored_by_the_rate():
    # 80 of 100 leave censored before day 10; the rate would censor all 20 who are left.
    points = points_of([0, 5, 12, 15], [1, 1, 0.5, 0.5], [0, 10], [100, 20], None)
    left, happened = invert_curve(points)
    assert happened.sum() > 0
    survival = 1 - happened.sum() / (left[0] >= 12).sum()
    assert survival == pytest.approx(0.5, abs=0.05)


@st.composite
def figures(draw):
    """Figures that need not be of any patients: random steps and random numbers at risk."""
    count = draw(st.integers(2, 12))
    days = np.cumsum(draw(st.lists(st.integers(0, 9), min_size=count, max_size=count)))
    falls = draw(st.lists(st.floats(0, 1), min_size=count, max_size=count))
    survival = np.cumprod(falls)
    inner = draw(st.lists(st.integers(1, max(1, int(days[-1]))), max_size=4, unique=True))
    risk = [0, *sorted(day for day in inner if day <= days[-1])]
    at_risk = sorted(
        draw(st.lists(st.integers(0, 60), min_size=len(risk), max_size=len(risk))), reverse=True
    )
    at_risk[0] += 1
    events = draw(st.none() | st.integers(0, at_risk[0]))
    return days.astype(float), survival, risk, at_risk, events


@given(figures(), st.booleans(), st.integers(0, 9))
@settings(max_examples=200, deadline=None)
def test_numbers_at_risk_and_events_hold_for_any_figure(figure, drawn, seed):
    days, survival, risk, at_risk, events = figure
    places = np.random.default_rng(seed).uniform(size=(3, at_risk[0])) if drawn else EVEN
    repeated = 3 if drawn else 1
    points = points_of(
        np.tile(days, (repeated, 1)),
        np.tile(survival, (repeated, 1)),
        risk,
        at_risk,
        events,
        places,
    )
    left, happened = invert_curve(points)
    assert left.shape == happened.shape == (repeated, at_risk[0])
    for row in range(repeated):
        assert [(left[row] >= day).sum() for day in risk] == at_risk
        assert set(left[row, happened[row]]) <= set(days)
        assert (left[row] <= days[-1]).all()
        if events is not None:
            assert happened[row].sum() <= events


@pytest.mark.parametrize("places", [EVEN, "drawn"])
def test_repetitions_do_not_know_each_other(places):
    days, survival = np.arange(6.0), np.array([1, 0.9, 0.7, 0.6, 0.3, 0.2])
    drawn = np.random.default_rng(1).uniform(size=(4, 30))
    four = points_of(
        np.tile(days, (4, 1)), np.tile(survival, (4, 1)), [0, 3], [30, 12], 20,
        EVEN if places is EVEN else drawn,
    )  # fmt: skip
    left, happened = invert_curve(four)
    for row in range(4):
        one = points_of(
            days, survival, [0, 3], [30, 12], 20, EVEN if places is EVEN else drawn[[row]]
        )
        alone, own = invert_curve(one)
        assert (alone[0] == left[row]).all()
        assert (own[0] == happened[row]).all()
