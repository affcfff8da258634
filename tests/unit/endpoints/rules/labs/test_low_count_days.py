from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from stromal.endpoints.rules.labs.low_count_days import (
    LowCountDaysParameters,
    derive_low_count_days,
)
from stromal.tables.labs import LABS
from stromal.tables.patients import Patients


def _row(counts: dict[float, float | str], **given: object) -> dict:
    labs = pl.DataFrame(
        {
            "subject": ["1"] * len(counts),
            "day": [float(day) for day in counts],
            "analyte": ["neutrophils"] * len(counts),
            "value": [None if isinstance(v, str) else float(v) for v in counts.values()],
            "bound": ["below" if isinstance(v, str) else None for v in counts.values()],
            "unit": ["10^9/L"] * len(counts),
        },
        schema_overrides={"value": pl.Float64, "bound": pl.String},
    )
    limits = [float(v[1:]) if isinstance(v, str) else None for v in counts.values()]
    labs = labs.with_columns(value=pl.coalesce("value", pl.Series(limits, dtype=pl.Float64)))
    patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=LABS.conform(labs))
    asked = LowCountDaysParameters.model_validate({"to_day": 10} | given)
    return derive_low_count_days(patients, asked).row(0, named=True)


DAILY = {day: 0.3 if day in (2, 3, 4, 8) else 1.0 for day in range(11)}


def test_days_in_all_and_in_a_row():
    assert (_row(DAILY)["value"], _row(DAILY)["unit"]) == (4, "day")
    assert _row(DAILY, counted="longest")["value"] == 3
    assert _row(DAILY, from_day=3, to_day=7)["value"] == 2


def test_a_count_at_the_cut_is_not_below_it():
    assert _row({0: 0.5, 1: 0.4999, 2: 0.5})["value"] == 1


def test_short_gaps_are_filled_on_a_line_and_long_ones_are_not():
    row = _row({0: 1.0, 4: 0.2, 5: 1.0})
    assert (row["value"], row["lowest"], row["highest"]) == (2, 1, 9 - 5)
    assert row["reason"] == (
        "neutrophils < 0.5 x 10^9/L on 2 days from day 0 to day 10; 3 days without a count"
    )
    assert _row({0: 1.0, 4: 0.2, 5: 1.0}, fill_days=0)["value"] == 1
    assert _row({0: 0.2, 9: 0.2})["value"] == 2


def test_bounds_leave_the_number_open():
    row = _row({0: 1.0, 1: "<0.8", 2: "<0.4"})
    assert (row["value"], row["lowest"], row["highest"]) == (None, 1, 2)
    assert row["reason"] == (
        "bounds leave open whether neutrophils < 0.5 x 10^9/L was on 1 or 2 days "
        "from day 0 to day 10"
    )


def test_nothing_was_counted():
    row = _row({40: 0.1})
    assert (row["value"], row["lowest"], row["highest"]) == (None, None, None)
    assert row["reason"] == "no neutrophils from day 0 to day 10"


@pytest.mark.parametrize(
    "given", [{"analyte": "moonlight"}, {"from_day": 9, "to_day": 3}, {"cut": 0.0}]
)
def test_bad_parameters(given):
    with pytest.raises(ValidationError):
        LowCountDaysParameters.model_validate(given)


@given(st.lists(st.floats(0.01, 3), min_size=11, max_size=11))
def test_counted_every_day_nothing_is_open(values):
    row = _row(dict(enumerate(values)))
    assert row["value"] == row["lowest"] == row["highest"] == sum(v < 0.5 for v in values)
