from __future__ import annotations

import numpy as np
import pytest
from tests.unit.kernels.series.many import way

from stromal.kernels.series.tally import tally_records

__all__ = ["way"]


@pytest.mark.usefixtures("way")
def test_each_series_is_counted_from_the_day_on():
    series = np.array([0, 0, 0, 2], np.uint32)
    day = np.array([-1.0, 0.0, 4.0, 9.0])
    tally = tally_records(series, day, np.array([True, True, False, False]), 3)
    assert tally.records.tolist() == [2, 0, 1]
    assert tally.clear.tolist() == [1, 0, 0]
    assert np.array_equal(tally.last, [4, np.nan, 9], equal_nan=True)
    assert np.array_equal(tally.last_clear, [0, np.nan, np.nan], equal_nan=True)


def test_another_first_day_counts_from_there():
    series, day = np.zeros(2, np.uint32), np.array([3.0, 5.0])
    assert tally_records(series, day, np.ones(2, bool), 1, from_day=4).records.tolist() == [1]
