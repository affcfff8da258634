"""Every pooled number of a record, and which of them a row changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from stromal.evidence.library.reader import read_library
from stromal.evidence.library.schemas import OUTCOMES
from stromal.evidence.pooled import (
    AGAINST,
    Change,
    compare_pooled,
    pool_record,
    select_counts,
)
from stromal.evidence.question.pooling import pool_rows

LIBRARY = read_library()


def with_outcomes(*changes):
    """The record with other outcomes: rows of it, changed cell by cell and put behind."""
    rows = [
        LIBRARY.outcomes.filter(row=name).with_columns(
            pl.lit(f"own{at}").alias("row"),
            *(pl.lit(cell).alias(key) for key, cell in cells.items()),
        )
        for at, (name, cells) in enumerate(changes)
    ]
    rows = [OUTCOMES.conform(frame) for frame in rows]
    return replace(LIBRARY, outcomes=pl.concat([LIBRARY.outcomes, *rows]))


@pytest.fixture(scope="module")
def pooled():
    return pool_record(LIBRARY)


def test_each_number_is_of_the_rows_that_name_it(pooled):
    rows = select_counts(LIBRARY).filter(
        indication="acute_gvhd_treatment", outcome="overall_response", day=28, arm="MSC"
    )
    found = pooled.row(
        by_predicate=(pl.col("outcome") == "overall_response")
        & (pl.col("day") == 28)
        & (pl.col("of") == "MSC"),
        named=True,
    )
    ours = pool_rows(rows.with_columns(pl.lit(None).alias("why")), "proportion").told
    assert (found["value"], found["low"], found["studies"]) == (ours.value, ours.low, rows.height)


def test_a_study_counts_once_in_a_number():
    key = ["indication", "outcome", "scale", "day", "arm", "study"]
    assert not select_counts(LIBRARY).select(pl.struct(key).is_duplicated()).to_series().any()


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("status", "note"),
        ("subgroup", "children"),
        ("range_end", "range low"),
        ("arm", "MSC+control"),
        ("outcome", "baseline_grade_iv"),
        ("scale", "median"),
    ],
)
def test_what_is_not_pooled(column, cell):
    more = with_outcomes(("E0074", {"day": 29.0, column: cell}))
    assert select_counts(more).height == select_counts(LIBRARY).height


def test_numbers_that_cannot_be_told_say_why(pooled):
    bare = pooled.filter(pl.col("value").is_null())
    assert bare.height
    assert bare["reason"].null_count() == 0


def test_a_row_changes_its_numbers_alone():
    more = with_outcomes(("E0074", {"day": 29.0, "arm": "control", "study": "Kurtzberg2020_EAP"}))
    (change,) = compare_pooled(LIBRARY, more)
    assert change.before is None
    assert (change.after["of"], change.after["studies"]) == ("control", 1)
    (back,) = compare_pooled(more, LIBRARY)
    assert back.after is None
    assert str(back).endswith("-> nothing")


def test_both_arms_of_a_study_make_a_ratio():
    more = with_outcomes(
        ("E0074", {"day": 29.0}), ("E0074", {"day": 29.0, "arm": "control", "events": 70})
    )
    changes = {change.after["of"]: change for change in compare_pooled(LIBRARY, more)}
    assert set(changes) == {"MSC", "control", AGAINST}
    ratio = changes[AGAINST]
    assert ratio.before is None
    assert ratio.after["value"] == pytest.approx((82 / 99) / (70 / 99))
    error = np.sqrt(1 / 82 - 1 / 99 + 1 / 70 - 1 / 99)
    assert ratio.after["low"] == pytest.approx(82 / 70 * np.exp(-1.959964 * error))
    assert "risk ratio 1.17" in str(ratio)


def test_a_change_without_a_number_says_so():
    row = {
        "indication": "itp", "outcome": "death", "scale": "proportion", "day": 28.0, "of": "MSC",
        "measure": "share", "studies": 1, "patients": 7, "value": None, "reason": "nobody died",
    }  # fmt: skip
    said = str(Change(None, row))
    assert said == (
        "itp, death on day 28 (proportion), MSC: nothing -> "
        "not estimable (1 study, 7 patients; nobody died)"
    )
