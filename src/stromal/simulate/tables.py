"""The course of virtual patients as the five tables; it and `schedule.py` know both sides."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.kernels.status import Status
from stromal.models.ports import StagePort
from stromal.simulate.happen import find_event_days
from stromal.simulate.observe import measure, miss
from stromal.simulate.population import People
from stromal.simulate.streams import Streams
from stromal.simulate.trial import Trial
from stromal.tables.cohort import KEY
from stromal.tables.patients import Patients

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
Wholes = NDArray[np.int64]

DEATH = "death"

NOT_ENROLLED = 100
"""Status of who belongs to a trial that found too few patients."""


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was done to some patients on a day: an event of the table."""

    event: str
    day: float
    patients: Wholes
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """What became of some patients up to a day.

    Parameters
    ----------
    times
        Days, (T,).
    outputs
        Of the model, by name, (N, T).
    status, reached
        How the integration of each patient ended, and the last day with numbers, (N,).
    doses
        Rows of the table `doses`, with a column `patient`.
    done
        What rules did.
    """

    times: Floats
    outputs: Mapping[str, Floats]
    status: NDArray[np.int8]
    reached: Floats
    doses: pl.DataFrame
    done: tuple[Done, ...] = field(default=())

    @property
    def failed(self) -> Truths:
        """Return who has no numbers, (N,)."""
        return np.asarray(self.status != Status.DONE)


def tabulate(trial: Trial, people: People, course: Course) -> Patients:
    """Return the five tables of patients, up to the last day of their course.

    Parameters
    ----------
    trial
        Says what is looked at, and when.
    people
        The patients.
    course
        What became of them.

    Returns
    -------
    Patients
        Rows patient by patient, in the order of `people`, and then of the days. Who failed has a
        row of `subjects` without days, and no other.
    """
    streams = Streams(trial.seed, people.numbers)
    days = find_days(trial, course, streams)
    death = days.get(DEATH, np.full(people.count, np.nan))
    last = np.where(np.isnan(death), course.times[-1], np.minimum(death, course.times[-1]))
    keys = people.subjects.select(KEY)
    doses = course.doses.filter(
        pl.col("day") <= pl.Series(last).gather(course.doses["patient"]),
        ~pl.Series(course.failed).gather(course.doses["patient"]),
    )
    tables = {
        "doses": doses.sort("patient", "day", maintain_order=True).drop("patient"),
        "labs": _tabulate_labs(trial, course, last, streams, keys),
        "assessments": _tabulate_stages(trial, course, last, streams, keys),
        "events": _tabulate_events(course, days, last, keys),
    }
    subjects = _with_days(trial, people, course, last)
    given = {name: table for name, table in tables.items() if table.width}
    return Patients.of(None, subjects=subjects, **given)


def find_days(
    trial: Trial, course: Course, streams: Streams, names: Collection[str | None] | None = None
) -> dict[str, Floats]:
    """Return the day of each event of the model's ports, by its name, (N,); NaN where none is.

    Of `names` alone, where they are given.
    """
    return {
        name: np.where(
            course.failed,
            np.nan,
            find_event_days(name, port, course.times, course.outputs, streams),
        )
        for name, port in trial.model.ports.events.items()
        if names is None or name in names
    }


def measure_at(
    trial: Trial, course: Course, analyte: str, place: int, streams: Streams
) -> tuple[Floats, Truths]:
    """Measure an analyte on the day of a place of the grid: values and whether below the limit."""
    port = trial.model.ports.outputs[analyte]
    factor = float(trial.protocol.vocabulary.analytes[analyte].factor(port.unit))
    true = course.outputs[port.output][:, place] * factor
    return measure(analyte, float(course.times[place]), true, streams)


def sampled_on(trial: Trial, day: float, analyte: str, streams: Streams) -> Truths:
    """Tell of whom an analyte was measured on a day, (N,)."""
    found = np.zeros(len(streams), bool)
    for sampling in trial.samplings:
        if sampling.day == day and analyte in sampling.analytes:
            found |= ~miss(sampling.entry, day, sampling.missing, streams)
    return found


def lowest_before(
    trial: Trial, course: Course, analyte: str, place: int, streams: Streams
) -> Floats:
    """Return the lowest value of an analyte measured before the day of a place, (N,); else NaN."""
    lowest = np.full(len(streams), np.nan)
    days = {one.day for one in trial.samplings if analyte in one.analytes}
    for day in sorted(day for day in days if day < course.times[place]):
        at = int(np.searchsorted(course.times, day))
        value, _ = measure_at(trial, course, analyte, at, streams)
        lowest = np.fmin(lowest, np.where(sampled_on(trial, day, analyte, streams), value, np.nan))
    return lowest


def who_is_sampled(
    trial: Trial, course: Course, last: Floats, streams: Streams
) -> Iterator[tuple[int, int, Truths]]:
    """Yield the samplings within the course: number, place of the day, and who was sampled."""
    for number, sampling in enumerate(trial.samplings):
        place = int(np.searchsorted(course.times, sampling.day))
        if place < len(course.times) and course.times[place] == sampling.day:
            there = (sampling.day <= last) & ~course.failed
            if sampling.missing:
                there &= ~miss(sampling.entry, sampling.day, sampling.missing, streams)
            yield number, place, there


def _tabulate_labs(
    trial: Trial, course: Course, last: Floats, streams: Streams, keys: pl.DataFrame
) -> pl.DataFrame:
    """Rows of `labs`: a column of cells for each sample, read row by row."""
    values, below, there, heads = [], [], [], []
    for number, place, sampled in who_is_sampled(trial, course, last, streams):
        for analyte in trial.samplings[number].analytes:
            found, low = measure_at(trial, course, analyte, place, streams)
            values.append(found)
            below.append(low)
            there.append(sampled)
            heads.append((float(course.times[place]), analyte))
    if not heads:
        return pl.DataFrame()
    order = sorted(range(len(heads)), key=lambda at: heads[at][0])
    patient, column = np.nonzero(np.array([there[at] for at in order]).T)
    vocabulary = trial.protocol.vocabulary.analytes
    names = pl.Series([heads[at][1] for at in order])
    units = pl.Series([vocabulary[name].unit for name in names])
    man = trial.protocol.study.species == "human"
    limits = [vocabulary[name].normal if man else (None, None) for name in names]
    lows, highs = (pl.Series([each[end] for each in limits], dtype=pl.Float64) for end in (0, 1))
    cells = np.array([values[at] for at in order])[column, patient]
    bounded = np.array([below[at] for at in order])[column, patient]
    return keys[patient].with_columns(
        day=np.array([heads[at][0] for at in order])[column],
        analyte=names.gather(column),
        value=cells,
        bound=pl.when(pl.Series(bounded)).then(pl.lit("below")),
        unit=units.gather(column),
        lower_limit=lows.gather(column),
        upper_limit=highs.gather(column),
        reported_value=cells,
        reported_unit=units.gather(column),
    )


def _tabulate_stages(
    trial: Trial, course: Course, last: Floats, streams: Streams, keys: pl.DataFrame
) -> pl.DataFrame:
    """Rows of `assessments`: the stage of each item of the scales that are looked at."""
    found, there, heads = [], [], []
    for number, place, sampled in who_is_sampled(trial, course, last, streams):
        for scale in trial.samplings[number].scales:
            for item, port in trial.model.ports.stages.get(scale, {}).items():
                found.append(stage(port, course.outputs[port.output][:, place]))
                there.append(sampled)
                heads.append((float(course.times[place]), scale, item))
    if not heads:
        return pl.DataFrame()
    order = sorted(range(len(heads)), key=lambda at: heads[at][0])
    patient, column = np.nonzero(np.array([there[at] for at in order]).T)
    return keys[patient].with_columns(
        day=np.array([heads[at][0] for at in order])[column],
        scale=pl.Series([heads[at][1] for at in order]).gather(column),
        item=pl.Series([heads[at][2] for at in order]).gather(column),
        value=pl.Series(np.array([found[at] for at in order])[column, patient]).cast(pl.String),
    )


def stage(port: StagePort, values: Floats) -> Wholes:
    """Return the stage of each value, (N,): below the first cut is stage 0.

    Examples
    --------
    >>> stage(StagePort(output="SK", cuts=[0.2, 0.5]), np.array([0.1, 0.2, 0.9])).tolist()
    [0, 1, 2]
    """
    return np.searchsorted(np.asarray(port.cuts), values, side="right").astype(np.int64)


def _tabulate_events(
    course: Course, days: Mapping[str, Floats], last: Floats, keys: pl.DataFrame
) -> pl.DataFrame:
    """Rows of `events`: what the model says happened, and what rules did, until death."""
    parts: list[tuple[str, Floats, Wholes, str | None]] = []
    for name, day in days.items():
        patients = np.flatnonzero(~np.isnan(day) & (day <= last))
        parts.append((name, np.floor(day[patients]), patients, None))
    for one in course.done:
        alive = (one.day <= last[one.patients]) & ~course.failed[one.patients]
        patients = one.patients[alive]
        parts.append((one.event, np.full(len(patients), one.day), patients, one.detail or None))
    frames = [
        keys[patients].with_columns(
            day=day,
            event=pl.lit(name),
            detail=pl.lit(detail, pl.String),
            patient=pl.Series(patients, dtype=pl.Int64),
        )
        for name, day, patients, detail in parts
    ]
    if not frames:
        return pl.DataFrame()
    joined = pl.concat(frames).unique(
        ["patient", "day", "event"], keep="first", maintain_order=True
    )
    return joined.sort("patient", "day", maintain_order=True).drop("patient")


def _with_days(trial: Trial, people: People, course: Course, last: Floats) -> pl.DataFrame:
    """Rows of `subjects` with the days under observation; none where the integration failed."""
    begun = [sampling.day for sampling in trial.samplings]
    arms = trial.protocol.arms.values()
    begun += [day for arm in arms for regimen in arm.regimen for day in regimen.days]
    gone = pl.Series(course.failed)
    return people.subjects.with_columns(
        first_day=pl.when(gone).then(None).otherwise(pl.lit(min([*begun, 0.0]))),
        last_day=pl.when(gone).then(None).otherwise(pl.Series(np.floor(last))),
    )


def list_failures(people: People, course: Course) -> pl.DataFrame:
    """Return who has no numbers and why: subject, replicate, arm, last day with numbers, reason."""
    lost = np.flatnonzero(course.failed)
    reasons = [_explain(int(code)) for code in course.status[lost]]
    return (
        people.subjects[lost]
        .select("subject", "replicate", "arm")
        .with_columns(
            reached=pl.Series(course.reached[lost], dtype=pl.Float64).fill_nan(None),
            reason=pl.Series(reasons, dtype=pl.String),
        )
    )


def _explain(code: int) -> str:
    if code == NOT_ENROLLED:
        return "too few candidates were eligible under this draw of parameters"
    return Status(code).words
