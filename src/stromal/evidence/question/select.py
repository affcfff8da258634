"""Rows of the record that answer a question, and why the others do not.

Every row meets the conditions in one order and is left out by the first that it fails, so that the
flow of studies and the reasons are one and the same thing. A study is used once: of rows that
answer alike one is chosen by the rules of `choose`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import polars as pl

from stromal.evidence.library.reader import Library
from stromal.evidence.question.choose import choose_rows
from stromal.evidence.question.conditions import STEPS, list_conditions, name_parts
from stromal.protocol.evidence import Evidence, EvidenceQuestion

ARM_KEY = ("study", "arm", "subgroup", "read_in")
_ARM = (
    "source", "donor", "age_group", "n", "dose_low", "dose_median", "dose_high",
    "infusions_low", "infusions_high",
)  # fmt: skip
_STUDY = ("study", "first_author", "year", "reference", "design")
_ROW = (
    "row", "indication", "outcome", "scale", "range_end", "day", "events", "total", "value",
    "unit", "low", "high", "locator",
)  # fmt: skip

OTHER_ROW = "another number of this study is used"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the flow: how many studies and rows are left after it.

    `left_out` are the reasons with the studies that they cost, the most first.
    """

    name: str
    label: str
    studies: int
    rows: int
    left_out: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A study or a row that does not answer, the step at which it is lost, and why.

    `row` names the rows of the record, None where the study as a whole is meant: no row of it comes
    further than `step`.
    """

    study: str
    year: int
    reference: str
    step: str
    reason: str
    row: str | None = None
    locator: str | None = None
    read_in: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """What answers a question.

    `chosen` has one row for each study; its columns are those of `choose_rows`.
    """

    chosen: pl.DataFrame
    left_out: tuple[LeftOut, ...]
    flow: tuple[Step, ...]


def select_rows(library: Library, evidence: Evidence, question: EvidenceQuestion) -> Selection:
    """Select the rows of the record that answer a question, one for each study.

    Parameters
    ----------
    library
        The record.
    evidence, question
        The table of the protocol, and one of its questions.

    Returns
    -------
    Selection
        Chosen rows in the order of years; studies and rows left out with the reason; the flow.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> table = {"population": {"indications": ("itp",)},
    ...          "questions": ({"name": "response", "outcomes": ("overall_response",)},)}
    >>> evidence = Evidence.model_validate(table)
    >>> found = select_rows(read_library(), evidence, evidence.questions[0])
    >>> found.chosen.select("study", "events", "total").rows()
    [('ChenY2024', 8, 18)]
    >>> [(step.name, step.studies) for step in found.flow]
    [('record', 75), ('indication', 1), ('population', 1), ('intervention', 1), ('outcome', 1), \
('usable', 1)]
    """
    judged = _judge(list_candidates(library), evidence, question)
    answering = judged.filter(pl.col("lost").is_null())
    chosen, unpaired = choose_rows(answering, question, name_parts(evidence, question))
    used = {row for names in chosen["row"] for row in names.split()}
    used |= {row for names in chosen["reference_row"].drop_nulls() for row in names.split()}
    others = answering.filter(~pl.col("row").is_in(sorted(used))).with_columns(
        pl.lit(STEPS[-1].name).alias("lost"),
        pl.when(pl.col("study").is_in(chosen["study"].to_list()))
        .then(pl.lit(OTHER_ROW))
        .otherwise(pl.lit(unpaired))
        .alias("why"),
    )
    lost = pl.concat([judged.filter(pl.col("lost").is_not_null()), others])
    return Selection(
        chosen.sort("year", "study", maintain_order=True),
        _list_left_out(lost, chosen),
        _count_flow(library, lost, chosen),
    )


def list_candidates(library: Library) -> pl.DataFrame:
    """Return the rows of the record with what is known of their arms and studies.

    `status` and `reason` are those of the row, or of its arm where that is the worse.
    """
    arm = pl.col("arm_status") != "use"
    worse = arm & ((pl.col("status") == "use") | (pl.col("arm_status") == "exclude"))
    arms = library.arms.select(
        *ARM_KEY, *_ARM, pl.col("status").alias("arm_status"), pl.col("reason").alias("arm_reason")
    )
    return (
        library.outcomes.select(*ARM_KEY, *_ROW, "status", "reason")
        .join(arms, on=list(ARM_KEY), how="left", nulls_equal=True, maintain_order="left")
        .join(library.studies.select(_STUDY), on="study", how="left", maintain_order="left")
        .with_columns(
            pl.when(worse).then("arm_status").otherwise("status").alias("status"),
            pl.when(worse).then("arm_reason").otherwise("reason").alias("reason"),
        )
        .drop("arm_status", "arm_reason")
    )


def _judge(
    candidates: pl.DataFrame, evidence: Evidence, question: EvidenceQuestion
) -> pl.DataFrame:
    """Candidates with the step at which they are lost and why; null in both for those that answer.

    `rank` tells how far a row comes, for the reason of its study.
    """
    conditions = list_conditions(evidence, question)
    fails = [condition.fails.fill_null(value=False) for condition in conditions]
    return candidates.with_columns(
        pl.coalesce(
            pl.when(fail).then(pl.lit(condition.step))
            for fail, condition in zip(fails, conditions, strict=True)
        ).alias("lost"),
        pl.coalesce(
            pl.when(fail).then(condition.why)
            for fail, condition in zip(fails, conditions, strict=True)
        ).alias("why"),
        pl.coalesce(
            *(pl.when(fail).then(pl.lit(rank)) for rank, fail in enumerate(fails)),
            pl.lit(len(fails)),
        ).alias("rank"),
    )


def _list_left_out(lost: pl.DataFrame, chosen: pl.DataFrame) -> tuple[LeftOut, ...]:
    """Studies without an answer by the row that comes furthest; rows that nearly answer."""
    near = (
        lost.filter(pl.col("lost") == STEPS[-1].name)
        .group_by("study", "why", maintain_order=True)
        .agg(
            pl.exclude("row", "locator").first(),
            pl.col("row").str.join(" "),
            pl.col("locator").unique(maintain_order=True).str.join("; "),
        )
        .select(lost.columns)
    )
    named = [*chosen["study"], *near["study"]]
    whole = (
        lost.filter(~pl.col("study").is_in(named))
        .sort("rank", descending=True, maintain_order=True)
        .unique("study", keep="first", maintain_order=True)
        .with_columns(pl.lit(None, pl.String).alias("row"))
    )
    rows = pl.concat([near, whole]).sort("year", "study", maintain_order=True)
    return tuple(
        LeftOut(
            row["study"], row["year"], row["reference"], row["lost"], row["why"] or "",
            row["row"], row["locator"] if row["row"] else None, row["read_in"],
        )
        for row in rows.iter_rows(named=True)
    )  # fmt: skip


def _count_flow(library: Library, lost: pl.DataFrame, chosen: pl.DataFrame) -> tuple[Step, ...]:
    """How many studies and rows are left after each step."""
    order = {step.name: place for place, step in enumerate(STEPS)}
    last = len(STEPS)
    rows = lost.select("study", "why", pl.col("lost").replace_strict(order).alias("at"))
    at_end = chosen.select("study", pl.lit(None, pl.String).alias("why"), pl.lit(last).alias("at"))
    reached = pl.concat([rows.cast({"at": pl.Int32}), at_end.cast({"at": pl.Int32})])
    furthest = reached.sort("at", descending=True, maintain_order=True).unique(
        "study", keep="first", maintain_order=True
    )
    flow = [Step("record", "studies in the record", library.studies.height, reached.height)]
    for place, step in enumerate(STEPS):
        why = furthest.filter(pl.col("at") == place)["why"].fill_null("").to_list()
        counts = sorted(Counter(why).items(), key=lambda one: -one[1])
        flow.append(
            Step(
                step.name,
                step.label,
                int((furthest["at"] > place).sum()),
                int((reached["at"] > place).sum()),
                tuple(counts),
            )
        )
    return tuple(flow)
