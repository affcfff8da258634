"""Targets beside simulated trials: hits and misses by a rule that is written down."""

from __future__ import annotations

import math

import polars as pl
import pytest

from stromal.calibrate.comparisons import read_comparisons
from stromal.calibrate.credibility import HIT, MISS, NOT_COMPARED, find_kind, judge_targets

KNOWN = {each.id: each for each in read_comparisons()}


def judge(name: str, values: list[float]) -> dict[str, object]:
    scores = pl.DataFrame(
        {"id": [name] * len(values), "value": values, "n": [26] * len(values)},
        {"id": pl.String, "value": pl.Float64, "n": pl.Int64},
    )
    return judge_targets(scores, "prior").filter(id=name).row(0, named=True)


def test_a_number_is_held_by_the_interval_or_missed():
    assert judge("B1.3b", [0.5, 0.6, 0.7, 0.8])["verdict"] == HIT
    assert judge("B1.3b", [0.8, 0.9, 0.95])["verdict"] == MISS


def test_scores_of_days_are_of_logarithms():
    one, other = judge("B3.1a", [22.0, 22.0]), judge("B3.1a", [44.0, 44.0])
    assert one["crps"] == 0
    assert other["crps"] == pytest.approx(math.log(44.5 / 22.5), abs=1e-4)
    none = judge("B1.17b", [0.0, 0.0])
    assert none["crps"] == pytest.approx(math.log(9.5 / 0.5), abs=1e-4)


def test_a_direction_is_what_most_trials_have():
    assert judge("B2.1", [1.0, 1.0, 0.0])["verdict"] == HIT
    assert judge("B2.1", [1.0, 0.0, 0.0])["verdict"] == MISS


def test_a_printed_range_holds_the_middle():
    assert judge("B2.4", [0.8, 1.0, 1.3])["verdict"] == HIT
    assert judge("B2.4", [1.2, 1.3, 1.0])["verdict"] == MISS


def test_what_has_no_observer_is_not_compared():
    assert judge("B5.4", [0.5])["verdict"] == NOT_COMPARED


@pytest.mark.parametrize(
    ("name", "kind"),
    [("B1.1a", "share"), ("B3.1a", "days"), ("B3.11a", "ratio"), ("B5.3", "level")],
)
def test_kinds(name: str, kind: str):
    assert find_kind(KNOWN[name]) == kind
