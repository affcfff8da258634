"""Longest runs, episodes, first runs and returns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.kernels.reducers.examples import draw_track, find_runs, look_at, make_track

from stromal.kernels.reducers import (
    EpisodesAbove,
    EpisodesBelow,
    FirstRun,
    LongestAbove,
    LongestBelow,
    Minimum,
    ReturnAbove,
    TimeOfMinimum,
)
from stromal.kernels.track import Track

PHASES = np.array([0.1, 0.7, 2.0])
THIRD = np.pi / 3


def cosine(intervals: int = 3000, end: float = 12.0) -> Track:
    """Return cos(t + phase), which is below 1/2 from pi/3 to 5 pi/3 of every turn."""
    times = np.tile(np.linspace(0.0, end, intervals + 1), (3, 1))
    return Track(times, np.cos(times + PHASES[:, None]), -np.sin(times + PHASES[:, None]))


def test_longest_run_in_closed_form():
    found = LongestBelow("c", 0.5).reduce(cosine())
    # Both runs of the first two are as long, but for the error of the grid.
    turns = (found[:, 1] - THIRD + PHASES) / (6 * THIRD)
    assert turns == pytest.approx(np.round(turns), abs=1e-8)
    assert round(turns[2]) == 1
    assert found[:, 2].tolist() == [0.0, 0.0, 0.0]
    above = LongestAbove("c", 0.5).reduce(cosine())
    assert above[:, 0] == pytest.approx(np.full(3, 2 * THIRD), abs=1e-8)


def test_equal_runs_give_the_first():
    wave = make_track([0, 1, 2, 3, 4], [1, 0, 1, 0, 1])
    assert LongestBelow("x", 0.5).reduce(wave) == pytest.approx(np.array([[1.0, 0.5, 0.0]]))


def test_a_run_that_the_window_cuts_is_censored():
    track = cosine()
    for window, cut in (((None, 3.0), 1.0), ((3.0, None), 0.0), ((2.0, 3.0), 1.0)):
        found = LongestBelow("c", 0.5, window=window).reduce(track)
        assert found[0, 2] == cut
    whole = LongestBelow("c", 0.5, window=(2.0, 3.0)).reduce(track)
    assert whole[0].tolist() == [1.0, 2.0, 1.0]


def test_never_below_is_zero_and_failed_is_missing():
    track = cosine()
    track.values[1, -1] = np.nan
    found = LongestBelow("c", -2.0).reduce(track)
    assert found[0].tolist()[::2] == [0.0, 0.0]
    assert np.isnan(found[0, 1])
    assert np.isnan(found[1]).all()
    assert EpisodesBelow("c", -2.0).reduce(track)[[0, 2]].tolist() == [0.0, 0.0]
    for reducer in (EpisodesBelow("c", 0.5), FirstRun("c", 0.5), ReturnAbove("c", 0.5)):
        assert np.isnan(reducer.reduce(track)[1]).all()


def test_episodes():
    track = cosine()
    assert EpisodesBelow("c", 0.5).reduce(track).tolist() == [2.0, 2.0, 3.0]
    assert EpisodesAbove("c", 0.5).reduce(track).tolist() == [3.0, 3.0, 2.0]
    # the last run below is cut off after 12 + 0.1 - 7.33 and so on
    assert EpisodesBelow("c", 0.5, days=4.0).reduce(track).tolist() == [2.0, 2.0, 1.0]


def test_first_run_that_lasts():
    track = cosine()
    early = FirstRun("c", 0.5, "above").reduce(track)
    assert early[:2, 0].tolist() == [0.0, 0.0]  # above from the start
    assert early[2, 0] == pytest.approx(5 * THIRD - 2.0, abs=1e-8)
    found = FirstRun("c", 0.5, "above", days=2.0).reduce(track)
    assert found[:, 0] == pytest.approx(5 * THIRD - PHASES, abs=1e-8)
    below = FirstRun("c", 0.5, "below", days=4.0).reduce(track)
    assert below[:2, 0] == pytest.approx(THIRD - PHASES[:2], abs=1e-8)
    assert np.isnan(found[:, 1]).all()


def test_a_run_too_short_at_the_end_is_unconfirmed():
    found = FirstRun("c", 0.5, "above", days=2.0, window=(None, 6.0)).reduce(cosine())
    assert np.isnan(found[:2, 0]).all()
    assert found[:2, 1] == pytest.approx(5 * THIRD - PHASES[:2], abs=1e-8)
    never = FirstRun("c", 3.0, "above", days=2.0).reduce(cosine())
    assert np.isnan(never).all()


def test_return_after_the_minimum_in_closed_form():
    found = ReturnAbove("c", 0.5, window=(None, 6.0)).reduce(cosine())
    assert found[:, 0] == pytest.approx(5 * THIRD - PHASES, abs=1e-8)
    assert found[:, 1].tolist() == [1.0, 1.0, 1.0]


def test_what_never_fell_does_not_return():
    dip = make_track([0, 2], [1, 1], [-1, 1])
    assert ReturnAbove("x", 0.25).reduce(dip)[0].tolist()[1] == 0.0
    assert np.isnan(ReturnAbove("x", 0.25).reduce(dip)[0, ::2]).all()
    fallen = make_track([0, 1, 2], [1, 0, 0], [0, 0, 0])
    found = ReturnAbove("x", 0.5).reduce(fallen)[0]
    assert np.isnan(found[0])
    assert found[1] == 1.0


def test_a_return_that_lasts():
    track = make_track([0, 1, 2, 3, 4, 8], [1, 0, 1, 0.2, 1, 1])
    assert ReturnAbove("x", 0.5).reduce(track)[0, 0] == pytest.approx(1.5)
    lasting = ReturnAbove("x", 0.5, days=2.0).reduce(track)[0]
    assert 3.0 < lasting[0] < 4.0
    waiting = ReturnAbove("x", 0.5, days=2.0, window=(None, 4.0)).reduce(track)[0]
    assert np.isnan(waiting[0])
    assert waiting[2] == lasting[0]


@given(seed=st.integers(0, 10_000), threshold=st.floats(-1.2, 1.2), days=st.floats(0.0, 3.0))
def test_they_are_what_brute_force_finds(seed, threshold, days):
    track = draw_track(seed, patients=1)
    fine, values = look_at(track, 0)
    starts, ends = find_runs(fine, values < threshold)
    lengths = ends - starts
    if np.any(np.abs(lengths - days) < 1e-3) or np.any(lengths < 1e-3):
        return  # too near for the fine grid to tell
    up_from, up_to = find_runs(fine, values >= threshold)
    if np.any(up_to - up_from < 1e-3) or np.any(np.abs(up_to - up_from - days) < 1e-3):
        return
    longest = LongestBelow("x", threshold).reduce(track)[0]
    assert longest[0] == pytest.approx(lengths.max(initial=0.0), abs=1e-4)
    assert EpisodesBelow("x", threshold, days).reduce(track)[0] == (lengths >= days).sum()
    first = FirstRun("x", threshold, "above", days).reduce(track)[0, 0]
    long = up_from[up_to - up_from >= days]
    assert first == pytest.approx(long[0] if len(long) else np.nan, abs=1e-4, nan_ok=True)
    later = long[long > fine[values.argmin()]]
    back = later[0] if len(later) and len(starts) else np.nan
    returned = ReturnAbove("x", threshold, days).reduce(track)[0, 0]
    assert returned == pytest.approx(back, abs=1e-4, nan_ok=True)


def test_reducers_agree_among_themselves():
    track = draw_track(11, patients=50)
    back = ReturnAbove("x", 0.1).reduce(track)
    lowest = TimeOfMinimum("x").reduce(track)
    known = ~np.isnan(back[:, 0])
    assert known.any()
    assert (back[known, 0] > lowest[known]).all()
    assert ((Minimum("x").reduce(track) < 0.1) == (back[:, 1] == 1.0)).all()


@pytest.mark.parametrize("patients", [1, 7, 64])
def test_rows_do_not_depend_on_each_other(patients):
    track = draw_track(2, patients=patients)
    for reducer in (
        LongestBelow("x", 0.1),
        EpisodesAbove("x", 0.1),
        FirstRun("x", 0.1, "below", 1.0),
        ReturnAbove("x", 0.1, 0.5),
        TimeOfMinimum("x"),
    ):
        whole = reducer.reduce(track)
        for row in range(patients):
            parts = (track.times, track.values, track.slopes)
            alone = reducer.reduce(Track(*(part[row : row + 1] for part in parts)))
            np.testing.assert_array_equal(alone[0], whole[row])


def test_names():
    assert LongestBelow("ANC", 0.5).columns == (
        "longest_below_0.5(ANC)",
        "longest_below_0.5(ANC)[from]",
        "longest_below_0.5(ANC)[censored]",
    )
    assert FirstRun("ANC", 0.5, "above", 3).name == "first_run_above_0.5_for_3(ANC)"
    assert ReturnAbove("ANC", 0.5).columns[1:] == (
        "return_above_0.5(ANC)[fell]",
        "return_above_0.5(ANC)[unconfirmed]",
    )


@pytest.mark.parametrize(
    ("reducer", "words"),
    [
        (FirstRun("x", 0.5, "over"), "the side of FirstRun is 'over'"),
        (FirstRun("x", 0.5, days=-1.0), "the days of FirstRun are -1.0"),
        (FirstRun("x", 0.5, days=np.nan), "the days of FirstRun are nan"),
        (FirstRun("x", 0.5, days=9.0, window=(0.0, 7.0)), "a window is shorter than 9 days"),
        (ReturnAbove("x", 0.5, 9.0, window=(0.0, 7.0)), "a window is shorter than 9 days"),
        (FirstRun("x", 0.5, window=(7.0, 0.0)), "the window ends before it begins"),
        (LongestBelow("x", np.inf), "the threshold of LongestBelow is inf"),
    ],
)
def test_what_makes_no_sense_says_so(reducer, words):
    issue = reducer.check()[0]
    assert words in issue.message
    assert issue.hint
