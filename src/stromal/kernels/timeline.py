"""What happens to each patient at given times: doses, jumps of a state, changes of parameters.

At one instant the order is fixed: the model's own changes first, then jumps that multiply, then
doses that add, then changes of parameters; within a kind, the order in which they were given. An
output at that instant shows the value after all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stromal.errors import Findings, InvalidInput, Issue
from stromal.kernels.arguments import read_numbers, read_patients
from stromal.kernels.compile.program import Program
from stromal.kernels.compile.prune import NOT_SEEN

Floats = NDArray[np.float64]


class Kind(IntEnum):
    """What an entry of a timeline does, in the order of one instant."""

    JUMP = 0
    DOSE = 1
    PARAMETER = 2


@dataclass(frozen=True, slots=True, eq=False)
class Dose:
    """`amount` is added to `state` at `time`.

    Each is a number, or one number for each of `patients`: their numbers, from 0, or a truth value
    for each patient; every patient when left out.
    """

    time: ArrayLike
    state: str
    amount: ArrayLike
    patients: ArrayLike | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Jump:
    """`state` becomes `state * factor + amount` at `time`: irradiation, a wash-out, a reset.

    Numbers and `patients` are as those of a dose.
    """

    time: ArrayLike
    state: str
    factor: ArrayLike
    amount: ArrayLike = 0.0
    patients: ArrayLike | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ParameterChange:
    """`parameter` is `value` from `time` on.

    Where that is before the start, initial states and times of events come from the value too; at
    the start, they come from the one before.
    Numbers and `patients` are as those of a dose.
    """

    time: ArrayLike
    parameter: str
    value: ArrayLike
    patients: ArrayLike | None = None


Happening: TypeAlias = Dose | Jump | ParameterChange


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Changes of every patient, sorted by time, in flat arrays.

    Patient n follows plan `plans[n]`, whose entries are `offsets[plan]` up to `offsets[plan + 1]`;
    patients with equal doses share one plan. An entry of kind JUMP or DOSE makes state `targets[e]`
    `state * factors[e] + amounts[e]`; of kind PARAMETER it makes parameter `targets[e]`
    `amounts[e]`.
    """

    plans: NDArray[np.int64]
    offsets: NDArray[np.int64]
    times: NDArray[np.float64]
    kinds: NDArray[np.int64]
    targets: NDArray[np.int64]
    factors: NDArray[np.float64]
    amounts: NDArray[np.float64]

    @property
    def n_patients(self) -> int:
        """Patients that the timeline is for."""
        return self.plans.size

    def select(self, patients: slice | NDArray[np.int64]) -> Timeline:
        """The timeline of some of the patients; entries are shared, not copied.

        Entries before those of the first plan and after those of the last are left out, so that
        what reads every entry does not read those of all other patients too.
        """
        plans = self.plans[patients]
        low, high = (int(plans.min()), int(plans.max()) + 1) if plans.size else (0, 0)
        first, last = self.offsets[low], self.offsets[high]
        entries = slice(first, last)
        return Timeline(
            plans - low,
            self.offsets[low : high + 1] - first,
            self.times[entries],
            self.kinds[entries],
            self.targets[entries],
            self.factors[entries],
            self.amounts[entries],
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """One change as given, in words for issues; `patients` is None where all are meant."""

    what: str
    kind: Kind
    target: int
    time: Floats
    factor: Floats
    amount: Floats
    patients: NDArray[np.int64] | None


def plan_timeline(
    program: Program,
    n_patients: int,
    *,
    doses: Iterable[Dose] = (),
    jumps: Iterable[Jump] = (),
    parameter_changes: Iterable[ParameterChange] = (),
    start: float | None = None,
    end: float | None = None,
) -> Timeline:
    """Timeline of `n_patients` patients from doses, jumps and changes of parameters.

    A dose of zero, and a jump by factor one that adds nothing, are left out, so that a patient
    whose doses are all zero has the untreated course to the bit. So is a dose to a state that no
    output depends on.

    Parameters
    ----------
    program
        Whose states and parameters are meant.
    n_patients
        Patients.
    doses, jumps, parameter_changes
        What happens, in any order of time.
    start, end
        Times of the run; a dose or jump outside is an issue. `start` is the program's by default.

    Returns
    -------
    Timeline
        The changes of each patient, sorted by time.

    Raises
    ------
    InvalidInput
        With every issue: unknown states or parameters, times outside the run, values that are not
        finite numbers, arrays of another length than the patients.

    Examples
    --------
    >>> import sympy
    >>> from stromal.kernels.compile.program import compile_program
    >>> from stromal.models.odes import Odes
    >>> drug = sympy.Symbol("drug", real=True)
    >>> odes = Odes("wash-out", (drug,), (-drug,), (sympy.Integer(0),), (), (), {"drug": drug})
    >>> program = compile_program(odes, outputs=["drug"], dosed=["drug"])
    >>> timeline = plan_timeline(program, 2, doses=[Dose(1.0, "drug", [5.0, 0.0])])
    >>> timeline.offsets.tolist(), timeline.amounts.tolist()
    ([0, 1, 1], [5.0])
    """
    found = Findings()
    begin = program.start if start is None else start
    given: list[Happening] = [*jumps, *doses, *parameter_changes]
    entries = [found.of(_read_entry, program, change, n_patients) for change in given]
    for entry in entries:
        if entry is not None:
            found.of(_check_entry, entry, begin, end)
    found.stop()
    return _arrange([entry for entry in entries if entry.target >= 0], n_patients)


def no_changes(n_patients: int) -> Timeline:
    """A timeline on which nothing happens.

    Examples
    --------
    >>> no_changes(3).n_patients
    3
    """
    return _arrange([], n_patients)


def settle(change: Happening, n_patients: int) -> Happening:
    """A change with its numbers as arrays, and the patients it is for as numbers.

    Parameters
    ----------
    change
        As given.
    n_patients
        How many patients there are.

    Raises
    ------
    InvalidInput
        Anything that is not numbers, arrays of another length than the patients it is for, patients
        who are not there.

    Examples
    --------
    >>> settle(Dose(1, "drug", [5, 2], patients=[True, False, True]), 3)
    Dose(time=array(1.), state='drug', amount=array([5., 2.]), patients=array([0, 2]))
    """
    what = _in_words(change)
    found = Findings()
    patients = found.of(read_patients, change.patients, n_patients, what)
    numbers: dict[str, Any] = {
        name: found.of(read_numbers, value, what) for name, value in _numbers(change)
    }
    found.stop()
    size = n_patients if patients is None else patients.size
    issues = [
        Issue(
            f"{what}: {name} has shape {values.shape}, for {size} patients",
            hint="give one number, or one number for each patient that it is for",
        )
        for name, values in numbers.items()
        if values.shape not in ((), (size,))
    ]
    if issues:
        raise InvalidInput(issues)
    return replace(change, patients=patients, **numbers)


def part_of(change: Happening, rows: range) -> Happening:
    """A settled change, of some patients, who are numbered from 0.

    Examples
    --------
    >>> part_of(settle(Dose(1, "drug", [5, 2, 3]), 3), range(1, 3))
    Dose(time=array(1.), state='drug', amount=array([2., 3.]), patients=None)
    """
    patients = change.patients
    chosen: Any = slice(rows.start, rows.stop)
    if patients is not None:
        numbers = np.asarray(patients)
        chosen = (numbers >= rows.start) & (numbers < rows.stop)
        patients = numbers[chosen] - rows.start
    arrays = {name: np.asarray(value) for name, value in _numbers(change)}
    own = {name: values[chosen] for name, values in arrays.items() if values.ndim}
    return replace(change, patients=patients, **own)


def _numbers(change: Happening) -> list[tuple[str, ArrayLike]]:
    """What a change has for each patient, by the names of its fields."""
    match change:
        case Dose(time, _, amount):
            return [("time", time), ("amount", amount)]
        case Jump(time, _, factor, amount):
            return [("time", time), ("factor", factor), ("amount", amount)]
        case ParameterChange(time, _, value):
            return [("time", time), ("value", value)]


def _name(change: Happening) -> str:
    return change.parameter if isinstance(change, ParameterChange) else change.state


def _in_words(change: Happening) -> str:
    return f"{_WORDS[type(change)]} of `{_name(change)}`"


def _read_entry(program: Program, change: Happening, n_patients: int) -> _Entry:
    """A change with its values as arrays, and the place of what it changes."""
    found = Findings()
    target = found.of(_find_target, program, change)
    settled = found.of(settle, change, n_patients)
    found.stop()
    return _Entry(
        what=_in_words(change),
        kind=_KINDS[type(change)],
        target=target,
        time=np.asarray(settled.time),
        factor=np.asarray(settled.factor if isinstance(settled, Jump) else 1.0),
        amount=np.asarray(
            settled.value if isinstance(settled, ParameterChange) else settled.amount
        ),
        patients=None if settled.patients is None else np.asarray(settled.patients),
    )


def _find_target(program: Program, change: Happening) -> int:
    """Place of the state or parameter; -1 for a state that no output depends on."""
    name, of_parameter = _name(change), isinstance(change, ParameterChange)
    names = program.parameter_names if of_parameter else program.state_names
    if name in names:
        return names.index(name)
    if name in _unseen(program):
        return -1
    raise InvalidInput([_unknown(_in_words(change), name, names, program)])


def _unseen(program: Program) -> frozenset[str]:
    """States of the model that are not integrated because no output depends on them."""
    return frozenset(gone.state for gone in program.removed if gone.reason == NOT_SEEN)


def _unknown(what: str, name: str, names: tuple[str, ...], program: Program) -> Issue:
    """The issue of a name that the program does not have."""
    if any(gone.state == name for gone in program.removed):
        return Issue(
            f"{what}: the program was compiled without that state, as zero throughout",
            hint=f"compile it with `{name}` among the dosed states",
        )
    if names is program.parameter_names:
        return Issue(
            f"{what}: no parameter of that name varies in the program",
            hint=f"compile it with `{name}` among the parameters that vary",
        )
    known = ", ".join(names) or "none"
    return Issue(f"{what}: there is no such state", hint=f"the states are {known}")


def _check_entry(entry: _Entry, start: float, end: float | None) -> None:
    """Refuse what is wrong with the numbers of a change."""
    issues = [*_find_wrong(entry, start, end)]
    if issues:
        raise InvalidInput(issues)


def _find_wrong(entry: _Entry, start: float, end: float | None) -> Iterator[Issue]:
    number = "value" if entry.kind is Kind.PARAMETER else "amount"
    parts = {"time": entry.time, "factor": entry.factor, number: entry.amount}
    for part, values in parts.items():
        if not np.isfinite(values).all():
            yield Issue(
                f"{entry.what}: {part} is not a finite number",
                hint="a patient without it has amount 0 or factor 1, or is not among `patients`",
            )
    if entry.kind is not Kind.PARAMETER and (entry.time < start).any():
        yield Issue(
            f"{entry.what} at {entry.time.min():g} is before the start at {start:g}",
            hint="leave it out, or let the run start earlier",
        )
    if end is not None and (entry.time > end).any():
        yield Issue(
            f"{entry.what} at {entry.time.max():g} is after the end at {end:g}",
            hint="leave it out, or let the output grid reach further",
        )


def _arrange(entries: list[_Entry], n_patients: int) -> Timeline:
    """Changes without effect dropped, the rest sorted for each plan; one plan where all agree."""
    own = any(
        entry.patients is not None or entry.time.ndim or entry.factor.ndim or entry.amount.ndim
        for entry in entries
    )
    n_plans = n_patients if own else min(1, n_patients)
    parts = [_spread(entry, n_plans) for entry in entries] or [_spread(_NOTHING, 0)]
    plan, times, kinds, targets, factors, amounts = (
        np.concatenate(arrays) for arrays in zip(*parts, strict=True)
    )
    order = np.lexsort((kinds, times, plan))
    counts = np.bincount(plan, minlength=n_plans)
    return Timeline(
        plans=np.arange(n_patients) if n_plans == n_patients else np.zeros(n_patients, np.int64),
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        times=times[order],
        kinds=kinds[order],
        targets=targets[order],
        factors=factors[order],
        amounts=amounts[order],
    )


def _spread(entry: _Entry, n_plans: int) -> tuple[NDArray[Any], ...]:
    """Plan, time, kind, target, factor and amount of each patient for whom a change does something.

    Only those are held, so that one patient with many changes costs the others nothing.
    """
    plan = np.arange(n_plans) if entry.patients is None else entry.patients
    time, factor, amount = (
        np.broadcast_to(part, plan.shape) for part in (entry.time, entry.factor, entry.amount)
    )
    works: Any = slice(None)
    if entry.kind is not Kind.PARAMETER:
        works = (factor != 1.0) | (amount != 0.0)
    plan = plan[works]
    kind, target = (np.full(plan.shape, of) for of in (entry.kind, entry.target))
    return plan, time[works], kind, target, factor[works], amount[works]


_WORDS = {Dose: "dose", Jump: "jump", ParameterChange: "change"}
_KINDS = {Dose: Kind.DOSE, Jump: Kind.JUMP, ParameterChange: Kind.PARAMETER}
_NOTHING = _Entry("", Kind.DOSE, 0, np.zeros(()), np.ones(()), np.zeros(()), None)
