"""One lineage of every patient: its assessments, episodes, and whether they show the pattern."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.records.episodes import keep_episodes
from stromal.endpoints.records.occurrences import name_event
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
from stromal.kernels.series.pick import Picked, pick_runs
from stromal.kernels.series.runs import Recovery, Runs, find_runs
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
    told = (*((name, value) for name, value in parameters if name != "lineages"), reasons)
    patients = _leave_out_later(patients, parameters.censor_events)
    daily = derive_daily_grades(patients, lineage, parameters.criteria)
    return share(
        daily, ("judged", told), lambda: _judge(patients, daily, parameters, reasons=reasons)
    )


def _judge(
    patients: Patients, daily: DailyGrades, p: CytopeniaPatternParameters, *, reasons: bool
) -> pl.DataFrame:
    seen = share(daily, ("assessed", *_seen_by(p)), lambda: _take(patients, daily, p))
    episodes = share(
        daily,
        ("episodes", *_seen_by(p), _recovery(p)),
        lambda: keep_episodes(find_runs(seen.number, seen.day, seen.affected, _recovery(p))),
    )
    picked = _choose(episodes, p, seen.people)
    frame = pl.DataFrame(
        {
            "number": np.arange(seen.people, dtype=np.uint32),
            **_count(seen, p),
            **_show(episodes, picked, p),
            **_bound(seen, picked, p),
            "ended": _end(patients, p, seen.people),
            "undated": _find_undated(patients, p.censor_events, seen.people),
        }
    )
    if reasons:
        for one in (_explain(seen), _support(patients, frame, daily.lineage)):
            frame = frame.join(one, on="number", how="left", maintain_order="left")
    decided = decide(frame, list_cases(p, daily.lineage), VALUES, reasons=reasons)
    return decided.select("number", "label", "lowest", "highest", "start", "reason")


def _leave_out_later(patients: Patients, events: tuple[str, ...]) -> Patients:
    """Leave out counts later on the day of the event that censors, before the worst is taken."""
    return share(patients.labs, ("until", events), lambda: _cut_days(patients, events))


def _cut_days(patients: Patients, events: tuple[str, ...]) -> Patients:
    censored = _first_days(patients, events, int(patients.subjects["subject"].n_unique()))
    if not np.isfinite(censored).any():
        return patients
    day = patients.labs["day"].cast(pl.Float64).fill_null(math.nan).to_numpy()
    # only a part of a day can follow another one
    parts = np.flatnonzero(day > np.floor(day))
    ends = censored[patients.labs["subject"].to_numpy()[parts]]
    later = parts[(day[parts] > ends) & (np.floor(day[parts]) == np.floor(ends))]
    if not later.size:
        return patients
    kept = np.ones(day.size, bool)
    kept[later] = False
    return replace(patients, labs=patients.labs.filter(pl.Series(kept)))


def _recovery(p: CytopeniaPatternParameters) -> Recovery:
    return Recovery(p.recovery_assessments, p.recovery_days)


def _seen_by(p: CytopeniaPatternParameters) -> tuple[Hashable, ...]:
    """The parameters that say which assessments count, and on which side they are."""
    return p.threshold_grade, p.censor_events, p.support_days


def _take(patients: Patients, daily: DailyGrades, p: CytopeniaPatternParameters) -> Assessed:
    """Take the assessments up to the first event that censors, less those that support explains."""
    people = int(patients.subjects["subject"].n_unique())
    at: NDArray[np.intp] = np.arange(daily.day.size)
    censored = _first_days(patients, p.censor_events, people)
    if np.isfinite(censored).any():
        at = np.flatnonzero(daily.day <= censored[daily.number])
    if p.support_days is not None:
        explained = _is_supported(patients, daily, p.support_days)
        at = at[~explained[at] | (daily.most[at] >= p.threshold_grade)]
    number, day, least, most = daily.number, daily.day, daily.least, daily.most
    if at.size < daily.day.size:
        number, day, least, most = number[at], day[at], least[at], most[at]
    threshold = p.threshold_grade
    return Assessed(daily, at, number, day, least >= threshold, most >= threshold, people)


def _is_supported(patients: Patients, daily: DailyGrades, days: float) -> NDArray[np.bool_]:
    """Tell which assessments lie on a day of support of the lineage or so many days after it."""
    event = read_criteria(CRITERIA).rules["support"].get(daily.lineage, "")
    given = patients.events.filter(pl.col("event") == event, pl.col("day").is_not_null())
    latest = given.select(pl.col("subject").alias("number"), "day", given="day").sort("day")
    rows = pl.DataFrame({"number": daily.number, "day": daily.day}).with_row_index("at")
    found = rows.sort("day").join_asof(
        latest, on="day", by="number", strategy="backward", check_sortedness=False
    )
    since = pl.col("day") - pl.col("given")
    near = found.sort("at").select((since <= days).fill_null(value=False)).to_series()
    return np.asarray(near.to_numpy(), np.bool_)


def _first_days(patients: Patients, events: tuple[str, ...], people: int) -> NDArray[np.float64]:
    """First day [d] of any of these events, (S,); infinite where there is none."""
    return share(
        patients.events, ("first", events), lambda: _find_first_days(patients, events, people)
    )


def _find_first_days(
    patients: Patients, events: tuple[str, ...], people: int
) -> NDArray[np.float64]:
    found = patients.events.filter(pl.col("event").is_in(events), pl.col("day").is_not_null())
    first = np.full(people, math.inf)
    np.minimum.at(first, found["subject"].to_numpy(), found["day"].to_numpy())
    return first


def _count(seen: Assessed, p: CytopeniaPatternParameters) -> dict[str, pl.Series]:
    """Assessments from day 0 on: how many, how many are clear, and the last of each."""
    return share(seen.daily, ("counted", *_seen_by(p)), lambda: _tally(seen))


def _tally(seen: Assessed) -> dict[str, pl.Series]:
    tally = tally_records(seen.number, seen.day, ~seen.unclear, seen.people)
    # none is told from nobody: a patient whom nobody assessed has no count
    return {
        "looked": _or_null(tally.records, tally.records > 0),
        "assessed": _or_null(tally.clear, tally.clear > 0),
        "last_looked": _or_null(tally.last, ~np.isnan(tally.last)),
        "last_assessed": _or_null(tally.last_clear, ~np.isnan(tally.last_clear)),
    }


def _or_null(values: NDArray[Any], there: NDArray[np.bool_]) -> pl.Series:
    """Return values as a column, null where they are not there."""
    column = pl.Series(values)
    return column if there.all() else column.set(pl.Series(~there), None)


def _choose(episodes: Runs, p: CytopeniaPatternParameters, people: int) -> Picked:
    """Per series the episode that shows the pattern, or else the one that comes nearest to it.

    `surely` and `maybe` tell whether any episode shows it however the days without assessments
    beside it are taken, and whether one may.
    """
    start, end = episodes.start, episodes.end
    surely = np.ones(start.size, bool)
    maybe = np.zeros(start.size, bool)
    if p.pattern == "prolonged":
        duration = _last(episodes, from_zero=p.counted_from == "day_zero")
        shows = duration >= p.min_duration
        if p.counted_from == "day_zero":
            shows &= start < p.min_duration
        else:
            surely = episodes.last - start >= p.min_duration
            maybe = end - np.fmax(episodes.before, 0.0) > p.min_duration
        # an open episode that is short may yet be long, also where another one was longer
        maybe |= episodes.open & (duration < p.min_duration)
        order = np.where(shows, start, -duration)
    elif p.late_is_there:
        shows = episodes.last >= p.late_day
        # until the count that ended it, it may have been there still
        maybe = end > p.late_day
        order = np.where(shows, start, -end)
    elif p.pattern == "late_onset":
        shows = start >= p.late_day
        # on each day from the late one on, or the day before it, somebody would have seen it begin
        surely = episodes.before >= p.late_day - 1
        order = np.where(shows, start, -start)
    else:
        first = start[np.maximum.accumulate(np.where(_begins(episodes), np.arange(start.size), 0))]
        shows = (start > first) & (first < p.late_day)
        order = start
    return pick_runs(episodes.series, order, shows, shows & surely, shows | maybe, people)


def _begins(episodes: Runs) -> NDArray[np.bool_]:
    """Whether each episode is the first of its series."""
    begins = np.ones(episodes.series.size, bool)
    begins[1:] = episodes.series[1:] != episodes.series[:-1]
    return begins


def _last(episodes: Runs, *, from_zero: bool) -> NDArray[np.float64]:
    """Days [d] that each episode lasts, to 15 significant digits."""
    days = pl.Series(episodes.end if from_zero else episodes.end - episodes.start)
    return days.round_sig_figs(15).to_numpy()


def _show(episodes: Runs, picked: Picked, p: CytopeniaPatternParameters) -> dict[str, pl.Series]:
    """Return the episode of each series that was picked; null where there is none."""
    there = picked.at >= 0
    at = np.where(there, picked.at, 0)
    ended_before = np.where(_begins(episodes), np.nan, np.roll(episodes.end, 1))
    columns = {
        "start": episodes.start,
        "end": episodes.end,
        "before": episodes.before,
        "open": episodes.open,
        "duration": _last(episodes, from_zero=p.counted_from == "day_zero"),
        "recovered": ended_before,
    }
    found = {}
    for name, values in columns.items():
        own = values[at] if values.size else np.zeros(at.size, values.dtype)
        known = there & ~np.isnan(own) if values.dtype.kind == "f" else there
        found[name] = _or_null(own, known)
    return found | {
        name: _or_null(values, there)
        for name, values in zip(("shows", "surely", "maybe"), picked[1:], strict=True)
    }


def _bound(seen: Assessed, picked: Picked, p: CytopeniaPatternParameters) -> dict[str, pl.Series]:
    """Whether series with unclear assessments `certain`ly and `possibl`y show the pattern."""
    unclear = seen.unclear
    certain, possible = np.zeros(seen.people, bool), np.zeros(seen.people, bool)
    open_ = np.zeros(seen.people, bool)
    open_[seen.number[unclear]] = True
    at = np.flatnonzero(open_[seen.number]) if unclear.any() else np.empty(0, np.intp)
    if p.pattern == "prolonged" or p.late_is_there:
        # more affected days only lengthen episodes, so that the two extremes bound the answer
        runs = find_runs(seen.number[at], seen.day[at], seen.maybe[at], _recovery(p))
        certain = picked.shows
        possible = _choose(keep_episodes(runs), p, seen.people).shows
    elif at.size:
        rows = pl.DataFrame({"number": seen.number[at], "day": seen.day[at]}).with_columns(
            pl.when(pl.Series(~unclear[at])).then(pl.Series(seen.affected[at])).alias("affected")
        )
        walked = find_possible_patterns(
            rows, p.pattern, p.late_day, p.recovery_assessments, p.recovery_days
        )
        whose = walked["number"].to_numpy()
        certain[whose], possible[whose] = (
            walked[name].to_numpy() for name in ("certain", "possible")
        )
    return {"certain": _or_null(certain, open_), "possible": _or_null(possible, open_)}


def _end(patients: Patients, p: CytopeniaPatternParameters, people: int) -> pl.Series:
    """First day of death or of an event that censors [d]: no episode counts after it."""
    ended = _first_days(patients, (*p.censor_events, "death"), people)
    return _or_null(ended, np.isfinite(ended))


def _find_undated(patients: Patients, events: tuple[str, ...], people: int) -> pl.Series:
    """An event of each patient that censors and has no day; a death comes after all counts."""
    return share(
        patients.events, ("undated", events), lambda: _name_undated(patients, events, people)
    )


def _name_undated(patients: Patients, events: tuple[str, ...], people: int) -> pl.Series:
    undated = patients.events.filter(
        pl.col("day").is_null(), pl.col("event").is_in(events), pl.col("event") != "death"
    )
    names: list[str | None] = [None] * people
    for number, name in undated.select("subject", name_event()).sort("event").iter_rows():
        names[number] = names[number] or name
    return pl.Series(names, dtype=pl.String)


def _explain(seen: Assessed) -> pl.DataFrame:
    """Per series how many assessments are unclear, the first from day 0 on, and why it is.

    Where there is none from day 0 on it is the first before it, since a cytopenia of then may last.
    """
    unclear = np.flatnonzero(seen.unclear)
    early = seen.day[unclear] < 0
    unclear = unclear[np.lexsort((early, seen.number[unclear]))]
    _, first, many = np.unique(seen.number[unclear], return_index=True, return_counts=True)
    rows = seen.daily.tell(seen.daily.frame(seen.at[unclear[first]]))
    return rows.select(
        "number",
        pl.col("day").alias("unclear_on"),
        write_ungraded().alias("unclear_why"),
        pl.Series("unclear_number", many),
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
