"""Grades from signs: the worst sign of a day, and the worst day of a window."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Label, Need, Parameters, Tone
from stromal.endpoints.records.words import number_text, window_words
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.scales import SCALES
from stromal.tables.windows import Day, within


class SignParameters(Parameters):
    """The window, and what a sign that nobody recorded means.

    Parameters
    ----------
    from_day, to_day
        First and last day [d], both included; none: the end of the records.
    unrecorded_signs
        A sign that was not recorded on a day is missing, so that the day has no grade where it
        would matter, or absent. Death is only ever recorded where it happened.
    """

    from_day: Day = 0.0
    to_day: Day | None = None
    unrecorded_signs: Literal["missing", "absent"] = "missing"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(_Section):
    """The grade of a number up to a limit."""

    at_most: float
    grade: int


class Gate(_Section):
    """Signs without which there is no grade, and the grade that they give alone."""

    scale: str
    any_of: tuple[str, ...]
    grade: int


class SignRule(_Section):
    """Which grade each sign gives."""

    scales: dict[str, dict[str, dict[str, int]]]
    ranges: dict[str, dict[str, tuple[Step, ...]]]
    rarely_recorded: dict[str, tuple[str, ...]]
    needs: Gate | None

    def items(self) -> list[tuple[str, str]]:
        """Return scale and item of every sign that gives a grade."""
        groups: tuple[Mapping[str, Mapping[str, object]], ...] = (self.scales, self.ranges)
        return [(scale, item) for each in groups for scale, own in each.items() for item in own]

    def most(self, scale: str, item: str) -> int:
        """Return the highest grade that a sign can give where nobody recorded it."""
        if item in self.rarely_recorded.get(scale, ()):
            return 0
        if scale in self.scales:
            return max(self.scales[scale][item].values())
        return max(step.grade for step in self.ranges[scale][item])

    def grade(self, scale: str, item: str) -> pl.Expr:
        """Return the grade of recorded values; null for a value that is none."""
        value = pl.col("value")
        if scale in self.scales:
            return value.replace_strict(
                self.scales[scale][item], default=None, return_dtype=pl.Int64
            )
        number = value.cast(pl.Float64, strict=False)
        steps = sorted(self.ranges[scale][item], key=lambda step: step.at_most)
        chosen = pl.coalesce(
            *(pl.when(number <= step.at_most).then(pl.lit(step.grade)) for step in steps), pl.lit(0)
        )
        return pl.when(number.is_not_null()).then(chosen).cast(pl.Int64)


@cache
def read_sign_rule(criteria: str) -> SignRule:
    """Read which grade each sign gives.

    Examples
    --------
    >>> read_sign_rule("crs_astct_2019").needs.any_of
    ('fever', 'fever_masked')
    """
    return SignRule.model_validate(read_criteria(criteria).rules)


_TONES: tuple[Tone, ...] = (
    "severity 0",
    "severity 1",
    "severity 2",
    "severity 3",
    "severity 4",
    "dead",
)


def list_labels(what: str) -> tuple[Label, ...]:
    """List the labels of grades 0 to 5.

    Examples
    --------
    >>> list_labels("ICANS")[2].words
    'grade 2 ICANS'
    """
    return tuple(
        Label(str(grade), f"grade {grade} {what}", rank=grade, tone=tone)
        for grade, tone in enumerate(_TONES)
    )


def grade_signs(
    patients: Patients, parameters: SignParameters, criteria: str, *, reasons: bool
) -> pl.DataFrame:
    """Grade the worst day of every patient by its worst sign.

    Parameters
    ----------
    patients
        The five tables; `subjects` and `assessments` are read.
    parameters
        Window [d], and what a sign that nobody recorded means.
    criteria
        Name of the criteria.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        Outcome rows in the order of `subjects`: `value` and `label` the grade, `day` [d] the first
        day of it, `lowest` and `highest` what stays possible.
    """
    rule = read_sign_rule(criteria)
    days = _grade_days(patients, parameters, rule)
    bounds = days.group_by("subject").agg(
        pl.col("least").max().alias("lowest"), pl.col("most").max().alias("highest")
    )
    first = (
        days.join(bounds, on="subject")
        .filter(pl.col("most") == pl.col("highest"))
        .sort("day")
        .unique("subject", keep="first", maintain_order=True)
        .select("subject", "day", "words", "unrecorded")
    )
    rows = patients.subjects.select("subject")
    for frame in (bounds, first):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    scales = " or ".join(dict.fromkeys(SCALES[scale].label.lower() for scale, _ in rule.items()))
    decided = decide(rows, _cases(parameters, scales), reasons=reasons)
    judged = pl.col("label").is_not_null()
    return decided.select(
        "subject",
        pl.when(judged).then("lowest").cast(pl.Float64).alias("value"),
        "label",
        pl.when(judged).then("day").alias("day"),
        pl.col("lowest", "highest").cast(pl.Float64),
        "reason",
        pl.lit(read_criteria(criteria).title).alias("criteria"),
    )


def _grade_days(patients: Patients, p: SignParameters, rule: SignRule) -> pl.DataFrame:
    """What each day can be graded, the signs that decide it, and those that nobody recorded."""
    scales = {scale for scale, _ in rule.items()}
    rows = patients.assessments.filter(
        pl.col("scale").is_in(list(scales)),
        pl.col("day").is_not_null(),
        within(p.from_day, p.to_day),
    ).with_columns(pl.col("day").floor())
    absent = p.unrecorded_signs == "absent"
    wide = rows.group_by("subject", "day").agg(
        *(_graded(rule, scale, item).max().alias(item) for scale, item in rule.items()),
        *([] if rule.needs is None else map(_said, rule.needs.any_of)),
    )
    most = [
        pl.col(item).fill_null(0 if absent else rule.most(scale, item))
        for scale, item in rule.items()
    ]
    least = [pl.col(item).fill_null(0) for _, item in rule.items()]
    lowest, highest = pl.max_horizontal(least), pl.max_horizontal(most)
    if rule.needs is not None:
        surely, possibly = _open_gate(rule.needs, absent=absent)
        base = pl.lit(rule.needs.grade, pl.Int64)
        lowest = pl.when(surely).then(pl.max_horizontal(lowest, base)).otherwise(0)
        highest = pl.when(possibly).then(pl.max_horizontal(highest, base)).otherwise(0)
    return wide.with_columns(lowest.alias("least"), highest.alias("most")).with_columns(
        _words(rule).alias("words"), _missing(rule).alias("unrecorded")
    )


def _graded(rule: SignRule, scale: str, item: str) -> pl.Expr:
    own = (pl.col("scale") == scale) & (pl.col("item") == item)
    return pl.when(own).then(rule.grade(scale, item))


def _said(item: str) -> pl.Expr:
    return pl.when(pl.col("item") == item).then(pl.col("value") == "yes").max().alias(item)


def _open_gate(gate: Gate, *, absent: bool) -> tuple[pl.Expr, pl.Expr]:
    """Whether one of the signs that are needed was there, and whether it may have been."""
    surely = pl.any_horizontal(pl.col(item).fill_null(value=False) for item in gate.any_of)
    possibly = pl.any_horizontal(pl.col(item).fill_null(value=not absent) for item in gate.any_of)
    return surely, possibly


def _words(rule: SignRule) -> pl.Expr:
    """The signs that give the grade of a day, in words."""
    parts = [
        pl.when((pl.col(item) == pl.col("least")) & (pl.col(item) > 0)).then(
            pl.lit(SCALES[scale].items[item].label)
        )
        for scale, item in rule.items()
    ]
    told = pl.concat_str(parts, separator=" and ", ignore_nulls=True)
    alone = "no sign that is graded" if rule.needs is None else "no worse sign"
    return pl.when(told == "").then(pl.lit(alone)).otherwise(told)


def _missing(rule: SignRule) -> pl.Expr:
    """The signs that nobody recorded on a day, in words."""
    asked = [(scale, item) for scale, item in rule.items() if rule.most(scale, item)]
    if rule.needs is not None:
        asked += [(rule.needs.scale, item) for item in rule.needs.any_of]
    parts = [
        pl.when(pl.col(item).is_null()).then(pl.lit(SCALES[scale].items[item].label))
        for scale, item in asked
    ]
    return pl.concat_str(parts, separator="; ", ignore_nulls=True)


def _cases(p: SignParameters, scales: str) -> list[Case]:
    lowest = pl.col("lowest")
    closed = pl.format("{} on day {}, grade {}", "words", number_text("day"), lowest)
    opened = pl.format(
        "grade {} to {} possible: not recorded on day {}: {}",
        lowest,
        "highest",
        number_text("day"),
        "unrecorded",
    )
    return [
        Case(lowest.is_null(), None, f"no {scales} {window_words(p.from_day, p.to_day)}"),
        Case(lowest < pl.col("highest"), None, opened),
        Case(pl.lit(value=True), lowest.cast(pl.String), closed),
    ]


def list_needs(criteria: str) -> tuple[Need, ...]:
    """Return what a grading by signs reads: any of its items.

    Examples
    --------
    >>> "ice.score" in list_needs("icans_astct_2019")[0].names
    True
    """
    rule = read_sign_rule(criteria)
    return (Need("assessments", tuple(f"{scale}.{item}" for scale, item in rule.items())),)
