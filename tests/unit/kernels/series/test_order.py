from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.kernels.series.many import way

from stromal.kernels.series.order import find_order

__all__ = ["way"]


@pytest.mark.usefixtures("way")
@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(st.tuples(st.integers(0, 3), st.floats(-5, 20)), max_size=20))
def test_order_sorts_and_keeps_ties_in_place(rows):
    series = np.array([row[0] for row in rows], np.uint32)
    day = np.array([row[1] for row in rows])
    order = find_order(series, day, 4)
    expected = sorted(range(len(rows)), key=lambda at: (rows[at][0], np.floor(rows[at][1])))
    assert (list(range(len(rows))) if order is None else order.tolist()) == expected
    assert (order is None) == (expected == list(range(len(rows))))
