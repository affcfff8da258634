"""The cases of a pattern: one holds for every patient, and unknown never means no."""

from __future__ import annotations

from itertools import product

import polars as pl
import pytest

from stromal.endpoints.rules.cytopenia.pattern_parameters import CytopeniaPatternParameters
from stromal.endpoints.rules.cytopenia.pattern_words import list_cases
from stromal.endpoints.verdict import decide

FACTS = pl.DataFrame(
    [
        dict(zip(("possible", "certain", "shows"), facts, strict=True))
        | {"looked": 4, "assessed": 3, "last_looked": 40.0, "last_assessed": 40.0}
        | {"start": 30.0, "end": 35.0, "open": False, "duration": 5.0, "recovered": 20.0}
        | {"surely": True, "maybe": False, "before": 20.0, "last": 34.0}
        | {"unclear_on": 9.0, "unclear_why": "it is a bound", "unclear_number": 1}
        | {"support": None, "ended": None, "undated": None}
        for facts in product((True, False), repeat=3)
        if facts[0] or not facts[1]
    ],
    schema_overrides={"support": pl.String, "ended": pl.Float64, "undated": pl.String},
)


@pytest.mark.parametrize("pattern", ["prolonged", "late_onset", "biphasic"])
def test_what_is_possible_and_not_certain_has_no_label(pattern):
    cases = list_cases(CytopeniaPatternParameters(pattern=pattern), "neutropenia")
    decided = decide(FACTS, cases, {"no": 0.0, "yes": 1.0})
    for row in decided.iter_rows(named=True):
        expected = {(1, 1): "yes", (0, 0): "no", (1, 0): None}[row["possible"], row["certain"]]
        assert row["label"] == expected
        assert row["reason"]
        assert row["lowest"] == row["certain"]
