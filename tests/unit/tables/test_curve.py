import dataclasses

import polars as pl
import pytest

from stromal.tables.curve import Curve


def test_a_curve_is_frozen_and_for_all_patients_unless_it_says_otherwise():
    curve = Curve(pl.DataFrame({"day": [0.0]}), method="Kaplan-Meier", level=0.95, n=3)
    assert (curve.group, curve.label) == (None, "")
    with pytest.raises(dataclasses.FrozenInstanceError):
        curve.n = 4  # type: ignore[misc]
