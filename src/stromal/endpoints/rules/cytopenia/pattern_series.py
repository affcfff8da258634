"""One lineage of every patient: its assessments, episodes, and whether they show the pattern."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.records.episodes import frame_episodes
from stromal.endpoints.records.shared import share
from stromal.endpoints.rules.cytopenia.grading import (
    DailyGrades,
    derive_daily_grades,
    write_ungraded,
)
from stromal.endpoints.rules.cytopenia.pattern_parameters import (
    CRITERIA,
    CytopeniaPatternParameters,
)
from stromal.endpoints.rules.cytopenia.pattern_words import list_cases
from stromal.endpoints.rules.cytopenia.possible import find_possible_patterns
from stromal.endpoints.verdict import decide
from stromal.kernels.series.runs import Recovery, find_runs
from stromal.kernels.series.tally import tally_records
from stromal.tables.events import EVENT_NAMES
from stromal.tables.patients import Patients

VALUES = {"no": 0.0, "yes": 1.0}


@dataclass(frozen=True, slots=True, eq=False)
class Assessed:
    """Assessments of one lineage up to the event that censors, and what they show.

    Parameters
    ----------
    daily
        The graded counts.
    at
        Which of them count.
    number, day
        Of those.
    affected, maybe
        Whether each is at or above the grade, and whether it may be.
    people
        Number of patients.
    """

    daily: DailyGrades
    at: NDArray[np.intp]
    number: NDArray[np.uint32]
    day: NDArray[np.float64]
    affected: NDArray[np.bool_]
    maybe: NDArray[np.bool_]
    people: int

    @property
    def unclear(self) -> NDArray[np.bool_]:
        """Whether the grade of each leaves open on which side it is."""
        return self.maybe & ~self.affected


def judge_lineage(
    patients: Patients,
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
        Patients by number; `labs` and `events` are read.
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
    seen = _assess(patients, lineage, p)
    recovery = Recovery(p.recovery_assessments, p.recovery_days)
    episodes = share(
        seen.daily,
        ("episodes", *_seen_by(p), recovery),
        lambda: frame_episodes(find_runs(seen.number, seen.day, seen.affected, recovery)),
    )
    chosen = _choose(episodes, p)
    frames = [_count(seen, p), chosen, _bound(seen, chosen, p), _end(patients, p)]
    if reasons:
        frames += [_explain(seen), _support(patients, chosen, lineage)]
    frame = patients.subjects.select(pl.col("subject").unique(maintain_order=True).alias("number"))
    for one in frames:
        frame = frame.join(one, on="number", how="left", maintain_order="left")
    decided = decide(frame, list_cases(p, lineage), VALUES, reasons=reasons)
    return decided.select("number", "label", "lowest", "highest", "start", "reason")


def _seen_by(p: CytopeniaPatternParameters) -> tuple[Hashable, ...]:
    """The parameters that say which assessments count, and on which side they are."""
    return p.threshold_grade, p.censor_events


def _assess(patients: Patients, lineage: str, p: CytopeniaPatternParameters) -> Assessed:
    daily = derive_daily_grades(patients, lineage, p.criteria)
    return share(daily, ("assessed", *_seen_by(p)), lambda: _take(patients, daily, p))


def _take(patients: Patients, daily: DailyGrades, p: CytopeniaPatternParameters) -> Assessed:
    """Take the assessments up to the first event that censors."""
    people = int(patients.subjects["subject"].n_unique())
    first = _first_day(patients, p.censor_events, "day").drop_nulls("day")
    at: NDArray[np.intp] = np.arange(daily.day.size)
    if first.height:
        censored = np.full(people, math.inf)
        censored[first["number"].to_numpy()] = first["day"].to_numpy()
        at = np.flatnonzero(daily.day <= censored[daily.number])
    number, day, least, most = daily.number, daily.day, daily.least, daily.most
    if at.size < daily.day.size:
        number, day, least, most = number[at], day[at], least[at], most[at]
    threshold = p.threshold_grade
    return Assessed(daily, at, number, day, least >= threshold, most >= threshold, people)


def _first_day(patients: Patients, events: Iterable[str], name: str) -> pl.DataFrame:
    """First day [d] of any of these events."""
    found = patients.events.filter(pl.col("event").is_in(list(events)))
    return found.group_by(pl.col("subject").alias("number")).agg(pl.col("day").min().alias(name))


def _count(seen: Assessed, p: CytopeniaPatternParameters) -> pl.DataFrame:
    """Assessments from day 0 on: how many, how many are clear, and the last of each."""
    return share(seen.daily, ("counted", *_seen_by(p)), lambda: _tally(seen))


def _tally(seen: Assessed) -> pl.DataFrame:
    tally = tally_records(seen.number, seen.day, ~seen.unclear, seen.people)
    frame = pl.DataFrame(
        {
            "number": np.arange(seen.people, dtype=np.uint32),
            "looked": tally.records,
            "last_looked": tally.last,
            "assessed": tally.clear,
            "last_assessed": tally.last_clear,
        }
    )
    # none is told from nobody: a patient whom nobody assessed has no count
    none = {"looked": 0, "assessed": 0, "last_looked": math.nan, "last_assessed": math.nan}
    return frame.with_columns(
        pl.when(pl.col(name) != value if value == 0 else pl.col(name).is_not_nan())
        .then(name)
        .alias(name)
        for name, value in none.items()
    )


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


def _bound(seen: Assessed, chosen: pl.DataFrame, p: CytopeniaPatternParameters) -> pl.DataFrame:
    """Series with unclear assessments: whether they `certain`ly and `possibl`y show the pattern."""
    unclear = seen.unclear
    open_ = np.zeros(seen.people, bool)
    open_[seen.number[unclear]] = True
    at = np.flatnonzero(open_[seen.number]) if unclear.any() else np.empty(0, np.intp)
    numbers = pl.DataFrame({"number": np.flatnonzero(open_).astype(np.uint32)})
    if p.pattern == "prolonged":
        # more affected days only lengthen episodes, so that the two extremes bound the answer
        recovery = Recovery(p.recovery_assessments, p.recovery_days)
        runs = find_runs(seen.number[at], seen.day[at], seen.maybe[at], recovery)
        most = _choose(frame_episodes(runs), p)
        bounds = numbers
        for frame, name in ((chosen, "certain"), (most, "possible")):
            shown = frame.select("number", pl.col("shows").alias(name))
            bounds = bounds.join(shown, on="number", how="left")
        return bounds.with_columns(pl.col("certain", "possible").fill_null(value=False))
    rows = pl.DataFrame({"number": seen.number[at], "day": seen.day[at]}).with_columns(
        pl.when(pl.Series(~unclear[at])).then(pl.Series(seen.affected[at])).alias("affected")
    )
    return find_possible_patterns(
        rows, p.pattern, p.late_day, p.recovery_assessments, p.recovery_days
    )


def _end(patients: Patients, p: CytopeniaPatternParameters) -> pl.DataFrame:
    """First day of death or of an event that censors [d]: no episode counts after it."""
    return _first_day(patients, (*p.censor_events, "death"), "ended")


def _explain(seen: Assessed) -> pl.DataFrame:
    """Per series the first unclear assessment from day 0 on, and why it is unclear."""
    unclear = np.flatnonzero(seen.unclear & (seen.day >= 0))
    _, first = np.unique(seen.number[unclear], return_index=True)
    rows = seen.daily.tell(seen.daily.frame(seen.at[unclear[first]]))
    return rows.select(
        "number", pl.col("day").alias("unclear_on"), write_ungraded().alias("unclear_why")
    )


def _support(patients: Patients, chosen: pl.DataFrame, lineage: str) -> pl.DataFrame:
    """On how many days of its episode a lineage was supported, in words: `support`."""
    event = read_criteria(CRITERIA).rules["support"].get(lineage, "")
    given = patients.events.filter(pl.col("event") == event)
    days = (
        chosen.join(given.select(pl.col("subject").alias("number"), "day"), on="number")
        .filter(pl.col("day").is_between("start", "end"))
        .group_by("number")
        .agg(pl.col("day").floor().n_unique().alias("_days"))
    )
    what = EVENT_NAMES.get(event, "")
    return days.select(
        "number", pl.format(f"; {what} on {{}} of its days", "_days").alias("support")
    )
