"""The worst of a period against the same by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.kernels.series.many import way

from stromal.kernels.series.worst import find_worst

__all__ = ["way"]
RECORDS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(-2, 6), st.integers(0, 4), st.integers(0, 4)),
    max_size=14,
)


@pytest.mark.usefixtures("way")
@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(records=RECORDS, first=st.integers(-2, 3), last=st.integers(2, 7))
def test_worst_is_that_of_a_search(records, first, last):
    rows = sorted((s, d, min(a, b), max(a, b)) for s, d, a, b in records)
    found = find_worst(
        np.array([row[0] for row in rows], np.uint32),
        np.array([row[1] for row in rows], float),
        np.array([row[2] for row in rows], np.int8),
        np.array([row[3] for row in rows], np.int8),
        3,
        (first, last),
    )
    for one in range(3):
        own = [
            (at, row) for at, row in enumerate(rows) if row[0] == one and first <= row[1] <= last
        ]
        least = max((row[2] for _, row in own), default=-1)
        most = max((row[3] for _, row in own), default=-1)
        assert (found.least[one], found.most[one]) == (least, most)
        deciding = [at for at, row in own if row[3] == most and (least < most or row[2] == most)]
        assert found.at[one] == (deciding[0] if deciding else -1)
        known = [row[1] for _, row in own if least < most and least > 0 and row[2] == least]
        assert np.array_equal(found.known_day[one], known[0] if known else np.nan, equal_nan=True)
