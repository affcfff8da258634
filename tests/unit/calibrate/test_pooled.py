"""The other studies foretell a study; its own patients never do."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.calibrate.comparisons import read_comparisons
from stromal.calibrate.pooled import draw_new_study, find_others, forecast_pooled

ALL = read_comparisons()
KNOWN = {each.id: each for each in ALL}


def test_no_patients_foretell_themselves():
    for each in ALL:
        assert all(other.shares != each.shares for other in find_others(each, ALL))


def test_too_few_others_foretell_nothing():
    assert forecast_pooled(KNOWN["B1.1a"], ALL) is None


def test_shares_are_of_whole_patients():
    drawn = forecast_pooled(KNOWN["B4.9a"], ALL)
    assert drawn is not None
    counts = drawn * 47
    assert np.allclose(counts, counts.round())


def test_studies_that_agree_leave_the_sampling_of_the_new_one():
    drawn = draw_new_study([500, 500, 500, 500], [1000] * 4, 100, 1)
    assert drawn.mean() == pytest.approx(0.5, abs=0.01)
    assert drawn.std() == pytest.approx(0.05, abs=0.01)


def test_studies_that_differ_make_it_wide():
    apart = draw_new_study([200, 800, 500, 400], [1000] * 4, 100, 1)
    assert apart.std() > 0.15
