"""One row for each study: which of several that answer alike, and which control arm beside it.

The order of preference: a row with counts before one without; the outcome that the question names
first; the whole arm before a part of it, parts in the order in which they are named; the day
nearest to the one asked; a row without a note; the first of the file. Outcomes that are sums are
added where all parts are printed of the same patients. In a comparison group and control are of
one study and agree in outcome, part, day and scale.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from stromal.evidence.question.words import split_outcome
from stromal.protocol.evidence import EvidenceQuestion

NO_CONTROL = "no control arm has the same outcome on the same day"
NO_SUM = "what would be added is not printed of the same patients"

NO_COUNT = "a percentage alone: how many patients had the event is not known"
NO_INTERVAL = "printed without an interval"
NO_CONTROL_COUNT = "the count of the control arm is not known"

_ALIKE = ("study", "arm", "subgroup", "read_in", "day", "scale", "total")
_PAIR = ("study", "variant", "subgroup", "day", "scale")


def choose_rows(
    answering: pl.DataFrame, question: EvidenceQuestion, parts: Sequence[str] = ()
) -> tuple[pl.DataFrame, str]:
    """Choose one row for each study.

    Parameters
    ----------
    answering
        Rows that answer, with the columns of `list_candidates`.
    question
        What is asked.
    parts
        Parts of arms that answer, in the order of preference.

    Returns
    -------
    tuple
        The chosen rows, and why a study with rows that answer has none of them chosen. `row` names
        the rows of the record, several where they are added. Beside the columns of the candidates
        there are `reference_row`, `reference_events` and `reference_total` of the control arm, and
        `why` a study has no effect that could be pooled; null where it has one.
    """
    offered = _order(_add_variants(answering, question), question, parts)
    if question.has_two_groups:
        joined, unpaired = _pair(offered), NO_CONTROL
    else:
        none = pl.lit(None)
        joined = offered.with_columns(
            none.cast(pl.String).alias("reference_row"),
            none.cast(pl.Int64).alias("reference_events"),
            none.cast(pl.Int64).alias("reference_total"),
        )
        unpaired = NO_SUM
    first = joined.unique("study", keep="first", maintain_order=True)
    return first.with_columns(_why(question).alias("why")), unpaired


def _add_variants(answering: pl.DataFrame, question: EvidenceQuestion) -> pl.DataFrame:
    """Rows of each outcome of the question, numbered by its place; sums are rows of their own."""
    numbered = answering.with_row_index("place")
    found = []
    for variant, text in enumerate(question.outcomes):
        words = split_outcome(text)
        rows = numbered.filter(pl.col("outcome").is_in(list(words)))
        if len(words) > 1:
            rows = _add_up(rows, words, numbered.columns)
        found.append(rows.with_columns(pl.lit(variant).alias("variant")))
    return pl.concat(found)


def _add_up(rows: pl.DataFrame, words: tuple[str, ...], columns: list[str]) -> pl.DataFrame:
    """Sums of outcomes that exclude each other, of the same patients."""
    counted = rows.filter(pl.col("events").is_not_null() & pl.col("total").is_not_null())
    once = counted.unique([*_ALIKE, "outcome"], keep="first", maintain_order=True)
    noted = pl.col("status") != "use"
    kept = [name for name in columns if name not in {*_ALIKE, "row", "outcome", "events", "value"}]
    summed = (
        once.group_by(_ALIKE, maintain_order=True)
        .agg(
            *(pl.col(name).first() for name in kept if name not in {"status", "reason", "locator"}),
            pl.col("row").str.join(" "),
            pl.col("outcome").str.join(" + "),
            pl.len().alias("parts"),
            pl.col("events").sum(),
            pl.when(noted.any()).then(pl.lit("note")).otherwise(pl.lit("use")).alias("status"),
            pl.col("reason").drop_nulls().unique(maintain_order=True).str.join("; "),
            pl.col("locator").unique(maintain_order=True).str.join("; "),
        )
        .filter((pl.col("parts") == len(words)) & (pl.col("events") <= pl.col("total")))
    )
    return summed.with_columns(
        (100 * pl.col("events") / pl.col("total")).alias("value"),
        pl.lit("%").alias("unit"),
        pl.col("reason").replace("", None),
    ).select(columns)


def _order(rows: pl.DataFrame, question: EvidenceQuestion, parts: Sequence[str]) -> pl.DataFrame:
    """Rows in the order of preference."""
    order = {name: place for place, name in enumerate(parts)}
    part = pl.col("subgroup").replace_strict(order, default=len(order), return_dtype=pl.Int64)
    asked = question.day
    if asked is None and question.days is not None:
        asked = sum(question.days) / 2
    day = pl.col("day").fill_null(0.0)
    away = (day - (0.0 if asked is None else asked)).abs()
    return rows.with_columns(
        (pl.col("events").is_null() | pl.col("total").is_null()).alias("bare")
    ).sort(
        "bare",
        "variant",
        pl.col("subgroup").is_not_null(),
        part,
        away,
        pl.col("status") != "use",
        "place",
        maintain_order=True,
    )


def _pair(offered: pl.DataFrame) -> pl.DataFrame:
    """Rows of arms with cells beside those of the control arm of the same study."""
    is_control = pl.col("arm") == "control"
    control = offered.filter(is_control).unique(_PAIR, keep="first", maintain_order=True)
    others = control.select(
        *_PAIR,
        pl.col("row").alias("reference_row"),
        pl.col("events").alias("reference_events"),
        pl.col("total").alias("reference_total"),
        pl.col("status").alias("reference_status"),
        pl.col("reason").alias("reference_reason"),
    )
    joined = offered.filter(~is_control).join(
        others, on=list(_PAIR), how="inner", nulls_equal=True, maintain_order="left"
    )
    noted = pl.col("reference_status") != "use"
    both = pl.concat_str(
        pl.col("reason"),
        pl.concat_str(pl.lit("control: "), pl.col("reference_reason")),
        separator="; ",
        ignore_nulls=True,
    )
    return (
        joined.with_columns(
            pl.when(noted).then(pl.lit("note")).otherwise("status").alias("status"),
            both.replace("", None).alias("reason"),
        )
        .drop("reference_status", "reference_reason")
        .sort("bare", pl.col("reference_events").is_null(), maintain_order=True)
    )


def _why(question: EvidenceQuestion) -> pl.Expr:
    """Why a chosen row has no effect; null where it has one."""
    bare = pl.col("events").is_null() | pl.col("total").is_null()
    if question.scale != "proportion" and not question.has_two_groups:
        return pl.lit(NO_INTERVAL)
    found = pl.when(bare).then(pl.lit(NO_COUNT))
    if not question.has_two_groups:
        return found.otherwise(pl.lit(None, pl.String))
    reference = pl.col("reference_events").is_null() | pl.col("reference_total").is_null()
    return found.when(reference).then(pl.lit(NO_CONTROL_COUNT)).otherwise(pl.lit(None, pl.String))
