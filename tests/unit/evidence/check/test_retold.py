"""One number told twice."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.evidence.check.printed import Printed
from stromal.evidence.check.retold import check_arms_retold, check_retold
from stromal.evidence.library.reader import Library
from stromal.evidence.library.schemas import ARMS, OUTCOMES, STUDIES


@pytest.mark.parametrize(
    ("one", "two", "flagged"),
    [
        ({"value": "61"}, {"value": "61.33"}, False),
        ({"value": "63"}, {"value": "63.8"}, True),
        ({"value": "76"}, {"value": "75.75"}, False),
        ({"events": 46, "total": 75}, {"value": "61"}, False),
        ({"events": 35, "total": 75}, {"value": "57.3"}, True),
        ({"value": "50", "day": 28}, {"value": "70", "day": 100}, False),
        ({"value": "50", "day": 28}, {"value": "70"}, True),
        ({"value": "27", "n": 309}, {"value": "27", "n": 381}, True),
        ({"value": "50"}, {"value": "70", "subgroup": "adults"}, False),
        ({"value": "50"}, {"value": "70", "scale": "survival"}, False),
    ],
)
def test_pairs(one, two, flagged):
    rows = [Printed("E1", "A", **one), Printed("E2", "A", **two)]
    assert bool(check_retold(rows)) is flagged


@pytest.mark.parametrize(
    ("other", "flags"),
    [({}, 0), ({"n": 37}, 1), ({"infusions_low": 1, "infusions_high": 5}, 1), ({"n": None}, 0)],
)
def test_arms(other, flags):
    arm = {"study": "A", "arm": "MSC", "subgroup": None, "n": 35}
    arm |= {"infusions_low": 2, "infusions_high": 2}
    arms = pl.DataFrame([arm | {"read_in": "x"}, arm | {"read_in": "y"} | other])
    outcomes = pl.DataFrame([{"row": "E1", "study": "A", "arm": "MSC"}])
    library = Library(STUDIES.empty(), ARMS.conform(arms), OUTCOMES.conform(outcomes))
    found = check_arms_retold(library)
    assert [flag.rows for flag in found] == [("E1",)] * flags
