"""One lineage of every patient: its assessments, episodes, and whether they show the pattern."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.records.episodes import derive_episodes
from stromal.endpoints.rules.cytopenia.grading import derive_daily_grades, write_ungraded
from stromal.endpoints.rules.cytopenia.pattern_parameters import (
    CRITERIA,
    CytopeniaPatternParameters,
)
from stromal.endpoints.rules.cytopenia.pattern_words import list_cases
from stromal.endpoints.rules.cytopenia.possible import find_possible_patterns
from stromal.endpoints.verdict import decide
from stromal.tables.events import EVENT_NAMES
from stromal.tables.patients import Patients

VALUES = {"no": 0.0, "yes": 1.0}


def judge_lineage(
    patients: Patients,
    numbers: pl.DataFrame,
    lineage: str,
    parameters: CytopeniaPatternParameters,
    *,
    reasons: bool,
) -> pl.DataFrame:
    """Judge the pattern in one lineage of every patient.

    An assessment whose grade cannot be told may or may not belong to an episode. The pattern is
    shown where every such choice shows it, and denied where none does.

    Parameters
    ----------
    patients
        The five tables; `labs` and `events` are read.
    numbers
        `subject` and `number` of every patient, in order.
    lineage
        Which low count.
    parameters
        Pattern, grade, days [d], recovery and censoring.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per patient, in order: `number`, `label`, `lowest`, `highest`, `start` [d] of the
        episode that shows the pattern or comes nearest to it, `reason`.
    """
    p = parameters
    rows = _assess(patients, numbers, lineage, p)
    chosen = _choose(_episodes(rows, p, unclear=False), p)
    frames = [_count(rows), chosen, _bound(rows, chosen, p), _end(patients, numbers, p)]
    if reasons:
        frames += [_explain(rows), _support(patients, numbers, chosen, lineage)]
    frame = numbers.select("number")
    for one in frames:
        frame = frame.join(one, on="number", how="left", maintain_order="left")
    decided = decide(frame, list_cases(p, lineage), VALUES, reasons=reasons)
    return decided.select("number", "label", "lowest", "highest", "start", "reason")


def _assess(
    patients: Patients, numbers: pl.DataFrame, lineage: str, p: CytopeniaPatternParameters
) -> pl.DataFrame:
    """Tell whether each assessment is at or above the grade (`affected`); null where it may be."""
    graded = derive_daily_grades(patients.labs, numbers, lineage, p.criteria)
    censored = (
        patients.events.filter(pl.col("event").is_in(p.censor_events))
        .join(numbers, on="subject")
        .group_by("number")
        .agg(pl.col("day").min().alias("_censored"))
    )
    threshold = p.threshold_grade
    return (
        graded.join(censored, on="number", how="left", maintain_order="left")
        .filter(pl.col("_censored").is_null() | (pl.col("day") <= pl.col("_censored")))
        .with_columns(
            pl.when(pl.col("grade_at_least") >= threshold)
            .then(pl.lit(value=True))
            .when(pl.col("grade_at_most") < threshold)
            .then(pl.lit(value=False))
            .alias("affected")
        )
    )


def _episodes(rows: pl.DataFrame, p: CytopeniaPatternParameters, *, unclear: bool) -> pl.DataFrame:
    """Episodes, with every unclear assessment taken as affected or as not."""
    told = rows.select("number", "day", pl.col("affected").fill_null(value=unclear))
    return derive_episodes(told, "number", p.recovery_assessments, p.recovery_days)


def _count(rows: pl.DataFrame) -> pl.DataFrame:
    """Assessments from day 0 on: how many, how many are clear, and the last of each."""
    day, clear = pl.col("day"), pl.col("affected").is_not_null()
    after = rows.filter(day >= 0)
    looked = after.group_by("number").agg(pl.len().alias("looked"), day.last().alias("last_looked"))
    assessed = (
        after.filter(clear)
        .group_by("number")
        .agg(pl.len().alias("assessed"), day.last().alias("last_assessed"))
    )
    return looked.join(assessed, on="number", how="left")


def _choose(episodes: pl.DataFrame, p: CytopeniaPatternParameters) -> pl.DataFrame:
    """Per series the episode that shows the pattern, or else the one that comes nearest to it.

    `surely` and `maybe` tell whether any episode shows it however the days without assessments
    beside it are taken, and whether one may.
    """
    start, end = pl.col("start"), pl.col("end")
    first = start.first().over("number")
    duration = (end if p.counted_from == "day_zero" else end - start).round_sig_figs(15)
    surely, maybe = pl.lit(value=True), pl.lit(value=False)
    if p.pattern == "prolonged":
        shows = duration >= p.min_duration
        if p.counted_from == "day_zero":
            shows &= start < p.min_duration
        else:
            surely = pl.col("last") - start >= p.min_duration
            maybe = end - pl.max_horizontal("before", pl.lit(0.0)) > p.min_duration
        order = pl.when(shows).then(start).otherwise(-duration)
    elif p.pattern == "late_onset":
        shows = start >= p.late_day
        # on each day from the late one on, or the day before it, somebody would have seen it begin
        surely = (pl.col("before") >= p.late_day - 1).fill_null(value=False)
        order = pl.when(shows).then(start).otherwise(-start)
    else:
        shows = (start > first) & (first < p.late_day)
        order = start
    return (
        episodes.with_columns(
            shows.alias("shows"),
            (shows & surely).any().over("number").alias("surely"),
            (shows | maybe).any().over("number").alias("maybe"),
            duration.alias("duration"),
            end.shift(1).over("number").alias("recovered"),
            order.alias("_order"),
        )
        .sort("number", ~pl.col("shows"), "_order")
        .unique("number", keep="first", maintain_order=True)
        .drop("_order")
    )


def _bound(rows: pl.DataFrame, chosen: pl.DataFrame, p: CytopeniaPatternParameters) -> pl.DataFrame:
    """Series with unclear assessments: whether they `certain`ly and `possibl`y show the pattern."""
    unclear = rows.filter(pl.col("affected").is_null()).select(pl.col("number").unique())
    open_rows = rows.join(unclear, on="number", how="semi", maintain_order="left")
    if p.pattern == "prolonged":
        # more affected days only lengthen episodes, so that the two extremes bound the answer
        most = _choose(_episodes(open_rows, p, unclear=True), p)
        bounds = unclear
        for frame, name in ((chosen, "certain"), (most, "possible")):
            shown = frame.select("number", pl.col("shows").alias(name))
            bounds = bounds.join(shown, on="number", how="left")
        return bounds.with_columns(pl.col("certain", "possible").fill_null(value=False))
    return find_possible_patterns(
        open_rows.select("number", "day", "affected"),
        p.pattern,
        p.late_day,
        p.recovery_assessments,
        p.recovery_days,
    )


def _end(patients: Patients, numbers: pl.DataFrame, p: CytopeniaPatternParameters) -> pl.DataFrame:
    """First day of death or of an event that censors [d]: no episode counts after it."""
    ended = patients.events.filter(pl.col("event").is_in([*p.censor_events, "death"]))
    return (
        ended.join(numbers, on="subject").group_by("number").agg(pl.col("day").min().alias("ended"))
    )


def _explain(rows: pl.DataFrame) -> pl.DataFrame:
    """Per series the first unclear assessment from day 0 on, and why it is unclear."""
    unclear = rows.filter(pl.col("affected").is_null() & (pl.col("day") >= 0))
    return unclear.unique("number", keep="first", maintain_order=True).select(
        "number", pl.col("day").alias("unclear_on"), write_ungraded().alias("unclear_why")
    )


def _support(
    patients: Patients, numbers: pl.DataFrame, chosen: pl.DataFrame, lineage: str
) -> pl.DataFrame:
    """On how many days of its episode a lineage was supported, in words: `support`."""
    event = read_criteria(CRITERIA).rules["support"].get(lineage, "")
    given = patients.events.filter(pl.col("event") == event).join(numbers, on="subject")
    days = (
        chosen.join(given.select("number", "day"), on="number")
        .filter(pl.col("day").is_between("start", "end"))
        .group_by("number")
        .agg(pl.col("day").floor().n_unique().alias("_days"))
    )
    what = EVENT_NAMES.get(event, "")
    return days.select(
        "number", pl.format(f"; {what} on {{}} of its days", "_days").alias("support")
    )
