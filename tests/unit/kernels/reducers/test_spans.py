"""Spans against a brute search on a fine grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.kernels.reducers.examples import draw_track, find_runs, look_at, make_track

from stromal.kernels.reducers.spans import find_spans


@given(seed=st.integers(0, 10_000), threshold=st.floats(-1.5, 1.5))
@pytest.mark.parametrize("side", ["below", "above"])
def test_they_are_where_brute_force_finds_them(side, seed, threshold):
    track = draw_track(seed, patients=1)
    fine, values = look_at(track, 0)
    spans = find_spans(track, threshold, side)
    long = spans.lengths > 1e-3  # shorter ones fall between points of the fine grid
    starts, ends = find_runs(fine, (values < threshold) == (side == "below"))
    kept = ends - starts > 1e-3
    if long.sum() == kept.sum():
        assert spans.starts[long] == pytest.approx(starts[kept], abs=1e-4)
        assert spans.ends[long] == pytest.approx(ends[kept], abs=1e-4)
    else:  # one whose length is the limit itself, or a gap that the fine grid does not see
        assert abs(long.sum() - kept.sum()) <= 1
        assert spans.lengths.sum() == pytest.approx((ends - starts).sum(), abs=5e-3)


@given(seed=st.integers(0, 10_000), threshold=st.floats(-1.5, 1.5))
def test_both_sides_together_are_the_whole_window(seed, threshold):
    track = draw_track(seed, patients=3)
    below, above = (find_spans(track, threshold, side) for side in ("below", "above"))
    total = np.bincount(below.rows, below.lengths, 3) + np.bincount(above.rows, above.lengths, 3)
    assert total == pytest.approx(np.full(3, 10.0))
    for spans in (below, above):
        assert (spans.lengths >= 0.0).all()
        same = spans.rows[1:] == spans.rows[:-1]
        assert (spans.starts[1:][same] >= spans.ends[:-1][same]).all()
    cuts = [
        np.concatenate([s.rows[getattr(s, end)] for s in (below, above)])
        for end in ("cut_at_start", "cut_at_end")
    ]
    assert [sorted(cut.tolist()) for cut in cuts] == [[0, 1, 2], [0, 1, 2]]


def test_grid_points_at_the_threshold_itself():
    wave = make_track([0, 1, 2, 3, 4], [0, 1, 0, 1, 0])
    touching = find_spans(wave, 1.0, "above")
    assert touching.starts == pytest.approx([1.0, 3.0])
    assert touching.lengths == pytest.approx([0.0, 0.0], abs=1e-7)
    assert find_spans(wave, 0.0, "below").rows.size == 0
    assert find_spans(wave, 0.0, "above").lengths.tolist() == [4.0]


def test_jumps_begin_and_end_spans():
    first, second = np.nextafter([2.0, 5.0], 0.0)
    track = make_track([0, first, 2, second, 5, 9], [3, 3, 0, 0, 3, 3])
    spans = find_spans(track, 1.0, "below")
    assert (spans.starts.tolist(), spans.ends.tolist()) == ([2.0], [5.0])
    assert not spans.cut_at_start.any()
    assert not spans.cut_at_end.any()
