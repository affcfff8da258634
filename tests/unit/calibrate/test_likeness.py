"""Data of a fit: role C alone, on scales that are near to normal."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from stromal.calibrate.comparisons import read_comparisons
from stromal.calibrate.likeness import list_data, scale_observed, scale_scores
from stromal.models.library.targets import read_targets

KNOWN = {each.id: each for each in read_comparisons()}


def test_nothing_that_fits_may_read_other_roles():
    with pytest.raises(ValueError, match=r"no fit may read: B1\.6"):
        list_data(read_comparisons())
    held = set(read_targets("physiology", ["V", "H"])["id"])
    assert not held & {each.id for each in list_data(read_comparisons(("C",)))}


def test_directions_are_not_fitted():
    assert "B2.1" not in {each.id for each in list_data(read_comparisons(("C",)))}


def test_shares_are_logits_and_days_logarithms():
    assert scale_observed(KNOWN["B1.3b"], 26) == pytest.approx(np.log(17.5 / 9.5), abs=1e-3)
    assert scale_observed(KNOWN["B3.1a"], 50) == pytest.approx(np.log(22.5))


def test_a_replicate_that_says_nothing_is_missing():
    scores = pl.DataFrame({"id": ["B3.1a"], "replicate": [2], "value": [20.0], "n": [40]})
    found = scale_scores(scores, [KNOWN["B3.1a"]], 2)
    assert np.isnan(found[0, 0])
    assert found[1, 0] == pytest.approx(np.log(20.5))


def test_no_days_at_all_have_a_place_on_the_scale():
    scores = pl.DataFrame({"id": ["B1.17b"], "replicate": [1], "value": [0.0], "n": [258]})
    assert scale_scores(scores, [KNOWN["B1.17b"]], 1)[0, 0] == pytest.approx(np.log(0.5))
