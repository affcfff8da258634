"""Numbers out of the range that they can have."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.evidence.check.printed import Printed
from stromal.evidence.check.ranges import check_doses, check_ranges, check_years
from stromal.evidence.library.reader import Library
from stromal.evidence.library.schemas import ARMS, OUTCOMES, STUDIES

ARM = {"study": "A", "arm": "MSC", "subgroup": None, "read_in": "x"}


def _library(year: int = 2010, **arm: str) -> Library:
    return Library(
        STUDIES.conform(pl.DataFrame([{"study": "A", "year": year}])),
        ARMS.conform(pl.DataFrame([ARM | arm])),
        OUTCOMES.conform(pl.DataFrame([ARM | {"row": "E1"}])),
    )


@pytest.mark.parametrize(
    ("dose", "flags"),
    [("3.6e8", 1), ("1e6", 0), ("9e6", 0), ("1e7 to 2e7", 2), ("1.4e6 (0.4e6 to 9e6)", 0)],
)
def test_doses(dose, flags):
    found = check_doses(_library(dose_printed=dose))
    assert [flag.rows for flag in found] == [("E1",)] * flags


@pytest.mark.parametrize(("infusions", "flags"), [("3.7", 1), ("3", 0), ("1-20", 0)])
def test_infusions(infusions, flags):
    assert len(check_doses(_library(infusions_printed=infusions))) == flags


@pytest.mark.parametrize(("year", "flags"), [(2010, 0), (2201, 1), (1899, 1)])
def test_years(year, flags):
    assert len(check_years(_library(year))) == flags


@pytest.mark.parametrize(
    ("value", "flags"), [("4.9", 1), ("13", 1), ("49", 0), ("130", 0), ("1300", 1)]
)
def test_haemoglobin(value, flags):
    row = Printed("E1", "A", outcome="haemoglobin_after", value=value, unit="g/L")
    assert len(check_ranges([row])) == flags


@pytest.mark.parametrize(("day", "flags"), [(28, 0), (3650, 0), (36500, 1), (-400, 1)])
def test_days(day, flags):
    assert len(check_ranges([Printed("E1", "A", day=day)])) == flags
