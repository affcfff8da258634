"""The run of each series that is picked, against a sort by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.kernels.series.many import way

from stromal.kernels.series.pick import pick_runs

__all__ = ["way"]
RUNS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-3, 3), st.booleans(), st.booleans(), st.booleans()),
    max_size=14,
)


@pytest.mark.usefixtures("way")
@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(runs=RUNS)
def test_the_picked_run_is_the_first_of_a_sort(runs):
    columns = [np.array([run[at] for run in runs]) for at in range(5)]
    series, order = columns[0].astype(np.uint32), columns[1].astype(float)
    truths = [column.astype(bool) for column in columns[2:]]
    picked = pick_runs(series, order, *truths, 5)
    for one in range(5):
        own = [at for at, run in enumerate(runs) if run[0] == one]
        ranked = sorted(own, key=lambda at: (not runs[at][2], runs[at][1], at))
        assert picked.at[one] == (ranked[0] if ranked else -1)
        for place, found in enumerate(picked[1:]):
            assert found[one] == any(runs[at][2 + place] for at in own)
