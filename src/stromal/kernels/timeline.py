"""What happens to each patient at given times: doses, jumps of a state, changes of parameters.

At one instant the order is fixed: the model's own changes first, then jumps that multiply, then
doses that add, then changes of parameters; within a kind, the order in which they were given. An
output at that instant shows the value after all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stromal.errors import InvalidInput, Issue
from stromal.kernels.arguments import read_numbers, read_truths
from stromal.kernels.compile.program import Program
from stromal.kernels.compile.prune import NOT_SEEN


class Kind(IntEnum):
    """What an entry of a timeline does, in the order of one instant."""

    JUMP = 0
    DOSE = 1
    PARAMETER = 2


@dataclass(frozen=True, slots=True, eq=False)
class Dose:
    """`amount` is added to `state` at `time`; each a number, or one number for each patient."""

    time: ArrayLike
    state: str
    amount: ArrayLike


@dataclass(frozen=True, slots=True, eq=False)
class Jump:
    """`state` becomes `state * factor + amount` at `time`: irradiation, a wash-out, a reset."""

    time: ArrayLike
    state: str
    factor: ArrayLike
    amount: ArrayLike = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class ParameterChange:
    """`parameter` is `value` from `time` on; before the start means from the start on.

    `happens` says to whom: True, or a truth value for each patient.
    """

    time: ArrayLike
    parameter: str
    value: ArrayLike
    happens: ArrayLike = True


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
    """One change as given, in words for issues, with its values for every patient."""

    what: str
    kind: Kind
    target: int
    time: NDArray[np.float64]
    factor: NDArray[np.float64]
    amount: NDArray[np.float64]
    happens: NDArray[np.bool_]


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

    A time, amount, factor or value is a number, or an array with one number for each patient. A
    dose of zero, and a jump by factor one that adds nothing, are left out, so that a patient whose
    doses are all zero has the untreated course to the bit. So is a dose to a state that no output
    depends on.

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
    issues: list[Issue] = []
    begin = program.start if start is None else start
    entries: list[_Entry] = []
    given: list[Dose | Jump | ParameterChange] = [*jumps, *doses, *parameter_changes]
    for change in given:
        entry = _read_entry(program, change, issues)
        found = [*_check_entry(entry, n_patients, begin, end)]
        issues.extend(found)
        if entry.target >= 0:
            entries.append(entry)
    if issues:
        raise InvalidInput(issues)
    return _arrange(entries, n_patients)


def no_changes(n_patients: int) -> Timeline:
    """A timeline on which nothing happens.

    Examples
    --------
    >>> no_changes(3).n_patients
    3
    """
    return _arrange([], n_patients)


def _read_entry(
    program: Program, change: Dose | Jump | ParameterChange, issues: list[Issue]
) -> _Entry:
    """A change with its values as arrays; an unknown name becomes an issue."""
    factor: ArrayLike = 1.0
    happens: ArrayLike = True
    match change:
        case Dose(time, name, amount):
            what, kind, names = "dose of", Kind.DOSE, program.state_names
        case Jump(time, name, factor, amount):
            what, kind, names = "jump of", Kind.JUMP, program.state_names
        case ParameterChange(time, name, amount, happens):
            what, kind, names = "change of", Kind.PARAMETER, program.parameter_names
    if name not in names and name not in _unseen(program):
        issues.append(_unknown(what, name, names, program))
    what = f"{what} `{name}`"
    return _Entry(
        what=what,
        kind=kind,
        target=names.index(name) if name in names else -1,
        time=read_numbers(time, what),
        factor=read_numbers(factor, what),
        amount=read_numbers(amount, what),
        happens=read_truths(happens, what),
    )


def _unseen(program: Program) -> frozenset[str]:
    """States of the model that are not integrated because no output depends on them."""
    return frozenset(gone.state for gone in program.removed if gone.reason == NOT_SEEN)


def _unknown(what: str, name: str, names: tuple[str, ...], program: Program) -> Issue:
    """The issue of a name that the program does not have."""
    if any(gone.state == name for gone in program.removed):
        return Issue(
            f"{what} `{name}`: the program was compiled without that state, as zero throughout",
            hint=f"compile it with `{name}` among the dosed states",
        )
    if names is program.parameter_names:
        return Issue(
            f"{what} `{name}`: no parameter of that name varies in the program",
            hint=f"compile it with `{name}` among the parameters that vary",
        )
    known = ", ".join(names) or "none"
    return Issue(f"{what} `{name}`: there is no such state", hint=f"the states are {known}")


def _check_entry(
    entry: _Entry, n_patients: int, start: float, end: float | None
) -> Iterator[Issue]:
    """What is wrong with the numbers of a change."""
    number = "value" if entry.kind is Kind.PARAMETER else "amount"
    parts: dict[str, NDArray[np.float64] | NDArray[np.bool_]] = {
        "time": entry.time,
        "factor": entry.factor,
        number: entry.amount,
        "happens": entry.happens,
    }
    for part, values in parts.items():
        if values.shape not in ((), (n_patients,)):
            yield Issue(
                f"{entry.what}: {part} has shape {values.shape}, for {n_patients} patients",
                hint="give one number, or one number for each patient",
            )
        if not np.isfinite(values).all():
            yield Issue(
                f"{entry.what}: {part} is not a finite number",
                hint="a patient without it has amount 0, factor 1, or no change that happens",
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
        part.ndim
        for entry in entries
        for part in (entry.time, entry.factor, entry.amount, entry.happens)
    )
    n_plans = n_patients if own else min(1, n_patients)
    shape = (len(entries), n_plans)
    kinds = _spread([np.asarray(entry.kind) for entry in entries], shape).astype(np.int64)
    targets = _spread([np.asarray(entry.target) for entry in entries], shape).astype(np.int64)
    times = _spread([entry.time for entry in entries], shape)
    factors = _spread([entry.factor for entry in entries], shape)
    amounts = _spread([entry.amount for entry in entries], shape)
    happens = _spread([entry.happens for entry in entries], shape) > 0.0
    works = happens & ((kinds == Kind.PARAMETER) | (factors != 1.0) | (amounts != 0.0))
    plan = np.broadcast_to(np.arange(n_plans), shape)[works]
    order = np.lexsort((kinds[works], times[works], plan))
    shared = n_plans != n_patients
    return Timeline(
        plans=np.zeros(n_patients, np.int64) if shared else np.arange(n_patients),
        offsets=np.concatenate([[0], np.cumsum(works.sum(axis=0))]).astype(np.int64),
        times=times[works][order],
        kinds=kinds[works][order],
        targets=targets[works][order],
        factors=factors[works][order],
        amounts=amounts[works][order],
    )


def _spread(rows: Sequence[NDArray[Any]], shape: tuple[int, int]) -> NDArray[np.float64]:
    """One row for each change and one column for each plan."""
    table = np.empty(shape)
    for row, values in zip(table, rows, strict=True):
        row[:] = values
    return table
