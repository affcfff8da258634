"""Solve to a day on which something is decided, ask, act, and go on from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.endpoints.derive import derive_outcomes
from stromal.kernels.backends import BackendName
from stromal.kernels.door import Accuracy, Read, Schedule, Work
from stromal.kernels.solve import solve
from stromal.kernels.status import Status
from stromal.kernels.timeline import Dose, ParameterChange
from stromal.protocol.simulation import Action
from stromal.simulate.effective import draw_effect
from stromal.simulate.population import People
from stromal.simulate.questions import Question, list_questions
from stromal.simulate.schedule import derive_kernel_doses
from stromal.simulate.streams import Streams
from stromal.simulate.tables import (
    DEATH,
    Course,
    Done,
    find_days,
    lowest_before,
    measure_at,
    sampled_on,
    tabulate,
)
from stromal.simulate.trial import Trial
from stromal.tables.cohort import KEY

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]

BACKEND: BackendName = "lanes"
"""One back end for all, so that a patient's numbers do not depend on how many there are."""


ACCURACY = Accuracy(rtol=1e-3, max_steps=20_000, resume_step=0.25)
"""A thousandth, where counts are measured to some hundredths at best; a run that is gone on with
after a day on which somebody was asked goes on with a quarter of a day."""


@dataclass(slots=True)
class _Ward:
    """What is known while a run is under way: what is to be given, and what was done."""

    trial: Trial
    people: People
    streams: Streams
    rows: pl.DataFrame
    parameters: dict[str, Floats]
    doses: list[_Pending] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    settings: list[tuple[str, float, NDArray[np.int64]]] = field(default_factory=list)
    counts: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    latest: dict[str, Floats] = field(default_factory=dict)
    ended: dict[str, Truths] = field(default_factory=dict)


@dataclass(slots=True)
class _Seen:
    """What several questions of one day look at: days of events, and what was measured on it."""

    day: float
    days: dict[str, Floats]
    measured: dict[str, tuple[Floats, Truths]] = field(default_factory=dict)


@dataclass(slots=True)
class _Pending:
    """Doses of one product that wait for their time; `left` says which were not given yet."""

    state: str
    time: Floats
    amount: Floats
    patients: NDArray[np.int64]
    row: NDArray[np.int64]
    left: Truths


def run_course(trial: Trial, people: People, doses: pl.DataFrame, *, threads: int | None) -> Course:
    """Run patients through a trial, deciding on the way.

    Parameters
    ----------
    trial
        What is asked, when, and what follows.
    people
        The patients.
    doses
        What they get if nothing is decided: rows of `doses`, as `derive_doses` gives them.
    threads
        To solve on; no number depends on it.

    Returns
    -------
    Course
        With what was given and done.
    """
    ward = _admit(trial, people, doses)
    questions = list_questions(trial)
    stops = sorted({question.day for question in questions})
    times, end = trial.times, float(trial.times[-1])
    outputs = {name: np.full((people.count, len(times)), np.nan) for name in trial.kernel.outputs}
    done = 0
    status = np.zeros(people.count, np.int8)
    reached = np.full(people.count, np.nan)
    start, states = trial.simulation.start_day, None
    for stop in [*(day for day in stops if day < end), end]:
        until = int(np.searchsorted(times, stop, side="right"))
        solution = solve(
            trial.kernel,
            ward.parameters,
            Read(times[done:until]),
            schedule=Schedule(
                _take(ward, stop),
                parameter_changes=_take_settings(ward, start),
                start=start,
                initial_states=states,
            ),
            accuracy=ACCURACY,
            work=Work(backend=BACKEND, threads=threads),
        )
        for name, values in outputs.items():
            values[:, done:until] = solution.output(name)
        done = until
        status = np.where(status == Status.DONE, solution.status, status).astype(np.int8)
        reached = np.where(np.isnan(solution.reached), reached, solution.reached)
        start, states = stop, solution.final_states
        course = _cut(ward, outputs, done, status, reached)
        due = [question for question in questions if question.day == stop]
        asked = {DEATH, *(question.action.happened for question in due)}
        seen = _Seen(stop, find_days(trial, course, ward.streams, asked) if due else {})
        for question in due:
            _decide(ward, question, course, seen)
    return _cut(ward, outputs, done, status, reached)


def _admit(trial: Trial, people: People, doses: pl.DataFrame) -> _Ward:
    streams = Streams(trial.seed, people.numbers)
    nothing = doses.clear().with_columns(patient=pl.lit(0, pl.Int64))
    ward = _Ward(trial, people, streams, nothing, _find_parameters(trial, people))
    _prescribe(ward, doses)
    return ward


def _find_parameters(trial: Trial, people: People) -> dict[str, Floats]:
    """Return the parameters of each patient, those among them that rules may set."""
    settable = {name for action in trial.simulation.actions for name in action.sets}
    held = trial.simulation.switches
    base = {
        name: np.full(people.count, held.get(name, trial.kernel.defaults[name]))
        for name in settable - people.parameters.keys()
    }
    return {name: values.copy() for name, values in people.parameters.items()} | base


def _prescribe(ward: _Ward, doses: pl.DataFrame) -> None:
    """Write doses down and have them wait for their time, each worth what its lot is worth."""
    if doses.is_empty():
        return
    trial, people = ward.trial, ward.people
    index = people.subjects.select(KEY).with_row_index("patient").cast({"patient": pl.Int64})
    rows = doses.join(index, on=list(KEY), how="left", nulls_equal=True, maintain_order="left")
    first = ward.rows.height
    given = rows.with_row_index("row", offset=first)
    for (product,), own in given.group_by("product", maintain_order=True):
        name = str(product)
        kept = own.drop("row", "patient")
        (dose,) = derive_kernel_doses(kept, people.subjects, trial.protocol, trial.model.ports)
        worth = draw_effect(
            name, trial.protocol.products[name], people.numbers, trial.numbering, trial.seed
        )
        patients = np.asarray(dose.patients, np.int64)
        amount = np.asarray(dose.amount, np.float64) * worth[patients]
        # Nothing given is nothing done: the solver does not even stop there.
        left = amount > 0
        time = np.asarray(dose.time, np.float64)
        row = own["row"].to_numpy().astype(np.int64)
        ward.doses.append(_Pending(dose.state, time, amount, patients, row, left))
    places = pl.Series(people.members.place // trial.numbering.per_lot + 1).gather(rows["patient"])
    with_lot = [name for name, one in trial.protocol.products.items() if one.kind == "msc"]
    arms = people.subjects["arm"].gather(rows["patient"])
    lot = pl.when(pl.col("product").is_in(with_lot)).then(
        pl.format("{}-{}-{}", pl.col("product"), arms, places)
    )
    ward.rows = pl.concat([ward.rows, rows.with_columns(lot=lot)], how="diagonal_relaxed")


def _take(ward: _Ward, until: float) -> list[Dose]:
    """Return the doses whose time has come; each is taken once."""
    found = []
    for one in ward.doses:
        now = one.left & (one.time <= until)
        if now.any():
            one.left &= ~now
            found.append(
                Dose(one.time[now], one.state, one.amount[now], patients=one.patients[now])
            )
    return found


def _take_settings(ward: _Ward, start: float) -> list[ParameterChange]:
    """Return what rules set on the day before the run goes on, as changes at its start.

    The parameters hold it already; a change tells the solver in whom a course ends and another
    begins.
    """
    found = [
        ParameterChange(start, name, value, patients=patients)
        for name, value, patients in ward.settings
    ]
    ward.settings.clear()
    return found


def _cut(
    ward: _Ward,
    outputs: Mapping[str, Floats],
    done: int,
    status: NDArray[np.int8],
    reached: Floats,
) -> Course:
    """Return the course so far: views of the days that are done, nothing is copied."""
    seen = {name: values[:, :done] for name, values in outputs.items()}
    return Course(ward.trial.times[:done], seen, status, reached, ward.rows, tuple(ward.done))


def _decide(ward: _Ward, question: Question, course: Course, seen: _Seen) -> None:
    """Ask on a day, and do what follows for those of whom the answer is yes."""
    there = ~course.failed
    if DEATH in seen.days:
        there &= ~(seen.days[DEATH] <= question.day)
    if question.arm is not None:
        there &= ward.people.members.arm == list(ward.trial.protocol.arms).index(question.arm)
    if not there.any():
        return
    there &= _answer(ward, question, course, seen)
    there &= _is_due(ward, question.action, question.day)
    if question.once:
        # A repeat goes on only while every answer so far was yes.
        ended = ward.ended.setdefault(question.key, np.zeros(len(there), bool))
        there &= ~ended
        ended |= ~there
    _act(ward, question, np.flatnonzero(there))


def _answer(ward: _Ward, question: Question, course: Course, seen: _Seen) -> Truths:
    action, nobody = question.action, np.zeros(ward.people.count, bool)
    if action.analyte is not None:
        value, sampled = _look(ward, course, action.analyte, seen)
        asked = value < action.below if action.below is not None else value > (action.above or 0)
        if action.times_lowest is not None:
            place = len(course.times) - 1
            lowest = lowest_before(ward.trial, course, action.analyte, place, ward.streams)
            asked &= value > action.times_lowest * lowest
        return np.asarray(asked & sampled)
    if action.endpoint is not None:
        patients = tabulate(ward.trial, ward.people, course)
        bound = ward.trial.endpoints[action.endpoint]
        labels = derive_outcomes(patients, [bound], reasons=False)["label"]
        return labels.is_in(list(action.labels)).fill_null(value=False).to_numpy()
    if action.happened is None:
        return ~nobody
    found = nobody.copy()
    for one in ward.done:
        if one.event == action.happened:
            found[one.patients] = True
    day = seen.days.get(action.happened)
    if day is not None:
        found |= day <= question.day
    return found


def _look(ward: _Ward, course: Course, analyte: str, seen: _Seen) -> tuple[Floats, Truths]:
    """Return what was measured of an analyte on a day, and of whom; each is measured once."""
    if analyte not in seen.measured:
        value, _ = measure_at(ward.trial, course, analyte, len(course.times) - 1, ward.streams)
        sampled = sampled_on(ward.trial, seen.day, analyte, ward.streams)
        seen.measured[analyte] = value, sampled
    return seen.measured[analyte]


def _is_due(ward: _Ward, action: Action, day: float) -> Truths:
    count = ward.counts.setdefault(action.name, np.zeros(ward.people.count, np.int64))
    latest = ward.latest.setdefault(action.name, np.full(ward.people.count, -np.inf))
    due = latest + action.pause_days <= day
    return np.asarray(due if action.at_most is None else due & (count < action.at_most))


def _act(ward: _Ward, question: Question, patients: NDArray[np.int64]) -> None:
    """Write an event down, give, add, stop."""
    action, day, trial = question.action, question.day, ward.trial
    if not len(patients):
        return
    ward.counts[action.name][patients] += 1
    ward.latest[action.name][patients] = day
    if action.event is not None:
        ward.done.append(Done(action.event, day, patients, action.name.replace("_", " ")))
    if question.regimen is not None:
        _prescribe(ward, question.regimen(ward.people.subjects[patients], day))
    if action.adds is not None and action.analyte is not None:
        port = trial.model.ports.outputs[action.analyte]
        factor = float(trial.protocol.vocabulary.analytes[action.analyte].factor(port.unit))
        full = np.full(len(patients), 1.0)
        ward.doses.append(
            _Pending(
                port.output, day * full, action.adds / factor * full, patients, full * -1, full > 0
            )
        )
    for name, value in action.sets.items():
        own = ward.parameters[name]
        others = patients[own[patients] != value]
        own[others] = value
        if len(others):
            ward.settings.append((name, value, others))
    for product in action.stop:
        _stop(ward, product, patients, day)


def _stop(ward: _Ward, product: str, patients: NDArray[np.int64], day: float) -> None:
    """Give no more of a product: what waits is neither given nor written down."""
    late = (
        (ward.rows["product"] == product)
        & (ward.rows["day"] > day)
        & ward.rows["patient"].is_in(patients.tolist())
    ).to_numpy()
    for one in ward.doses:
        own = one.row >= 0
        one.left[own] &= ~late[one.row[own].astype(np.int64)]
    # Rows keep their place, by which doses know them; what is not given has no amount.
    ward.rows = ward.rows.with_columns(
        amount=pl.when(pl.Series(late)).then(None).otherwise(pl.col("amount"))
    )


def drop_stopped(course: Course) -> Course:
    """Return a course without the doses that were stopped."""
    return replace(course, doses=course.doses.filter(pl.col("amount").is_not_null()))
