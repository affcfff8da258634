"""Patients who come to the start of a run from a regimen at steady state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray

from stromal.errors import InvalidInput, Issue
from stromal.kernels.arguments import is_listed
from stromal.kernels.backends import Backend
from stromal.kernels.compile.program import Program
from stromal.kernels.events import DOSES, read_events
from stromal.kernels.fixed_point import Interval, Repeated, Tolerance, repeat_for_ever
from stromal.kernels.infusion import add_up, input_name
from stromal.kernels.inputs import Doses, name_patients
from stromal.kernels.kernel import Kernel
from stromal.kernels.solvers.problem import Answer, Problem
from stromal.kernels.solvers.step import choose_first_step
from stromal.kernels.status import Status
from stromal.kernels.steady_state import repeat_within
from stromal.kernels.timeline import Dose, Kind, Timeline

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

SHARPER = 0.01
"""Tolerance of the intervals before the start, as a share of the run's: what each of many intervals
is wrong by adds up until it dies out."""

LEAST_RTOL = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class Settling:
    """What is repeated before the start, of N patients.

    Parameters
    ----------
    length
        Length of an interval, (N,); 0 for patients who come from no steady state.
    timeline
        What happens from 0 to the length in each interval.
    most
        The largest amount that an interval gives to each state, (N, S).
    """

    length: Floats
    timeline: Timeline
    most: Floats

    def part(self, patients: slice) -> Settling:
        """The same of some of the patients."""
        return Settling(self.length[patients], self.timeline.select(patients), self.most[patients])


class Settled(NamedTuple):
    """States just before the start (n, S), codes of `Status` (n,) and attempted steps (n,)."""

    states: Floats
    status: NDArray[np.int8]
    steps: NDArray[np.int64]


def asks_for_steady_state(doses: Doses) -> bool:
    """Whether any dose is one at steady state.

    Examples
    --------
    >>> asks_for_steady_state([Dose(0.0, "drug", 5.0)])
    False
    """
    if isinstance(doses, pl.DataFrame):
        given = doses.select(cs.by_name("steady_state", require_all=False).cast(pl.Float64))
        return any((column.fill_null(0.0) != 0.0).any() for column in given.get_columns())
    listed = doses if is_listed(doses) else () if doses is None else (doses,)
    return any(np.any(getattr(dose, "steady_state", False)) for dose in listed)


def plan_settling(
    kernel: Kernel, patients: int, doses: Doses, timeline: Timeline, *, start: float, end: float
) -> Settling | None:
    """What is repeated before the start; None where no dose is one at steady state.

    Parameters
    ----------
    kernel
        Whose states.
    patients
        How many.
    doses
        As given; `read_timeline` has read them without an issue.
    timeline
        The run's: parameters changed before its start count before it too.
    start, end
        Of the run, whose length is that of the intervals in which an infusion without beginning is
        followed.

    Raises
    ------
    InvalidInput
        Rates that depend on time and what the model does by itself, which do not repeat; doses of
        one patient at intervals that differ.
    """
    if not asks_for_steady_state(doses):
        return None
    _refuse_time(kernel)
    given = [dose for dose in read_events(DOSES, doses, patients) if np.any(dose.steady_state)]
    own = end - start if end > start else 1.0
    length = _find_lengths(given, patients, own)
    program = kernel.program
    entries = [_before(timeline, np.flatnonzero(length > 0.0), start)]
    most = np.zeros((patients, len(program.state_names)))
    for dose in given:
        if dose.state in program.state_names:
            entries += _at_once(program, dose, length, most)
    entries.append(_infusions(program, given, length))
    return Settling(length, _lay_out(entries, patients), most)


def settle_patients(backend: Backend, problem: Problem, settling: Settling) -> Settled:
    """States of the patients of a problem just before its start.

    Parameters
    ----------
    backend
        What to integrate with, in f64.
    problem
        The run.
    settling
        What is repeated before it, of the same patients.
    """
    functions = backend.load(problem.program)

    def integrate(part: Problem) -> Answer:
        return backend.integrate(functions, part)

    patients = np.arange(problem.n_patients)
    at_start = _interval_of(problem, settling, patients, None, 0.0)
    first = integrate(at_start)
    settled = Settled(first.final_states, first.status.copy(), np.zeros(patients.size, np.int64))
    waiting = (settling.length > 0.0) & (first.status == Status.DONE)
    for length in np.unique(settling.length[waiting]):
        rows = np.flatnonzero(waiting & (settling.length == length))

        def live(
            chosen: Places, states: Floats, rows: Places = rows, to: float = length
        ) -> Repeated:
            part = _interval_of(problem, settling, rows[chosen], states, float(to))
            answer = integrate(part)
            there = np.isfinite(answer.final_states).all(axis=1)  # not in a run that was stopped
            status = np.where(there | (answer.status > 0), answer.status, Status.NOT_FINITE)
            steps = answer.steps.astype(np.int64)
            return Repeated(answer.final_states, status.astype(np.int8), steps)

        _settle_rows(live, rows, settled, problem, settling.most[rows])
    return settled


def _settle_rows(
    live: Interval, rows: Places, settled: Settled, problem: Problem, most: Floats
) -> None:
    """Find the state of patients whose intervals are equally long, and write it."""
    first = settled.states[rows]
    floor = problem.share * np.maximum(most, np.abs(first))
    found = repeat_for_ever(live, first, Tolerance(problem.rtol, problem.atol, floor))
    settled.states[rows], settled.status[rows] = found.states, found.status
    settled.steps[rows] = found.steps


def _interval_of(
    problem: Problem, settling: Settling, rows: Places, states: Floats | None, length: float
) -> Problem:
    """One interval of some patients; without states, of no length, from the model's own."""
    share = np.where(problem.share > 0.0, 1.0, SHARPER)
    return replace(
        problem,
        parameters=np.ascontiguousarray(problem.parameters[rows]),
        initial_states=problem.initial_states[:0] if states is None else states,
        continued=states is not None,
        timeline=settling.timeline.select(rows),
        times=np.array([length]),
        start=0.0,
        end=length,
        first_step=choose_first_step(0.0, length),
        rtol=max(SHARPER * problem.rtol, LEAST_RTOL),
        atol=problem.atol * share,
    )


def _refuse_time(kernel: Kernel) -> None:
    """What depends on time has no steady state that repeats."""
    hint = "write the doses before the start one by one, and let the run start at the first"
    message = None
    if kernel.clock is not None:
        message = "the model changes by itself at times of its own, and has no steady state"
    elif kernel.program.uses_time:
        message = "rates depend on time, and have no steady state"
    if message is not None:
        raise InvalidInput([Issue(message, table=DOSES.name, column="steady_state", hint=hint)])


def _plan_of(dose: Dose, patients: int) -> Places:
    return np.arange(patients) if dose.patients is None else np.asarray(dose.patients)


def _find_lengths(doses: Sequence[Dose], patients: int, own: float) -> Floats:
    """Length of each patient's interval; `own` where only an infusion without beginning runs."""
    least, most = np.full(patients, np.inf), np.zeros(patients)
    constant = np.zeros(patients, np.bool_)
    for dose in doses:
        plan = _plan_of(dose, patients)
        whole = dose.regimen.over(plan)
        steady = whole.steady_state != 0.0
        gives = steady & (whole.every > 0.0) & (whole.given != 0.0)
        np.minimum.at(least, plan[gives], whole.every[gives])
        np.maximum.at(most, plan[gives], whole.every[gives])
        constant[plan[steady & (whole.every == 0.0)]] = True
    if (differs := np.flatnonzero((most > 0.0) & (least < most))).size:
        message = f"{name_patients(differs.tolist())}: steady-state doses whose `every` differs"
        hint = "give all doses of a patient at steady state the same interval, with a lag each"
        raise InvalidInput([Issue(message, table=DOSES.name, column="every", hint=hint)])
    return np.where(most > 0.0, most, np.where(constant, own, 0.0))


class _Entries(NamedTuple):
    """What happens to patients, (E,) each, as in a timeline."""

    patient: Places
    time: Floats
    kind: Places
    target: Places
    amount: Floats


def _before(timeline: Timeline, patients: Places, start: float) -> _Entries:
    """Parameters that were changed before the start of the run, before 0 here."""
    plans = timeline.plans[patients]
    counts = timeline.offsets[plans + 1] - timeline.offsets[plans]
    owner = np.repeat(np.arange(plans.size), counts)
    place = np.repeat(timeline.offsets[plans] - (np.cumsum(counts) - counts), counts)
    place = place + np.arange(owner.size)
    early = (timeline.times[place] < start) & (timeline.kinds[place] == Kind.PARAMETER)
    place, owner = place[early], patients[owner[early]]
    return _entries(
        owner,
        -np.ones(owner.size),
        Kind.PARAMETER,
        timeline.targets[place],
        timeline.amounts[place],
    )


def _entries(
    patient: Places, time: Floats, kind: Kind, target: Places | int, amount: Floats
) -> _Entries:
    size = patient.size
    targets = np.broadcast_to(np.asarray(target, np.int64), (size,))
    return _Entries(patient, time, np.full(size, int(kind)), targets, amount)


def _at_once(program: Program, dose: Dose, length: Floats, most: Floats) -> Iterator[_Entries]:
    """Doses of an interval that are given at once; `most` learns how much every dose gives."""
    plan, target = _plan_of(dose, len(length)), program.state_names.index(dose.state)
    parts = repeat_within(dose.regimen.over(plan), length[plan])
    owner = plan[parts.row]
    np.maximum.at(most[:, target], owner, np.abs(parts.amount))
    now = parts.end == parts.start
    yield _entries(owner[now], parts.start[now], Kind.DOSE, target, parts.amount[now])


def _infusions(program: Program, doses: Sequence[Dose], length: Floats) -> _Entries:
    """Rates of the infusions of an interval, added up for each state."""
    names = program.parameter_names
    columns: list[list[NDArray[Any]]] = [[], [], [], []]
    for dose in doses:
        if dose.state not in program.state_names:
            continue
        plan = _plan_of(dose, len(length))
        parts = repeat_within(dose.regimen.over(plan), length[plan])
        lasts = parts.end > parts.start
        if lasts.any():
            target = names.index(input_name(dose.state))
            columns[0].append(plan[parts.row[lasts]] * len(names) + target)
            columns[1].append(parts.start[lasts])
            columns[2].append(parts.end[lasts])
            columns[3].append(parts.amount[lasts] / (parts.end - parts.start)[lasts])
    nothing = [np.zeros(0, np.int64), *(np.zeros(0) for _ in range(3))]
    group, start, end, rate = (
        np.concatenate([none, *column]) for none, column in zip(nothing, columns, strict=True)
    )
    group, time, rate = add_up(group, start, end, rate)
    return _entries(group // len(names), time, Kind.PARAMETER, group % len(names), rate)


def _lay_out(parts: Sequence[_Entries], patients: int) -> Timeline:
    """A timeline with a plan for each patient."""
    patient, time, kind, target, amount = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    order = np.lexsort((kind, time, patient))
    counts = np.bincount(patient, minlength=patients)
    return Timeline(
        plans=np.arange(patients),
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        times=time[order],
        kinds=kind[order],
        targets=target[order],
        factors=np.ones(order.size),
        amounts=amount[order],
    )
