"""Code that changes what is simulated is noticed, though no file of numbers changed."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.calibrate.probe import find_probe, list_moved
from stromal.calibrate.stored import read_probe


def test_the_present_code_gives_the_numbers_that_were_kept():
    moved = list_moved(read_probe(), find_probe())
    assert not moved, "run `python -m stromal.calibrate credibility`, then `make pages`"


@pytest.mark.parametrize("value", [None, 0.4])
def test_a_number_that_moved_or_is_gone_is_named(value: float | None):
    then = pl.DataFrame({"id": ["a", "b"], "replicate": [1, 1], "value": [0.5, 1.0]})
    now = then.with_columns(value=pl.Series([value, 1.0]))
    assert list_moved(then, now) == ["a"]


def test_a_number_that_is_new_is_named():
    then = pl.DataFrame({"id": ["a"], "replicate": [1], "value": [0.5]})
    now = pl.DataFrame({"id": ["a", "b"], "replicate": [1, 1], "value": [0.5, 1.0]})
    assert list_moved(then, now) == ["b"]
