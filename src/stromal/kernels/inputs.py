"""What a run is given, read into arrays: parameters, doses, jumps, tolerances, saved states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from stromal.errors import InvalidInput, Issue
from stromal.kernels.kernel import Kernel, closest
from stromal.kernels.numbers import read_number, read_numbers
from stromal.kernels.timeline import Dose, Jump, ParameterChange, Timeline, plan_timeline

Floats = NDArray[np.float64]
Parameters = Mapping[str, ArrayLike] | ArrayLike | pl.DataFrame | None
Doses = pl.DataFrame | Iterable[Dose] | None
Jumps = pl.DataFrame | Iterable[Jump] | None
ParameterChanges = pl.DataFrame | Iterable[ParameterChange] | None


def read_parameters(
    kernel: Kernel, given: Parameters, initial_states: ArrayLike | None = None
) -> Floats:
    """Parameters as a row for each patient and a column for each that varies, (N, P).

    Parameters
    ----------
    kernel
        Whose parameters.
    given
        Numbers or arrays by name, a table with a column for each, or an array (N, P). Parameters
        that are left out keep the model's value; one number serves every patient.
    initial_states
        Saved states, which say how many patients there are where the parameters do not.

    Raises
    ------
    InvalidInput
        Unknown names, columns that are not numbers, lengths that do not agree.
    """
    rows = None
    if isinstance(given, pl.DataFrame):
        rows, given = given.height, _read_columns(given)
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        return _read_matrix(kernel, given)
    columns = {name: read_numbers(values, f"`{name}`") for name, values in given.items()}
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
    saved = 1 if initial_states is None or np.ndim(initial_states) < 2 else len(initial_states)  # type: ignore[arg-type]
    size = lengths.pop() if lengths else saved if rows is None else rows
    table = np.empty((size, len(kernel.parameters)))
    for index, name in enumerate(kernel.parameters):
        table[:, index] = columns.get(name, np.asarray(kernel.defaults[name]))
    return table


def find_bad_volumes(kernel: Kernel, parameters: Floats) -> NDArray[np.bool_]:
    """Patients with the size of a compartment that is zero or negative, (N,)."""
    columns = [index for index, name in enumerate(kernel.parameters) if name in kernel.volumes]
    return np.asarray((parameters[:, columns] <= 0.0).any(axis=1))


def read_initial_states(kernel: Kernel, given: ArrayLike | None, patients: int) -> Floats | None:
    """Saved states as a row for each patient, (N, S); one row serves every patient."""
    if given is None:
        return None
    if isinstance(given, pl.DataFrame):
        lacking = [name for name in kernel.states if name not in given.columns]
        if lacking:
            message = f"the table of initial states has no column {', '.join(lacking)}"
            raise InvalidInput([Issue(message, hint="one column for each state")])
        given = given.select(kernel.states).to_numpy()
    states = read_numbers(given, "initial states")
    wanted = (patients, len(kernel.states))
    if states.shape not in (wanted, wanted[1:]):
        hint = "give the `final_states` of the run before"
        raise InvalidInput(
            [Issue(f"initial states have shape {states.shape}, not {wanted}", hint=hint)]
        )
    return np.ascontiguousarray(np.broadcast_to(states, wanted))


def read_tolerances(
    kernel: Kernel, rtol: float, atol: float | Mapping[str, float] | ArrayLike | None
) -> Floats:
    """Absolute tolerance of each state, (S,); a thousandth of `rtol` where nothing is said."""
    usual = 1e-3 * read_number(rtol, "rtol")
    if atol is None:
        return np.full(len(kernel.states), usual)
    if not isinstance(atol, Mapping):
        given = read_numbers(atol, "atol")
        if given.shape not in ((), (len(kernel.states),)):
            hint = "give one number, one for each state, or numbers by the names of states"
            raise InvalidInput([Issue(f"atol has shape {given.shape}", hint=hint)])
        return np.broadcast_to(given, (len(kernel.states),)).copy()
    unknown = [name for name in atol if name not in kernel.all_states]
    if unknown:
        raise InvalidInput([_no_state(kernel, name, "atol") for name in unknown])
    return np.array([atol.get(name, usual) for name in kernel.states], dtype=np.float64)


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

    Tables have columns `patient` (a number from 0; without the column, or where it is null, every
    patient), `day` (or `time`), then `state` (or `product`) and `amount` for doses; `state`,
    `factor` and perhaps `amount` for jumps; `parameter` and `value` for changes of parameters.

    Raises
    ------
    InvalidInput
        Every issue: columns that lack, states that the kernel does not have, patients that are not
        there, times outside the run, numbers that are not finite.
    """
    issues: list[Issue] = []
    given_doses: list[Dose] = _read_events(_DOSES, doses, patients, issues)
    given_jumps: list[Jump] = _read_events(_JUMPS, jumps, patients, issues)
    given_changes: list[ParameterChange] = _read_events(
        _CHANGES, parameter_changes, patients, issues
    )
    for what, events in (("doses", given_doses), ("jumps", given_jumps)):
        missing = dict.fromkeys(event.state for event in events if event.state not in kernel.states)
        issues += [_no_state(kernel, name, what) for name in missing if name not in kernel.dosed]
    issues += [
        Issue(
            f"`{name}` cannot change: sensitivities are computed to it",
            table="parameter_changes",
            hint="compile a kernel without its sensitivities, or give the change to the model",
        )
        for name in dict.fromkeys(change.parameter for change in given_changes)
        if name in kernel.sensitivities
    ]
    issues += [
        Issue(
            f"volume `{change.parameter}` changes to what is not positive",
            table="parameter_changes",
            hint="a compartment's size is positive",
        )
        for change in given_changes
        if change.parameter in kernel.volumes and _falls_to_zero(change)
    ]
    if issues:
        raise InvalidInput(issues)
    return plan_timeline(
        kernel.program,
        patients,
        doses=_seen(kernel, given_doses),
        jumps=[*_seen(kernel, given_jumps), *_scale_sensitivities(kernel, given_jumps)],
        parameter_changes=given_changes,
        start=start,
        end=end,
    )


def _read_matrix(kernel: Kernel, given: ArrayLike) -> Floats:
    table = read_numbers(given, "parameters")
    if table.ndim != 2 or table.shape[1] != len(kernel.parameters):
        message = f"parameters have shape {table.shape}, not (patients, {len(kernel.parameters)})"
        hint = f"one column for each of {', '.join(kernel.parameters) or 'no parameters'}"
        raise InvalidInput([Issue(message, hint=hint)])
    return np.ascontiguousarray(table)


def _read_columns(frame: pl.DataFrame) -> Mapping[str, ArrayLike]:
    columns = [name for name in frame.columns if name != "patient"]
    issues = [
        _no_numbers(name, "parameters") for name in columns if not _holds_numbers(frame, name)
    ]
    numbers = frame["patient"] if "patient" in frame.columns else pl.Series(dtype=pl.Int64)
    if "patient" in frame.columns and numbers.to_list() != list(range(len(numbers))):
        hint = "rows are patients 0, 1, 2, ...: sort them by `patient`, one row for each"
        issues.append(Issue("patients are out of order", table="parameters", hint=hint))
    if issues:
        raise InvalidInput(issues)
    return {name: frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in columns}


def _holds_numbers(frame: pl.DataFrame, column: str) -> bool:
    """Whether a column is of numbers, or of nothing at all; one that is not there is."""
    kind = frame.schema.get(column, pl.Null())
    return kind.is_numeric() or kind == pl.Null


def _no_numbers(column: str, table: str) -> Issue:
    return Issue(f"column `{column}` holds no numbers", table=table, hint="give numbers")


def _falls_to_zero(change: ParameterChange) -> bool:
    """Whether somebody's value is zero or negative."""
    values = read_numbers(change.value, change.parameter)
    return bool(((values <= 0.0) & np.asarray(change.happens, np.bool_)).any())


def _check_columns(kernel: Kernel, columns: Mapping[str, Floats]) -> list[Issue]:
    issues = []
    for name, column in columns.items():
        if name in kernel.parameters:
            if column.ndim > 1:
                hint = "give one number, or one number for each patient"
                issues.append(Issue(f"`{name}` has shape {column.shape}", hint=hint))
        elif name in kernel.defaults:
            hint = f'compile the kernel with vary=["{name}", ...]'
            issues.append(Issue(f"`{name}` does not vary in this kernel", hint=hint))
        else:
            listed = ", ".join(kernel.parameters) or "none"
            hint = closest(name, kernel.parameters, f"parameters that vary: {listed}")
            issues.append(Issue(f"{kernel.name} has no parameter `{name}`", hint=hint))
    issues += [
        Issue(f"`{name}` has no value in the model", hint="give it with the parameters")
        for name in kernel.parameters
        if name not in columns and not np.isfinite(kernel.defaults[name])
    ]
    return issues


def _no_state(kernel: Kernel, name: str, table: str) -> Issue:
    if name in kernel.all_states:
        message = f"state `{name}` was left out of this kernel, for it could not matter"
        return Issue(message, table=table, hint=f'compile the kernel with dosed=["{name}", ...]')
    hint = closest(name, kernel.states, f"states: {', '.join(kernel.states) or 'none'}")
    return Issue(f"{kernel.name} has no state `{name}`", table=table, hint=hint)


@dataclass(frozen=True, slots=True)
class _Shape:
    """A table of events: its name, spellings of its key, its values, and what a row becomes.

    A value is what those have to whom nothing happens.
    """

    name: str
    key: tuple[str, ...]
    values: Mapping[str, float]
    make: type[Any]


_DOSES = _Shape("doses", ("state", "product"), {"amount": 0.0}, Dose)
_JUMPS = _Shape("jumps", ("state",), {"factor": 1.0, "amount": 0.0}, Jump)
_CHANGES = _Shape("parameter_changes", ("parameter",), {"value": 0.0}, ParameterChange)


def _read_events(
    shape: _Shape,
    given: Any,  # noqa: ANN401 - a table, or events of the shape's own kind
    patients: int,
    issues: list[Issue],
) -> list[Any]:
    """Events as given, or made from a table."""
    if given is None:
        return []
    if not isinstance(given, pl.DataFrame):
        return _check_events(shape, given, issues)
    tidy = _tidy(shape, given, patients, issues)
    if tidy is None:
        return []
    events = [
        shape.make(row["day"], row["name"], *(row[value] for value in shape.values))
        for row in tidy.filter(pl.col("patient").is_null()).iter_rows(named=True)
    ]
    rows = tidy.filter(pl.col("patient").is_not_null()).with_columns(
        turn=pl.int_range(pl.len()).over("patient", "name")
    )
    turns = sorted(rows.partition_by("name", "turn", as_dict=True).items())
    return events + [_gather(shape, str(name), turn, patients) for (name, _), turn in turns]


def _check_events(shape: _Shape, given: Any, issues: list[Issue]) -> list[Any]:  # noqa: ANN401
    """Events of the shape's own kind; anything else is an issue."""
    kind = shape.make
    events = list(given) if isinstance(given, Iterable) else [given]
    strange = next((event for event in events if not isinstance(event, kind)), None)
    if strange is None:
        return events
    hint = f"give a Polars table, or a list of {kind.__name__}"
    message = f"{type(strange).__name__} stands where a {kind.__name__} is meant"
    issues.append(Issue(message, table=shape.name, hint=hint))
    return []


def _gather(shape: _Shape, name: str, rows: pl.DataFrame, patients: int) -> Any:  # noqa: ANN401
    """One event of one name for all patients: nothing happens to those that have no row."""
    place = rows["patient"].to_numpy()

    def spread(column: str, otherwise: float) -> Floats:
        values = np.full(patients, otherwise)
        values[place] = rows[column].to_numpy()
        return values

    time = spread("day", rows["day"][0])
    event = shape.make(time, name, *(spread(*value) for value in shape.values.items()))
    if shape is not _CHANGES:
        return event
    happens = np.zeros(patients, np.bool_)
    happens[place] = True
    return replace(event, happens=happens)


def _tidy(
    shape: _Shape, frame: pl.DataFrame, patients: int, issues: list[Issue]
) -> pl.DataFrame | None:
    """The table with columns patient, day, name and values; None with issues where it is not."""
    key = next((name for name in shape.key if name in frame.columns), None)
    day = next((name for name in ("day", "time") if name in frame.columns), None)
    needed = [value for value in shape.values if (shape.name, value) != ("jumps", "amount")]
    lacking = [value for value in needed if value not in frame.columns]
    lacking += [" or ".join(shape.key)] * (key is None) + ["day"] * (day is None)
    if lacking or key is None or day is None:
        hint = f"it has {', '.join(frame.columns) or 'no columns'}"
        issues.append(Issue(f"no column {', '.join(lacking)}", table=shape.name, hint=hint))
        return None
    known = {"patient", day, key, *shape.values}
    strange = [name for name in frame.columns if name not in known]
    if strange:
        hint = closest(strange[0], known, f"it may have {', '.join(sorted(known))}")
        listed = ", ".join(f"`{name}`" for name in strange)
        issues.append(Issue(f"column {listed} is not known", table=shape.name, hint=hint))
        return None
    words = [name for name in ("patient", day, *shape.values) if not _holds_numbers(frame, name)]
    if words:
        issues += [_no_numbers(name, shape.name) for name in words]
        return None
    patient = pl.col("patient") if "patient" in frame.columns else pl.lit(None)
    values = [
        (pl.col(value) if value in frame.columns else pl.lit(nothing)).cast(pl.Float64).alias(value)
        for value, nothing in shape.values.items()
    ]
    tidy = frame.select(
        patient.alias("patient"),
        pl.col(day).cast(pl.Float64).alias("day"),
        pl.col(key).cast(pl.String).alias("name"),
        *values,
    )
    absent = find_absent(tidy["patient"], patients, shape.name)
    if absent is not None:
        issues.append(absent)
        return None
    numbers = ["day", *shape.values]
    if tidy.select(pl.any_horizontal(pl.col("name", *numbers).is_null().any())).item():
        hint = "every row has a day, a name and numbers; leave a row out where nothing happens"
        issues.append(Issue("a value is missing", table=shape.name, hint=hint))
        return None
    return tidy.with_columns(pl.col("patient").cast(pl.Int64))


def find_absent(numbers: pl.Series, patients: int, table: str) -> Issue | None:
    """The issue of a column that names a patient who is not there, by no whole number from 0 on."""
    given = numbers.drop_nulls().cast(pl.Float64)
    lost = given.filter(~given.is_between(0, patients - 1) | (given != given.floor()))
    if not len(lost):
        return None
    hint = f"patients are numbered from 0 to {patients - 1}" if patients else "there are none"
    return Issue(f"there is no patient {lost[0]:g}", table=table, hint=hint)


def _seen(kernel: Kernel, events: Sequence[Any]) -> list[Any]:
    """Events of states that are integrated; those of the others change no output."""
    return [event for event in events if event.state in kernel.states]


def _scale_sensitivities(kernel: Kernel, jumps: Sequence[Jump]) -> list[Jump]:
    """Jumps of the sensitivities of states that are multiplied."""
    return [
        Jump(jump.time, name, jump.factor)
        for jump in jumps
        for name in kernel.scaled.get(jump.state, ())
        if name in kernel.states
    ]
