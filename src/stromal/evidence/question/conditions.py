"""What a row of the record must be to answer a question, one condition after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from stromal.evidence.question.words import list_outcome_words
from stromal.protocol.evidence import Evidence, EvidenceQuestion

POOLED_DESIGNS = ("review", "meta_analysis")
"""Designs whose numbers are of other studies: never pooled, shown beside."""


@dataclass(frozen=True, slots=True)
class StepName:
    """A step of the flow, and its words."""

    name: str
    label: str


STEPS = (
    StepName("indication", "of the indication"),
    StepName("population", "of the population"),
    StepName("intervention", "with the intervention"),
    StepName("outcome", "outcome on that day and scale"),
    StepName("usable", "number that may be used"),
)
"""Steps at which rows are left out, in their order."""


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A condition of a step: `fails` is true of the rows that it leaves out, `why` says so."""

    step: str
    fails: pl.Expr
    why: pl.Expr


def list_conditions(evidence: Evidence, question: EvidenceQuestion) -> tuple[Condition, ...]:
    """Return the conditions of a question, in the order in which rows meet them.

    The expressions are over the columns of `list_candidates`.

    Examples
    --------
    >>> table = {"population": {"indications": ("itp",)},
    ...          "questions": ({"name": "response", "outcomes": ("overall_response",)},)}
    >>> evidence = Evidence.model_validate(table)
    >>> conditions = list_conditions(evidence, evidence.questions[0])
    >>> [condition.step for condition in conditions][:2]
    ['indication', 'population']
    """
    return (
        *_of_population(evidence),
        *_of_intervention(evidence, question),
        *_of_outcome(question),
        *_of_use(evidence, question),
    )


def name_parts(evidence: Evidence, question: EvidenceQuestion) -> tuple[str, ...]:
    """Return the parts of arms that answer, those of the question first."""
    return (*question.parts, *evidence.population.parts)


def _of_population(evidence: Evidence) -> Iterator[Condition]:
    population = evidence.population
    indication, age = pl.col("indication"), pl.col("age_group")
    yield Condition("indication", ~_among(indication, population.indications), _say(indication))
    if population.age_groups:
        why = pl.concat_str(pl.lit("age of the patients: "), _words(age))
        yield Condition("population", ~_among(age, population.age_groups), why)
    else:
        yield Condition("population", age == "animals", pl.lit("animals"))


def _of_intervention(evidence: Evidence, question: EvidenceQuestion) -> Iterator[Condition]:
    given = evidence.intervention
    source, donor = pl.col("source"), pl.col("donor")
    control = (pl.col("arm") == "control") & (source == "none")
    kind = (
        pl.when(source == "none")
        .then(pl.lit("none"))
        .when(source == "vesicles")
        .then(pl.lit("vesicles"))
        .otherwise(pl.lit("msc"))
    )
    # a control arm has no cells of its own: in a comparison it passes with those beside it
    treated = ~control if question.has_two_groups else pl.lit(value=True)
    why = kind.replace_strict(
        {"none": "no cells were given", "vesicles": "vesicles, no cells", "msc": "cells were given"}
    )
    yield Condition("intervention", treated & (kind != given.cells), why)
    yield Condition(
        "intervention", pl.col("arm") == "MSC+control", pl.lit("arms are not told apart")
    )
    if given.sources:
        why = pl.concat_str(pl.lit("tissue of the cells: "), _words(source))
        yield Condition("intervention", treated & ~_among(source, given.sources), why)
    if given.donors:
        why = pl.concat_str(pl.lit("donor of the cells: "), _words(donor))
        yield Condition("intervention", treated & ~_among(donor, given.donors), why)


def _of_outcome(question: EvidenceQuestion) -> Iterator[Condition]:
    words = list_outcome_words(question.outcomes)
    asked = question.label or question.name.replace("_", " ")
    yield Condition(
        "outcome", ~_among(pl.col("outcome"), words), pl.lit(f"no number is printed for: {asked}")
    )
    scale = pl.col("scale")
    why = pl.concat_str(pl.lit("printed as "), _words(scale))
    yield Condition("outcome", ~_among(scale, question.printed), why)
    day, window = pl.col("day"), question.window
    of_day = pl.concat_str(pl.lit("of day "), day.cast(pl.Int64, strict=False).cast(pl.String))
    if window is None:
        why = pl.concat_str(of_day, pl.lit("; numbers without a day are asked"))
        yield Condition("outcome", day.is_not_null(), why)
        return
    first, last = window
    days = f"day {first:g}" if first == last else f"day {first:g} to {last:g}"
    yield Condition("outcome", day.is_null(), pl.lit(f"without a day; {days} is asked"))
    yield Condition(
        "outcome", ~day.is_between(first, last), pl.concat_str(of_day, pl.lit(f"; {days} is asked"))
    )


def _of_use(evidence: Evidence, question: EvidenceQuestion) -> Iterator[Condition]:
    study, status, subgroup = pl.col("study"), pl.col("status"), pl.col("subgroup")
    reason = pl.coalesce(pl.col("reason"), pl.lit("no reason is given"))
    yield Condition(
        "usable",
        _among(pl.col("design"), POOLED_DESIGNS),
        pl.lit("a figure of a review over other studies, shown beside"),
    )
    reasons = {left_out.study: left_out.reason for left_out in evidence.exclude}
    if reasons:
        yield Condition("usable", _among(study, reasons), _replace(study, reasons))
    yield Condition("usable", status == "exclude", reason)
    yield Condition(
        "usable", ~_among(status, question.statuses), pl.concat_str(pl.lit("noted: "), reason)
    )
    yield Condition("usable", pl.col("range_end").is_not_null(), pl.lit("one end of a range"))
    part = subgroup.is_not_null() & ~_among(subgroup, name_parts(evidence, question))
    why = pl.concat_str(pl.lit("a part of the arm: "), subgroup)
    yield Condition("usable", part, why)


def _among(column: pl.Expr, words: Sequence[str] | Mapping[str, str]) -> pl.Expr:
    return column.is_in(list(words)).fill_null(value=False)


def _words(column: pl.Expr) -> pl.Expr:
    return column.str.replace_all("_", " ")


def _say(indication: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit("another indication: "), _words(indication))


def _replace(column: pl.Expr, words: Mapping[str, str]) -> pl.Expr:
    return column.replace_strict(dict(words), default=None, return_dtype=pl.String)
