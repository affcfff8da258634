"""What a run is given, read into arrays: parameters, doses, jumps, tolerances, saved states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from stromal.errors import InvalidInput, Issue, IssueList
from stromal.kernels.arguments import is_listed, is_number, read_number, read_numbers
from stromal.kernels.events import (
    CHANGES,
    DOSES,
    JUMPS,
    holds_numbers,
    no_numbers,
    read_events,
)
from stromal.kernels.kernel import Kernel, closest, slope_name
from stromal.kernels.reducers import Reducer
from stromal.kernels.solvers import step
from stromal.kernels.timeline import Dose, Jump, ParameterChange, Timeline, plan_timeline

Floats = NDArray[np.float64]
Parameters = Mapping[str, ArrayLike] | ArrayLike | pl.DataFrame | None
Doses = pl.DataFrame | Iterable[Dose] | None
Jumps = pl.DataFrame | Iterable[Jump] | None
ParameterChanges = pl.DataFrame | Iterable[ParameterChange] | None


def read_parameters(kernel: Kernel, given: Parameters, saved: int = 1) -> Floats:
    """Parameters as a row for each patient and a column for each that varies, (N, P).

    Parameters
    ----------
    kernel
        Whose parameters.
    given
        Numbers or arrays by name, a table with a column for each, or an array (N, P). Parameters
        that are left out keep the model's value; one number serves every patient. NaN in an array
        is one patient's: that patient gets a status. None, or NaN for all, is an issue.
    saved
        Rows of saved states, which say how many patients there are where the parameters do not.

    Raises
    ------
    InvalidInput
        Unknown names, columns that are not numbers, values that are None, lengths that do not
        agree.
    """
    rows = None
    issues = [] if given is None else [*_find_missing(kernel, given)]
    if issues:
        raise InvalidInput(issues)
    if isinstance(given, pl.DataFrame):
        rows, given = given.height, _read_columns(given)
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        return _read_matrix(kernel, given)
    found = IssueList()
    columns = {
        str(name): found.of(read_numbers, values, f"`{name}`") for name, values in given.items()
    }
    found.stop()
    issues = _check_columns(kernel, columns)
    lengths = {len(column) for column in columns.values() if column.ndim == 1}
    if len(lengths) > 1:
        listed = ", ".join(
            f"{name} {len(column)}" for name, column in columns.items() if column.ndim == 1
        )
        hint = "give one number, or one number for each patient"
        issues.append(Issue(f"parameters are of different lengths: {listed}", hint=hint))
    if issues:
        raise InvalidInput(issues)
    size = lengths.pop() if lengths else saved if rows is None else rows
    names = kernel.parameters
    table = np.empty((size, len(names)))
    for index, name in enumerate(names):
        table[:, index] = columns.get(name, np.asarray(kernel.defaults[name]))
    return table


def complete_parameters(kernel: Kernel, values: Floats) -> Floats:
    """The parameters of the program, (N, P): those of the caller, then the hidden ones."""
    hidden = np.array(list(kernel.hidden.values()), np.float64)
    return np.column_stack([values, np.broadcast_to(hidden, (len(values), hidden.size))])


def read_times(given: ArrayLike) -> Floats:
    """Times to give outputs at, (T,): at least one, finite and sorted."""
    times = read_numbers(given, "times")
    if times.ndim != 1 or times.size == 0:
        hint = "give at least one time; the run ends at the last"
        issue = Issue(f"times have shape {times.shape}, not a list of times", hint=hint)
    elif not np.isfinite(times).all():
        issue = Issue("a time is not a finite number", hint="leave it out")
    elif (np.diff(times) < 0).any():
        first = int(np.argmax(np.diff(times) < 0))
        message = f"times are out of order: {times[first]:g} stands before {times[first + 1]:g}"
        issue = Issue(message, hint="sort them")
    else:
        return times
    raise InvalidInput([issue])


def read_start(kernel: Kernel, given: float | None) -> float:
    """Time of the start; the model's own where nothing is said."""
    start = kernel.program.start if given is None else read_number(given, "start")
    if not np.isfinite(start):
        raise InvalidInput([Issue(f"start is {start}, not a finite number", hint="leave it out")])
    return start


def check_window(times: Floats, start: float, reducers: Sequence[Reducer]) -> None:
    """Everything that lies outside the run."""
    end, issues = times[-1], []
    if times[0] < start:
        message = f"the first time, {times[0]:g}, is before the start at {start:g}"
        issues.append(Issue(message, hint="give `start`, or leave the time out"))
    if np.isinf(float(end) - start):
        message = f"the run from {start:g} to {end:g} is longer than any number"
        issues.append(Issue(message, hint="let it be shorter"))
    issues += [
        Issue(
            f"{reducer.name} looks at {point:g}, outside the run from {start:g} to {end:g}",
            hint="let `times` reach further, or change the reducer",
        )
        for reducer in reducers
        for point in reducer.points
        if not start <= point <= end
    ]
    issues += [issue for one in reducers for issue in _find_outside(one, start, end)]
    if issues:
        raise InvalidInput(issues)


def check_patients(reducers: Sequence[Reducer], patients: int) -> None:
    """Check that reducers with times of single patients have one for each of them."""
    issues = [
        Issue(
            f"{reducer.name} has times of {given:,} patients, for {patients:,}",
            hint="give one number, or one number for each patient",
        )
        for reducer in reducers
        for given in sorted(reducer.patients() - {patients})
    ]
    if issues:
        raise InvalidInput(issues)


def _find_outside(reducer: Reducer, start: float, end: float) -> Iterator[Issue]:
    """Find patients whose own times lie outside the run."""
    for times in reducer.own_points():
        outside = np.flatnonzero((times < start) | (times > end))
        if outside.size:
            patient, others = outside[0], outside.size - 1
            more = f", and at times of {others:,} more" if others else ""
            yield Issue(
                f"{reducer.name} looks at {times[patient]:g} for patient {patient}{more}, "
                f"outside the run from {start:g} to {end:g}",
                hint="let `times` reach further, or give NaN where a patient has no such time",
            )


def read_reducers(kernel: Kernel, given: object) -> tuple[Reducer, ...]:
    """Reducers, each of an output that the kernel has, and with a name of its own."""
    listed = tuple(given) if is_listed(given) and not isinstance(given, str) else (given,)
    reducers = tuple(each for each in listed if isinstance(each, Reducer))
    hint = "give a list of reducers, such as [Minimum(output)] of stromal.kernels.reducers"
    strange = [each for each in listed if not isinstance(each, Reducer)]
    issues = [Issue(f"{each!r} is no reducer", hint=hint) for each in strange]
    wrong = [issue for reducer in reducers for issue in reducer.check()]
    if not wrong:
        issues += [issue for reducer in reducers for issue in _check_output(kernel, reducer)]
        names = [name for each in reducers for name in {each.name, *each.columns}]
        issues += [
            Issue(f"two reducers are named {name}", hint="give one of them a `label`")
            for name in dict.fromkeys(names)
            if names.count(name) > 1
        ]
    if issues or wrong:
        raise InvalidInput([*issues, *wrong])
    return reducers


def _check_output(kernel: Kernel, reducer: Reducer) -> Iterator[Issue]:
    """What a reducer reads and the kernel does not have."""
    if reducer.output not in kernel.outputs:
        hint = closest(reducer.output, kernel.outputs, f"it has {', '.join(kernel.outputs)}")
        yield Issue(f"{reducer.name}: the kernel has no output `{reducer.output}`", hint=hint)
    elif reducer.whole_grid and slope_name(reducer.output) not in kernel.program.output_names:
        hint = "compile the kernel with slopes=True"
        yield Issue(f"{reducer.name} needs slopes of its output", hint=hint)


def find_bad_volumes(kernel: Kernel, parameters: Floats) -> NDArray[np.bool_]:
    """Patients with a compartment whose size, a parameter, is zero or negative, (N,)."""
    columns = [index for index, name in enumerate(kernel.parameters) if name in kernel.volumes]
    return np.asarray((parameters[:, columns] <= 0.0).any(axis=1))


def read_saved_states(kernel: Kernel, given: ArrayLike | None) -> Floats | None:
    """Saved states as numbers, of whatever shape they have; a table's in the kernel's order."""
    if given is None:
        return None
    waiting = [
        Issue(
            f"event {alarm.name} has a delay, and saved states do not say what it set in motion",
            column="initial_states",
            hint="run in one part, from the start of the model",
        )
        for alarm in (kernel.clock.alarms if kernel.clock else ())
        if alarm.delay is not None
    ]
    if waiting:
        raise InvalidInput(waiting)
    if not isinstance(given, pl.DataFrame):
        return read_numbers(given, "initial states")
    if kernel.program.uses_time and "time" not in given.columns:
        given = given.with_columns(time=pl.lit(np.nan))  # a run has its own
    lacking = [name for name in kernel.states if name not in given.columns]
    if lacking:
        message = f"the table of initial states has no column {', '.join(lacking)}"
        raise InvalidInput([Issue(message, hint="one column for each state")])
    issues = [
        no_numbers(name, "initial_states")
        for name in kernel.states
        if not holds_numbers(given, name)
    ]
    if issues:
        raise InvalidInput(issues)
    return given.select(pl.col(kernel.states).cast(pl.Float64).fill_null(np.nan)).to_numpy()


def spread_states(kernel: Kernel, states: Floats | None, patients: int) -> Floats | None:
    """Saved states as a row for each patient, (N, S); one row serves every patient."""
    if states is None:
        return None
    wanted = (patients, len(kernel.states))
    if states.shape not in (wanted, wanted[1:]):
        hint = "give the `final_states` of the run before"
        raise InvalidInput(
            [Issue(f"initial states have shape {states.shape}, not {wanted}", hint=hint)]
        )
    return np.ascontiguousarray(np.broadcast_to(states, wanted))


def read_tolerances(
    kernel: Kernel,
    atol: float | Mapping[str, float] | ArrayLike | None,
    precision: str,
    length: float,
) -> tuple[Floats, Floats]:
    """Absolute tolerance of each state, and the share of its own size that counts too; both (S,).

    Where nothing is said, the absolute tolerance follows the state's own size, and the number here
    is what rounding of its flows may leave behind in a run of this length.
    """
    program = kernel.program
    # a wrong precision, or time, is an issue of its own
    noise = step.NOISE.get(precision, 0.0) * max(length, 0.0)
    usual = np.maximum(np.array(program.flows) * noise, step.LEAST_TOLERANCE.get(precision, 1.0))
    share = np.full(usual.shape, step.OWN_SHARE)
    share[list(program.renewing)] = step.RENEWING_SHARE
    if isinstance(atol, Mapping):
        unknown = [name for name in atol if name not in kernel.all_states]
        if unknown:
            raise InvalidInput([_no_state(kernel, str(name), "atol") for name in unknown])
        found = IssueList()
        named = {
            name: found.of(read_number, value, f"atol of `{name}`") for name, value in atol.items()
        }
        found.stop()
        told = [name in named for name in kernel.states]
        both = zip(kernel.states, usual, strict=True)
        tolerances = np.array([named.get(name, value) for name, value in both])
        share[told] = 0.0
    elif atol is None:
        tolerances = usual
    else:
        given = read_numbers(atol, "atol")
        if given.shape not in ((), (len(kernel.states),)):
            hint = "give one number, one for each state, or numbers by the names of states"
            raise InvalidInput([Issue(f"atol has shape {given.shape}", hint=hint)])
        tolerances = np.broadcast_to(given, (len(kernel.states),)).copy()
        share[:] = 0.0
    return tolerances, share


def read_timeline(
    kernel: Kernel,
    patients: int,
    doses: Doses,
    jumps: Jumps,
    parameter_changes: ParameterChanges,
    *,
    start: float,
    end: float,
) -> Timeline:
    """Doses, jumps and changes of parameters of every patient, sorted by time.

    Raises
    ------
    InvalidInput
        Every issue: columns that lack, states that the kernel does not have, patients that are not
        there, times outside the run, numbers that are not finite.
    """
    found = IssueList()
    given_doses = found.of(read_events, DOSES, doses, patients)
    given_jumps = found.of(read_events, JUMPS, jumps, patients)
    given_changes = found.of(read_events, CHANGES, parameter_changes, patients)
    found.stop()
    found.issues += [
        *_find_unknown(kernel, "doses", given_doses),
        *_find_unknown(kernel, "jumps", given_jumps),
        *_find_unfit(kernel, given_changes),
        *_find_deciding(kernel, "doses", given_doses),
        *_find_deciding(kernel, "jumps", given_jumps),
    ]
    plan = partial(
        plan_timeline,
        kernel.program,
        patients,
        doses=_seen(kernel, given_doses),
        parameter_changes=given_changes,
        start=start,
        end=end,
    )
    timeline = found.of(plan, jumps=_seen(kernel, given_jumps))
    found.stop()
    scaled = _scale_sensitivities(kernel, given_jumps)
    return plan(jumps=[*_seen(kernel, given_jumps), *scaled]) if scaled else timeline


def _find_missing(kernel: Kernel, given: Parameters) -> Iterator[Issue]:
    """Parameters with None for some patients, or with one NaN for all of them."""
    if isinstance(given, pl.DataFrame):
        columns = {
            name: given[name].is_null().to_numpy() for name in given.columns if name != "patient"
        }
    elif isinstance(given, Mapping):
        columns = {str(name): _is_none(values) for name, values in given.items()}
    else:
        table = np.atleast_2d(_is_none(given))
        columns = dict(zip(kernel.parameters, table.T, strict=False))
    hint = "give a number, or leave the parameter out to keep the model's value"
    for name, missing in columns.items():
        if missing.ndim == 0 and missing:
            yield Issue(f"`{name}` is None", table="parameters", hint=hint)
        elif missing.any():
            patients = name_patients(np.flatnonzero(missing).tolist())
            yield Issue(f"`{name}` is None for {patients}", table="parameters", hint=hint)
        elif isinstance(given, Mapping) and is_number(given.get(name)) and np.isnan(given[name]):
            yield Issue(f"`{name}` is NaN for every patient", table="parameters", hint=hint)


def _is_none(values: object) -> NDArray[np.bool_]:
    """Which of some values are None; none of them where they are no array at all."""
    try:
        array = np.asarray(values)
    except ValueError:  # rows of unequal length, which are an issue of their own
        return np.zeros((), np.bool_)
    if array.dtype.kind != "O":
        return np.zeros(array.shape, np.bool_)
    found = np.fromiter((one is None for one in array.flat), np.bool_, array.size)
    return found.reshape(array.shape)


def name_patients(numbers: Sequence[int], most: int = 5) -> str:
    """Numbers of patients in words; of many, the first.

    Examples
    --------
    >>> name_patients([3]), name_patients([1, 2]), name_patients(range(9), most=2)
    ('patient 3', 'patients 1, 2', 'patients 0, 1 and 7 more')
    """
    shown = ", ".join(str(number) for number in numbers[:most])
    more = f" and {len(numbers) - most:,} more" if len(numbers) > most else ""
    return f"patient{'s' if len(numbers) > 1 else ''} {shown}{more}"


def _read_matrix(kernel: Kernel, given: ArrayLike) -> Floats:
    table = read_numbers(given, "parameters")
    if table.ndim != 2 or table.shape[1] != len(kernel.parameters):
        message = f"parameters have shape {table.shape}, not (patients, {len(kernel.parameters)})"
        hint = f"one column for each of {', '.join(kernel.parameters) or 'no parameters'}"
        raise InvalidInput([Issue(message, hint=hint)])
    return np.ascontiguousarray(table)


def _read_columns(frame: pl.DataFrame) -> Mapping[str, ArrayLike]:
    columns = [name for name in frame.columns if name != "patient"]
    issues = [no_numbers(name, "parameters") for name in columns if not holds_numbers(frame, name)]
    numbers = frame["patient"] if "patient" in frame.columns else pl.Series(dtype=pl.Int64)
    if "patient" in frame.columns and numbers.to_list() != list(range(len(numbers))):
        hint = "rows are patients 0, 1, 2, ...: sort them by `patient`, one row for each"
        issues.append(Issue("patients are out of order", table="parameters", hint=hint))
    if issues:
        raise InvalidInput(issues)
    return {name: frame[name].cast(pl.Float64).to_numpy() for name in columns}


def _find_unknown(kernel: Kernel, what: str, events: Sequence[Dose | Jump]) -> Iterator[Issue]:
    """States that the kernel does not have, each once."""
    known = _dosable(kernel)
    for name in dict.fromkeys(event.state for event in events):
        if name not in known and name not in kernel.dosed:
            yield _no_state(kernel, name, what)


def _find_deciding(kernel: Kernel, what: str, events: Sequence[Dose | Jump]) -> Iterator[Issue]:
    """States from which times are worked out before a run, each once."""
    known = () if kernel.clock is None else kernel.clock.known
    for name in dict.fromkeys(event.state for event in events):
        if name in known:
            message = f"`{name}` decides when something happens, and only the model moves it"
            hint = "write what is to move it as an event of the model"
            yield Issue(message, table=what, hint=hint)


def _find_unfit(kernel: Kernel, changes: Sequence[ParameterChange]) -> Iterator[Issue]:
    """Changes of what sensitivities are computed to, and of volumes to what is not positive."""
    for name in dict.fromkeys(change.parameter for change in changes):
        if name in kernel.sensitivities:
            yield Issue(
                f"`{name}` cannot change: sensitivities are computed to it",
                table="parameter_changes",
                hint="compile a kernel without its sensitivities, or give the change to the model",
            )
        elif name in kernel.deciding:
            yield Issue(
                f"`{name}` cannot change: it decides when something happens, and sensitivities "
                "follow that time",
                table="parameter_changes",
                hint="compile a kernel without sensitivities, or give the change to the model",
            )
    for change in changes:
        if change.parameter in kernel.volumes and np.any(np.asarray(change.value) <= 0.0):
            yield Issue(
                f"volume `{change.parameter}` changes to what is not positive",
                table="parameter_changes",
                hint="a compartment's size is positive",
            )


def _check_columns(kernel: Kernel, columns: Mapping[str, Floats]) -> list[Issue]:
    issues, names = [], kernel.parameters
    varying = frozenset(names)
    for name, column in columns.items():
        if name in varying:
            if column.ndim > 1:
                hint = "give one number, or one number for each patient"
                issues.append(Issue(f"`{name}` has shape {column.shape}", hint=hint))
        elif name in kernel.defaults:
            hint = f'compile the kernel with vary=["{name}", ...]'
            issues.append(Issue(f"`{name}` does not vary in this kernel", hint=hint))
        else:
            listed = ", ".join(names) or "none"
            hint = closest(name, names, f"parameters that vary: {listed}")
            issues.append(Issue(f"{kernel.name} has no parameter `{name}`", hint=hint))
    issues += [
        Issue(f"`{name}` has no value in the model", hint="give it with the parameters")
        for name in names
        if name not in columns and not np.isfinite(kernel.defaults[name])
    ]
    return issues


def _dosable(kernel: Kernel) -> list[str]:
    """States that can be moved; time, where it is one, moves by itself."""
    return [name for name in kernel.states if name != "time"]


def _no_state(kernel: Kernel, name: str, table: str) -> Issue:
    if name in kernel.all_states:
        message = f"state `{name}` was left out of this kernel, for it could not matter"
        return Issue(message, table=table, hint=f'compile the kernel with dosed=["{name}", ...]')
    states = _dosable(kernel)
    hint = closest(name, states, f"states: {', '.join(states) or 'none'}")
    return Issue(f"{kernel.name} has no state `{name}`", table=table, hint=hint)


def _seen(kernel: Kernel, events: Sequence[Any]) -> list[Any]:
    """Events of states that are integrated; those of the others change no output."""
    return [event for event in events if event.state in kernel.states]


def _scale_sensitivities(kernel: Kernel, jumps: Sequence[Jump]) -> list[Jump]:
    """Jumps of the sensitivities of states that are multiplied."""
    return [
        Jump(jump.time, name, jump.factor, patients=jump.patients)
        for jump in jumps
        for name in kernel.scaled.get(jump.state, ())
        if name in kernel.states
    ]
