"""What happens to each patient at given times: doses, jumps of a state, changes of parameters.

At one instant the order is fixed: what time itself switches, the model's own changes, jumps that
multiply, doses that add, changes of parameters, and what those bring about; within a kind, the
order in which they were given. An output at that instant shows the value after all of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, ClassVar, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stromal.errors import InvalidInput, Issue, IssueList
from stromal.kernels.arguments import read_numbers, read_patients, read_truths
from stromal.kernels.compile.program import Program
from stromal.kernels.compile.prune import NOT_SEEN
from stromal.kernels.infusion import add_up, input_name
from stromal.kernels.regimen import Given, Regimen
from stromal.kernels.steady_state import check_steady_state, spread_doses

_STEADY = "steady_state"
_REGIMEN = ("duration", "rate", "every", "count", "lag", "fraction", _STEADY)


class Kind(IntEnum):
    """What an entry of a timeline does, in the order of one instant."""

    EVENT = 0
    JUMP = 1
    DOSE = 2
    PARAMETER = 3


@dataclass(frozen=True, slots=True, eq=False)
class Dose:
    """`amount` is added to a state: at once or as an infusion, one time or again and again.

    Parameters
    ----------
    time
        Day, or a list of days: several doses for everyone, however many patients there are. Days
        of their own for patients are named with `patients`, or have shape (N, 1).
    state
        Name of the state; of a species the amount is meant.
    amount
        How much, in the state's unit, or one number for each patient that the dose is for. Beside
        a list of days, numbers for each patient have shape (N, 1).
    duration, rate
        How long it is infused, or how much per time; one of them, or neither for a dose at once.
    every, count
        Time from one dose to the next, and how many there are with the first.
    lag
        How much later each dose arrives.
    fraction
        Share of the amount that arrives, 0 to 1. With `rate`, the infusion is as much shorter.
    steady_state
        Whether the dose, at the start of the run, is the last of a series of equal doses, `every`
        so often, that has led to a steady state; `count`, 1 where it is left out, says how many
        there are from this one on. With `rate`, an amount of 0 and without `every`: an infusion
        that has led to a steady state and ends at the dose. As NONMEM's `SS` 1.
    patients
        Who: numbers from 0, or a truth value for each patient of the run; everyone by default.
        Lists of numbers then hold one for each patient named, who may be named several times.

    Examples
    --------
    >>> everyone = Dose([1.0, 8.0], "drug", 5.0)
    >>> each = Dose(1.0, "drug", [5.0, 2.5, 0.0])
    >>> cycles = Dose(0.0, "central", 100.0, duration=3 / 24, every=21, count=6, lag=0.5)
    >>> first_twice = Dose([1.0, 8.0], "drug", 5.0, patients=[0, 0])
    >>> for_years = Dose(0.0, "central", 100.0, every=1, count=28, steady_state=True)
    """

    time: ArrayLike
    state: str
    amount: ArrayLike
    duration: ArrayLike = field(default=0.0, kw_only=True)
    rate: ArrayLike = field(default=0.0, kw_only=True)
    every: ArrayLike = field(default=0.0, kw_only=True)
    count: ArrayLike | None = field(default=None, kw_only=True)
    lag: ArrayLike = field(default=0.0, kw_only=True)
    fraction: ArrayLike = field(default=1.0, kw_only=True)
    steady_state: ArrayLike = field(default=False, kw_only=True)
    patients: ArrayLike | None = field(default=None, kw_only=True)

    word: ClassVar[str] = "dose"
    kind: ClassVar[Kind] = Kind.DOSE
    numbers: ClassVar[tuple[str, ...]] = ("time", "amount", *_REGIMEN)

    @property
    def name(self) -> str:
        """Of what it changes."""
        return self.state

    @property
    def regimen(self) -> Regimen:
        """Its numbers as arrays of shape () or (of its patients,); of a settled dose."""
        arrays = (np.asarray(getattr(self, name), np.float64) for name in self.numbers)
        return Regimen(*(array.ravel() if array.ndim else array for array in arrays))


@dataclass(frozen=True, slots=True, eq=False)
class Jump:
    """A state is multiplied, and something is added: irradiation, a wash-out, a reset.

    Parameters
    ----------
    time, state, patients
        As of a dose.
    factor, amount
        The state becomes `state * factor + amount`; each one number, or one for each patient that
        the jump is for.

    Examples
    --------
    >>> irradiation = Jump(-1.0, "stem_cells", 0.01)
    """

    time: ArrayLike
    state: str
    factor: ArrayLike
    amount: ArrayLike = 0.0
    patients: ArrayLike | None = field(default=None, kw_only=True)

    word: ClassVar[str] = "jump"
    kind: ClassVar[Kind] = Kind.JUMP
    numbers: ClassVar[tuple[str, ...]] = ("time", "factor", "amount")

    @property
    def name(self) -> str:
        """Of what it changes."""
        return self.state


@dataclass(frozen=True, slots=True, eq=False)
class ParameterChange:
    """A parameter has another value from a time on.

    Parameters
    ----------
    time, patients
        As of a dose. Where the time is before the start, initial states come from the new value
        too; at the start, they come from the one before. Events and switches that are still to
        come follow the new value.
    parameter
        Name of the parameter, one that varies.
    value
        The new value, or one for each patient that the change is for.

    Examples
    --------
    >>> from_day_14 = ParameterChange(14.0, "ke", 0.5, patients=[True, False])
    """

    time: ArrayLike
    parameter: str
    value: ArrayLike
    patients: ArrayLike | None = field(default=None, kw_only=True)

    word: ClassVar[str] = "change"
    kind: ClassVar[Kind] = Kind.PARAMETER
    numbers: ClassVar[tuple[str, ...]] = ("time", "value")

    @property
    def name(self) -> str:
        """Of what it changes."""
        return self.parameter


Event: TypeAlias = Dose | Jump | ParameterChange
Kept = TypeVar("Kept", bound=Event)  # of the kind that was given


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Changes of every patient, sorted by time, in flat arrays.

    Patient n follows plan `plans[n]`, whose entries are `offsets[plan]` up to `offsets[plan + 1]`;
    patients with equal doses share one plan. An entry of kind EVENT makes the program's own change
    `targets[e]`; of kind JUMP or DOSE it makes state `targets[e]` `state * factors[e] +
    amounts[e]`; of kind PARAMETER it makes parameter `targets[e]` `amounts[e]`.
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
    found = IssueList()
    begin = program.start if start is None else start
    all_given: list[Event] = [*jumps, *doses, *parameter_changes]
    given = [one for event in all_given for one in found.of(apart, event) or ()]
    targets = [found.of(_find_target, program, event) for event in given]
    settled = [found.of(settle, event, n_patients) for event in given]
    for event in settled:
        if event is not None:
            found.issues += _find_wrong(event, begin, end)
    found.stop()
    seen = [(event, to) for event, to in zip(settled, targets, strict=True) if to >= 0]
    return _arrange(program, seen, n_patients)


def no_changes(n_patients: int) -> Timeline:
    """A timeline on which nothing happens.

    Examples
    --------
    >>> no_changes(3).n_patients
    3
    """
    return _arrange(None, [], n_patients)


def apart(event: Kept) -> list[Kept]:
    """Split an event with a list of times into one for each time; any other stays as it is.

    Where patients are named, a list of times holds one for each of them.

    Raises
    ------
    InvalidInput
        Another list beside the list of times: whether it is of times or of patients is not said.

    Examples
    --------
    >>> [dose.time for dose in apart(Dose([0, 7], "drug", 5.0))]
    [0.0, 7.0]
    """
    what = _in_words(event)
    times = read_numbers(event.time, what)
    if event.patients is not None or times.ndim != 1:
        return [event]
    others = {name: getattr(event, name) for name in event.numbers[1:]}
    others = {name: value for name, value in others.items() if value is not None}
    lists = [name for name, value in others.items() if _read(name, value, what).ndim == 1]
    if lists:
        message = f"{what}: {lists[0]} is a list beside a list of times"
        hint = (
            "give numbers for each patient the shape (N, 1); numbers that differ from time to "
            "time are events of their own; times for each patient have shape (N, 1) too"
        )
        raise InvalidInput([Issue(message, hint=hint)])
    return [replace(event, time=time) for time in times.tolist()]


def settle(event: Kept, n_patients: int) -> Kept:
    """An event with its numbers as arrays, and the patients it is for as their numbers.

    Parameters
    ----------
    event
        As `apart` gives it.
    n_patients
        How many patients there are.

    Returns
    -------
    Dose, Jump or ParameterChange
        Numbers of f64, each of shape () or (of its patients,), times of shape (N, 1) where no
        patients are named; patients of int64, or None.

    Raises
    ------
    InvalidInput
        Anything that is not numbers, arrays of another length than the patients it is for, patients
        who are not there.

    Examples
    --------
    >>> settled = settle(Dose(1, "drug", [5, 2], patients=[True, False, True]), 3)
    >>> settled.amount, settled.patients
    (array([5., 2.]), array([0, 2]))
    """
    if event.patients is None and all(_is_settled(getattr(event, one)) for one in event.numbers):
        return event
    what = _in_words(event)
    found = IssueList()
    patients = found.of(read_patients, event.patients, n_patients, what)
    uncounted = False
    if isinstance(event, Dose) and event.count is None:
        uncounted, event = True, replace(event, count=1.0)
    numbers: dict[str, Any] = {
        name: found.of(_read, name, getattr(event, name), what) for name in event.numbers
    }
    found.stop()
    size = n_patients if patients is None else patients.size
    issues = [
        Issue(
            f"{what}: {name} has shape {values.shape}, for {size} patients",
            hint="give one number, or one for each patient; several days are several events",
        )
        for name, values in numbers.items()
        if values.shape not in ((), (size,), (size, 1))
    ]
    if issues:
        raise InvalidInput(issues)
    flat = {name: one.reshape(size) if one.ndim else one for name, one in numbers.items()}
    if uncounted and np.any((flat["every"] != 0.0) & (flat[_STEADY] == 0.0)):
        hint = "say how many doses there are, with the first"
        raise InvalidInput([Issue(f"{what}: every is given without a count", hint=hint)])
    if patients is None and flat["time"].ndim:
        flat["time"] = flat["time"].reshape(size, 1)  # a list would be times for everyone
    return replace(event, patients=patients, **flat)


def _is_settled(number: object) -> bool:
    """Whether a number is as `settle` gives the one number that holds for everyone."""
    return type(number) is np.ndarray and number.dtype == np.float64 and number.ndim == 0


def part_of(event: Kept, rows: range) -> Kept:
    """A settled event, of some of the patients, the first of whom becomes number 0.

    Parameters
    ----------
    event
        As `settle` gives it.
    rows
        Numbers of the patients to keep, one after another.

    Examples
    --------
    >>> part_of(settle(Dose(1, "drug", [5, 2, 3]), 3), range(1, 3)).amount
    array([2., 3.])
    """
    chosen: slice | NDArray[np.bool_] = slice(rows.start, rows.stop)
    patients = event.patients
    if patients is not None:
        numbers = np.asarray(patients)
        chosen = (numbers >= rows.start) & (numbers < rows.stop)
        patients = numbers[chosen] - rows.start
    arrays = {name: np.asarray(getattr(event, name)) for name in event.numbers}
    own: dict[str, Any] = {name: array[chosen] for name, array in arrays.items() if array.ndim}
    return replace(event, patients=patients, **own)


def _read(name: str, value: ArrayLike, what: str) -> NDArray[np.float64]:
    """Numbers of an event of this name; truth values are 1 and 0."""
    if name == _STEADY:
        return read_truths(value, f"{what}: {name}")
    return read_numbers(value, what)


def _in_words(event: Event) -> str:
    return f"{event.word} of `{event.name}`"


def _find_target(program: Program, event: Event) -> int:
    """Place of the state or parameter; -1 for a state that no output depends on."""
    if isinstance(event, Dose) and event.name in program.state_names:
        infused = any(np.any(np.asarray(one) != 0.0) for one in (event.duration, event.rate))
        if infused and input_name(event.name) not in program.parameter_names:
            message = f"{_in_words(event)}: the program was compiled without infusions into it"
            hint = f"compile it with `{event.name}` among the dosed states"
            raise InvalidInput([Issue(message, hint=hint)])
    of_parameter = event.kind is Kind.PARAMETER
    names = program.parameter_names if of_parameter else program.state_names
    if event.name in names:
        return names.index(event.name)
    if event.name in _unseen(program):
        return -1
    raise InvalidInput([_unknown(_in_words(event), event.name, names, program)])


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


def _find_wrong(event: Event, start: float, end: float | None) -> Iterator[Issue]:
    """What is wrong with the numbers of a settled event."""
    what, time = _in_words(event), np.asarray(event.time)
    for name in event.numbers:
        number = getattr(event, name)
        if not (math.isfinite(number) if np.ndim(number) == 0 else np.isfinite(number).all()):
            yield Issue(
                f"{what}: {name} is not a finite number",
                hint="leave out the patients to whom nothing happens",
            )
            return
    if isinstance(event, Dose):
        regimen = event.regimen
        yield from check_steady_state(regimen, what, start)
        yield from regimen.check(what, start, end)
        return
    if event.kind is not Kind.PARAMETER and (time < start).any():
        yield Issue(
            f"{what} at {time.min():g} is before the start at {start:g}",
            hint="leave it out, or let the run start earlier",
        )
    if end is not None and (time > end).any():
        yield Issue(
            f"{what} at {time.max():g} is after the end at {end:g}",
            hint="leave it out, or let the output grid reach further",
        )


_ENTRY = np.dtype(
    [
        ("plan", np.int64),
        ("time", np.float64),
        ("kind", np.int64),
        ("target", np.int64),
        ("factor", np.float64),
        ("amount", np.float64),
    ]
)


def _arrange(program: Program | None, events: list[tuple[Event, int]], n_patients: int) -> Timeline:
    """Changes without effect dropped, the rest sorted for each plan; one plan where all agree.

    Events come with the places of what they change.
    """
    own = any(
        event.patients is not None or any(np.ndim(getattr(event, one)) for one in event.numbers)
        for event, _ in events
    )
    n_plans = n_patients if own else min(1, n_patients)
    parts = [_spread(event, target, n_plans) for event, target in events]
    if program is not None:
        parts.append(_infuse(program, events, n_plans))
    entries = np.concatenate([np.empty(0, _ENTRY), *parts])
    entries = entries[np.lexsort((entries["kind"], entries["time"], entries["plan"]))]
    counts = np.bincount(entries["plan"], minlength=n_plans)
    return Timeline(
        plans=np.arange(n_patients) if n_plans == n_patients else np.zeros(n_patients, np.int64),
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        times=entries["time"].copy(),
        kinds=entries["kind"].copy(),
        targets=entries["target"].copy(),
        factors=entries["factor"].copy(),
        amounts=entries["amount"].copy(),
    )


def _spread(event: Event, target: int, n_plans: int) -> NDArray[Any]:
    """An entry for each patient for whom a settled event does something at once.

    Only those are held, so that one patient with many changes costs the others nothing.
    """
    plan = _plans_of(event, n_plans)
    if isinstance(event, Dose):
        given = spread_doses(event.regimen, plan)
        now = (given.amount != 0.0) & (given.end == given.start)
        return _fill(given.plan[now], given.start[now], event.kind, target, 1.0, given.amount[now])
    factor = event.factor if isinstance(event, Jump) else 1.0
    amount = event.value if isinstance(event, ParameterChange) else event.amount
    time = np.asarray(event.time)
    entries = _fill(plan, time.ravel() if time.ndim else time, event.kind, target, factor, amount)
    if event.kind is Kind.PARAMETER:
        return entries
    works = (entries["factor"] != 1.0) | (entries["amount"] != 0.0)
    return np.asarray(entries[works])


def _infuse(program: Program, events: list[tuple[Event, int]], n_plans: int) -> NDArray[Any]:
    """Entries that set the inputs of states; infusions that overlap are added up."""
    doses = [event for event, _ in events if isinstance(event, Dose)]
    names, parts, targets = program.parameter_names, list[Given](), list[NDArray[np.int64]]()
    for dose in doses:
        if not (np.any(dose.duration) or np.any(dose.rate)):
            continue
        given = spread_doses(dose.regimen, _plans_of(dose, n_plans))
        lasts = (given.end > given.start) & (given.amount != 0.0)
        if lasts.any():
            parts.append(Given(*(column[lasts] for column in given)))
            place = names.index(input_name(dose.state))
            targets.append(np.full(int(lasts.sum()), place))
    if not parts:
        return np.empty(0, _ENTRY)
    plan, start, end, amount = (np.concatenate(column) for column in zip(*parts, strict=True))
    group = plan * len(names) + np.concatenate(targets)
    group, time, rate = add_up(group, start, end, amount / (end - start))
    return _fill(group // len(names), time, Kind.PARAMETER, group % len(names), 1.0, rate)


def _plans_of(event: Event, n_plans: int) -> NDArray[np.int64]:
    return np.arange(n_plans) if event.patients is None else np.asarray(event.patients)


def _fill(
    plan: NDArray[np.int64],
    time: ArrayLike,
    kind: Kind,
    target: ArrayLike,
    factor: ArrayLike,
    amount: ArrayLike,
) -> NDArray[Any]:
    entries = np.empty(plan.size, _ENTRY)
    entries["plan"], entries["time"], entries["kind"] = plan, time, kind
    entries["target"], entries["factor"], entries["amount"] = target, factor, amount
    return entries
