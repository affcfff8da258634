"""What is not known moves the patients of a draw and of a study together."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from stromal.simulate.numbering import ARMS, PLACES, Numbering
from stromal.simulate.uncertain import Members, Spread, Uncertain, list_spreads

NUMBERING = Numbering({"a": 2}, 8, per_study=2, per_draw=2)
NUMBERS = np.repeat(np.arange(8), 2) * (ARMS * PLACES) + np.tile([0, 1], 8)
ONES = {"k": np.ones(16)}


def move(uncertain: Uncertain, drawn=ONES) -> np.ndarray:
    return uncertain.move(drawn, NUMBERS, NUMBERING, 3)["k"]


def test_patients_of_a_draw_share_what_is_not_known():
    moved = move(Uncertain({"k": Spread(0.3, 0.0)})).reshape(2, 8)
    assert np.ptp(moved, axis=1).max() == 0
    assert moved[0, 0] != moved[1, 0]


def test_patients_of_a_study_share_its_factor():
    moved = move(Uncertain({"k": Spread(0.0, 0.3)})).reshape(4, 4)
    assert np.ptp(moved, axis=1).max() == 0
    assert len(set(moved[:, 0])) == 4


def test_limits_hold():
    moved = move(Uncertain({"k": Spread(3.0, 3.0, low=0.9, high=1.1)}))
    assert moved.min() >= 0.9
    assert moved.max() <= 1.1


def test_a_value_that_all_share_becomes_a_parameter_of_patients():
    moved = move(Uncertain({"k": Spread(0.0, 0.0, fixed=4.0)}), drawn={})
    assert moved.tolist() == [4.0] * 16


def test_nothing_uncertain_changes_nothing():
    assert move(Uncertain()) is ONES["k"]


def test_members_keep_their_parameters_together():
    members = Members(("k", "l"), np.log([[2.0, 20.0], [3.0, 30.0]]), np.ones(2))
    uncertain = Uncertain({"k": Spread(0.3, 0.0), "l": Spread(0.3, 0.0, fixed=1.0)}, members)
    moved = uncertain.move(ONES, NUMBERS, NUMBERING, 3)
    pairs = {(round(k), round(v)) for k, v in zip(moved["k"], moved["l"], strict=True)}
    assert pairs <= {(2, 20), (3, 30)}
    assert len(pairs) == 2


def test_what_was_not_fitted_keeps_its_prior():
    members = Members(("l",), np.zeros((1, 1)), np.ones(1))
    spreads = {"k": Spread(0.3, 0.0)}
    assert move(Uncertain(spreads, members)).tolist() == move(Uncertain(spreads)).tolist()


def test_members_in_order_are_those_of_the_replicates():
    shifts = np.log(np.arange(1.0, 9.0))[:, None]
    members = Members(("k",), shifts, np.ones(8), in_order=True)
    moved = move(Uncertain({"k": Spread(0.3, 0.0)}, members))
    assert moved.reshape(8, 2)[:, 0] == pytest.approx(np.arange(1.0, 9.0))


def test_spreads_follow_confidence_and_the_spread_of_patients():
    rows = [
        ("a", 1.0, None, "lognormal", 0.4, None, None, None, "high"),
        ("b", 1.0, None, "lognormal", 0.4, None, 2.0, "lot", "low"),
        ("c", 2.0, 3.0, "fixed", None, None, None, None, "medium"),
        ("d", 0.0, None, "fixed", None, None, None, None, "low"),
        ("e", 5.0, None, "fixed", None, None, None, None, "low"),
    ]
    header = ["name", "value", "mouse", "distribution", "sd", "low", "high", "level", "confidence"]
    table = pl.DataFrame(rows, header, orient="row")
    listed = {"c": (0.0, 9.0), "d": (0.0, np.inf)}
    found = list_spreads(table, "mouse", frozenset({"a", "b"}), listed, 0.5)
    assert found == {
        "a": Spread(0.05, 0.2),
        "b": Spread(0.3, 0.0, 0.0, 2.0),
        "c": Spread(0.15, 0.0, 0.0, 9.0, fixed=3.0),
    }
