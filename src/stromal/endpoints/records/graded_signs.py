"""Grades from signs: the worst sign of a day, and the worst day of a window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Label, Parameters, Tone
from stromal.endpoints.records.occurrences import name_event
from stromal.endpoints.records.sign_rules import Gate, SignRule, read_sign_rule
from stromal.endpoints.records.words import number_text, window_words
from stromal.endpoints.verdict import Case, decide
from stromal.errors import join_words
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


_TONES: tuple[Tone, ...] = (
    "severity 0",
    "severity 1",
    "severity 2",
    "severity 3",
    "severity 4",
    "dead",
)


GRADES = ("0", "1", "2", "3", "4", "5")


def list_labels(what: str, names: Sequence[str] = GRADES) -> tuple[Label, ...]:
    """List the labels of grades, from 0 up.

    Examples
    --------
    >>> list_labels("ICANS")[2].words
    'grade 2 ICANS'
    """
    return tuple(
        Label(name, f"grade {name} {what}", rank=grade, tone=tone)
        for grade, (name, tone) in enumerate(zip(names, _TONES, strict=False))
    )


def grade_signs(
    patients: Patients,
    parameters: SignParameters,
    criteria: str,
    names: Sequence[str] = GRADES,
    *,
    reasons: bool,
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
    names
        Labels of the grades, from 0 up.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        Outcome rows in the order of `subjects`: `value` and `label` the grade, `day` [d] the first
        day of it, `lowest` and `highest` what stays possible.
    """
    rule = read_sign_rule(criteria)
    days = grade_days(patients, parameters, criteria)
    bounds = days.group_by("subject").agg(
        pl.col("least").max().alias("lowest"), pl.col("most").max().alias("highest")
    )
    first = (
        days.join(bounds, on="subject")
        .filter(pl.col("most") == pl.col("highest"))
        # the first day that surely has the grade; a day that only may have it comes after
        .sort(pl.col("least") < pl.col("highest"), "day")
        .unique("subject", keep="first", maintain_order=True)
        .select("subject", "day", "words", "unrecorded")
    )
    rows = patients.subjects.select("subject")
    for frame in (bounds, first, _find_undated(patients, rule)):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    rows = rows.with_columns(
        pl.when(pl.col("highest").is_not_null())
        .then(pl.max_horizontal("highest", "undated_most"))
        .alias("highest")
    )
    scales = " or ".join(dict.fromkeys(SCALES[scale].label.lower() for scale, _ in rule.items()))
    decided = decide(rows, _cases(parameters, scales, names), reasons=reasons)
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


def grade_days(patients: Patients, parameters: SignParameters, criteria: str) -> pl.DataFrame:
    """Grade every day on which signs were recorded.

    Parameters
    ----------
    patients, parameters, criteria
        As for `grade_signs`.

    Returns
    -------
    polars.DataFrame
        `subject`, whole `day` [d], `least` and `most`, what its grade can be, `words`, the signs
        that decide it, `unrecorded`, those that nobody recorded.

    Examples
    --------
    >>> rows = pl.DataFrame({"subject": ["1"], "day": [2.5], "scale": ["bleeding"],
    ...                      "item": ["who"], "value": ["2"]})
    >>> days = grade_days(Patients.of(assessments=rows), SignParameters(), "who_bleeding")
    >>> days.select("day", "least", "most").row(0)
    (2.0, 2, 2)
    """
    p, rule = parameters, read_sign_rule(criteria)
    scales = {scale for scale, _ in rule.items()}
    rows = patients.assessments.filter(
        pl.col("scale").is_in(list(scales)),
        pl.col("day").is_not_null(),
        within(p.from_day, p.to_day),
    ).with_columns(pl.col("day").floor())
    absent = p.unrecorded_signs == "absent"
    wide = rows.group_by("subject", "day").agg(
        *(_graded(rule, scale, item).max().alias(item) for scale, item in rule.items()),
        *map(_said, rule.said()),
    )
    wide = _join_events(wide, patients, p, rule)
    # a grade that was recorded leaves nothing open
    settled = pl.any_horizontal(
        pl.lit(value=False), *(pl.col(item).is_not_null() for item in rule.recorded.values())
    )
    most = [
        pl.col(item).fill_null(0 if absent else rule.most(scale, item))
        for scale, item in rule.items()
    ]
    least = [pl.col(item).fill_null(0) for _, item in rule.items()]
    for each in rule.together:
        parts = [pl.col(f"_{item}") for item in each.all_of]
        least.append(_all_of(parts, unrecorded=False) * each.grade)
        most.append(_all_of(parts, unrecorded=not absent) * each.grade)
    lowest, highest = pl.max_horizontal(least), pl.max_horizontal(most)
    if rule.needs is not None:
        surely, possibly = _open_gate(rule.needs, absent=absent)
        base = pl.lit(rule.needs.grade, pl.Int64)
        free = (pl.col(item).fill_null(0) for item in rule.needs.unless)
        shut = pl.max_horizontal(pl.lit(0, pl.Int64), *free)
        lowest = pl.when(surely).then(pl.max_horizontal(lowest, base)).otherwise(shut)
        highest = pl.when(possibly).then(pl.max_horizontal(highest, base)).otherwise(shut)
    highest = pl.when(settled).then(lowest).otherwise(highest)
    if rule.events:
        lowest = pl.max_horizontal(lowest, "_event_least")
        highest = pl.max_horizontal(highest, pl.when(~settled).then("_event_most"), lowest)
    return wide.with_columns(lowest.alias("least"), highest.alias("most")).with_columns(
        _words(rule).alias("words"), _missing(rule).alias("unrecorded")
    )


def _all_of(parts: Sequence[pl.Expr], *, unrecorded: bool) -> pl.Expr:
    return pl.all_horizontal(part.fill_null(value=unrecorded) for part in parts).cast(pl.Int64)


def _join_events(
    wide: pl.DataFrame, patients: Patients, p: SignParameters, rule: SignRule
) -> pl.DataFrame:
    """Join the days of events that show a sign without its grade."""
    if not rule.events:
        return wide
    ends = ("_event_least", "_event_most")
    happened = patients.events.filter(
        pl.col("event").is_in(list(rule.events)),
        pl.col("day").is_not_null(),
        within(p.from_day, p.to_day),
    ).with_columns(pl.col("day").floor())
    by_event = [
        pl.col("event").replace_strict(
            {name: bounds[end] for name, bounds in rule.events.items()}, return_dtype=pl.Int64
        )
        for end in (0, 1)
    ]
    days = happened.group_by("subject", "day").agg(
        *(each.max().alias(name) for name, each in zip(ends, by_event, strict=True)),
        name_event("event").sort().first().alias("_event"),
    )
    return wide.join(days, on=["subject", "day"], how="full", coalesce=True)


def _find_undated(patients: Patients, rule: SignRule) -> pl.DataFrame:
    """Events without a day, which may lie in the window: `undated`, and the most they can show."""
    highest = {name: most for name, (_, most) in rule.events.items()}
    most = pl.col("event").replace_strict(highest, default=None, return_dtype=pl.Int64)
    undated = patients.events.filter(pl.col("event").is_in(list(highest)), pl.col("day").is_null())
    return undated.group_by("subject").agg(
        most.max().alias("undated_most"), name_event("event").sort().first().alias("undated")
    )


def _graded(rule: SignRule, scale: str, item: str) -> pl.Expr:
    own = (pl.col("scale") == scale) & (pl.col("item") == item)
    return pl.when(own).then(rule.grade(scale, item))


def _said(item: str) -> pl.Expr:
    return pl.when(pl.col("item") == item).then(pl.col("value") == "yes").max().alias(f"_{item}")


def _open_gate(gate: Gate, *, absent: bool) -> tuple[pl.Expr, pl.Expr]:
    """Whether one of the signs that are needed was there, and whether it may have been."""
    parts = [pl.col(f"_{item}") for item in gate.any_of]
    surely = pl.any_horizontal(part.fill_null(value=False) for part in parts)
    possibly = pl.any_horizontal(part.fill_null(value=not absent) for part in parts)
    return surely, possibly


def _words(rule: SignRule) -> pl.Expr:
    """The signs that give the grade of a day, in words."""
    parts = [
        pl.when((pl.col(item) == pl.col("least")) & (pl.col(item) > 0)).then(
            pl.lit(SCALES[scale].items[item].label)
        )
        for scale, item in rule.items()
    ]
    for each in rule.together:
        labels = join_words(SCALES[each.scale].items[item].label for item in each.all_of)
        there = _all_of([pl.col(f"_{item}") for item in each.all_of], unrecorded=False) == 1
        parts.append(pl.when(there & (pl.col("least") == each.grade)).then(pl.lit(labels)))
    if rule.events:
        of_event = (pl.col("_event_least") == pl.col("least")) & (pl.col("least") > 0)
        parts.append(pl.when(of_event).then("_event"))
    told = pl.concat_str(parts, separator=" and ", ignore_nulls=True)
    alone = "no sign that is graded" if rule.needs is None else "no worse sign"
    return pl.when(told == "").then(pl.lit(alone)).otherwise(told)


def _missing(rule: SignRule) -> pl.Expr:
    """The signs that nobody recorded on a day, in words."""
    asked = {(scale, item): item for scale, item in rule.items() if rule.most(scale, item)}
    if rule.needs is not None:
        asked |= {(rule.needs.scale, item): f"_{item}" for item in rule.needs.any_of}
    for each in rule.together:
        asked = {(each.scale, item): f"_{item}" for item in each.all_of} | asked
    parts = [
        pl.when(pl.col(column).is_null()).then(pl.lit(SCALES[scale].items[item].label))
        for (scale, item), column in asked.items()
    ]
    return pl.concat_str(parts, separator="; ", ignore_nulls=True)


def _cases(p: SignParameters, scales: str, names: Sequence[str]) -> list[Case]:
    lowest = pl.col("lowest")
    by_grade = dict(enumerate(names))
    least, most = (
        pl.col(end).replace_strict(by_grade, default=None, return_dtype=pl.String)
        for end in ("lowest", "highest")
    )
    closed = pl.format("{} on day {}, grade {}", "words", number_text("day"), least)
    opened = pl.format(
        "grade {} to {} possible: not recorded on day {}: {}",
        least,
        most,
        number_text("day"),
        "unrecorded",
    )
    undated = pl.format(
        "{} recorded without a day: grade {} to {} possible", "undated", least, most
    )
    happened = pl.col("undated").is_not_null() & (lowest < pl.col("highest"))
    return [
        Case(lowest.is_null(), None, f"no record of {scales} {window_words(p.from_day, p.to_day)}"),
        Case(happened, None, undated),
        Case(lowest < pl.col("highest"), None, opened),
        Case(pl.lit(value=True), least, closed),
    ]
