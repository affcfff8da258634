"""Where the loop finds things: the table begins at a cache line and has room for every part."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.kernels.solvers.programs import refilled

from stromal.kernels.solvers.lanes.context import (
    CONTEXT,
    LINE,
    PARTS,
    Rows,
    address,
    divide_table,
    find_heights,
    make_patients,
    make_table,
)
from stromal.kernels.solvers.lanes.width import Width
from stromal.kernels.solvers.problem import pose_problem
from stromal.kernels.timeline import Dose, plan_timeline


@pytest.mark.parametrize("width", [Width(64, 8), Width(32, 16), Width(64, 4)])
def test_the_table_begins_at_a_cache_line(width):
    table = make_table(width, 5)
    assert table.shape == (5, width.lanes)
    assert table.ctypes.data % LINE == 0
    assert table.flags.c_contiguous


def test_heights_are_those_of_the_program():
    heights = find_heights(refilled, 1)
    assert list(heights) == list(PARTS)
    assert (heights["states"], heights["stages"], heights["factors"]) == (2, 16, 2)
    assert set(PARTS) <= set(CONTEXT.names or ())


def test_parts_of_the_table_follow_each_other_and_cover_it():
    heights = find_heights(refilled, 1)
    table = make_table(Width(64, 4), sum(heights.values()))
    parts = divide_table(table, heights)
    for mark, (name, rows) in enumerate(parts.items()):
        assert rows.shape == (heights[name], 4)
        rows[:] = mark + 1
    assert set(Rows._fields) <= {*parts, "clock", "sums"}
    np.testing.assert_array_equal(
        table[:, 0], np.repeat(np.arange(len(parts)) + 1, [*heights.values()])
    )


def test_patients_know_their_entries():
    timeline = plan_timeline(
        refilled, 3, doses=[Dose([1.0, 2.0, 3.0], "x", [1.0, 0.0, 1.0], patients=range(3))]
    )
    problem = pose_problem(refilled, np.ones((3, 2)), None, timeline, [0.0, 5.0], 1e-6, 1e-9, 10)
    records = make_patients(problem, slice(1, 3))
    assert records["entry"].tolist() == [1, 1]
    assert records["last_entry"].tolist() == [1, 2]


@pytest.mark.parametrize(
    "array", [np.zeros(3, np.float32), np.zeros(3, np.int64), np.zeros(6)[::2], np.zeros((2, 2)).T]
)
def test_numbers_that_would_be_misread_have_no_address(array):
    with pytest.raises(AssertionError):
        address(array, "f8")
