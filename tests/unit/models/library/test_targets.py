"""Targets are complete, their intervals follow from their counts, and held-out rows stay apart."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.estimates.proportion import estimate_proportion
from stromal.models.library.read import list_settings
from stromal.models.library.targets import ROLES, read_targets

TARGETS = read_targets("physiology")


def test_every_target_has_one_row_and_a_role():
    assert TARGETS["id"].is_unique().all()
    assert set(TARGETS["role"]) == set(ROLES)
    assert set(TARGETS["setting"]) <= set(list_settings("physiology"))
    assert TARGETS.select(pl.col("target", "source", "locator").null_count()).row(0) == (0, 0, 0)


def test_a_row_with_counts_has_their_share_and_exact_interval():
    counted = TARGETS.filter(pl.col("events").is_not_null())
    assert counted.height > 20
    for row in counted.iter_rows(named=True):
        share = estimate_proportion(int(row["events"]), int(row["n"]))
        found = (row["value"], row["low"], row["high"])
        assert found == pytest.approx((share.value, share.low, share.high), abs=1e-4)


def test_held_out_rows_are_asked_for_by_name():
    fitted = read_targets("physiology", roles=["C"])
    assert set(fitted["role"]) == {"C"}
    assert set(read_targets("physiology", roles=["H"])["id"]) == {"B2.3", "B2.6"}


def test_rows_that_were_held_out_first_are_never_fitted():
    assert not TARGETS.filter(first_role="H", role="C").height


def test_rows_of_one_trial_say_that_they_share_patients():
    shared = TARGETS.filter(pl.col("id").str.starts_with("B5.1") | (pl.col("id") == "B5.2"))
    assert shared["shares_patients"].unique().to_list() == ["chen2024-18"]
