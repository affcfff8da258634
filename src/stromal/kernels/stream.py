"""Results to Parquet, chunk by chunk, so that memory does not grow with the number of patients."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.errors import InvalidInput, Issue, IssueList
from stromal.kernels.arguments import MOST_COUNT, check_counts, is_listed, is_number, is_whole
from stromal.kernels.backends import BackendName, find_backend
from stromal.kernels.compile.cache import digest_of, digest_of_package
from stromal.kernels.covariates import add_covariates, read_covariates
from stromal.kernels.door import Accuracy, Read, Schedule, Work, check_groups
from stromal.kernels.events import CHANGES, DOSES, JUMPS, part_of_events, settle_events
from stromal.kernels.inputs import (
    ParameterChanges,
    Parameters,
    check_patients,
    check_window,
    read_parameters,
    read_reducers,
    read_start,
    read_timeline,
    read_times,
)
from stromal.kernels.kernel import Kernel, check_kernel
from stromal.kernels.reducers import Reducer
from stromal.kernels.reducers.per_patient import PerPatient
from stromal.kernels.run import Run, pose_run
from stromal.kernels.settling import plan_settling
from stromal.kernels.solution import Solution
from stromal.kernels.solve import solve
from stromal.kernels.solvers.problem import Precision
from stromal.progress import Clock, Progress, Tell, follow_patients
from stromal.store.manifest import Facts, Manifest, read_versions
from stromal.store.stream_folder import StreamFolder

Drawn = Callable[[int, int], Parameters]
"""Parameters of patients `first` up to `first + count`."""

ENGINE = (
    "stromal.kernels",
    "stromal.kernels.reducers",
    "stromal.kernels.solvers",
    "stromal.kernels.solvers.lanes",
    "stromal.kernels.times",
)
"""Packages whose text decides what numbers come out, beside the program's own."""

PATIENTS_OF_A_FILE = 20_000
"""Patients of one file, where nothing else is said."""

LIBRARIES = ("llvmlite", "numba", "numpy", "polars")
"""Libraries whose versions decide numbers, or the bytes of files."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A folder of results.

    Parameters
    ----------
    folder
        Where the files are.
    digest
        SHA-256 over the names and digests of all files.
    n_patients
        Patients in it.
    computed
        Patients that this call ran; the others had been done before.
    files
        Names of the files of this run.
    """

    folder: Path
    digest: str
    n_patients: int
    computed: int
    files: tuple[str, ...]

    def __repr__(self) -> str:
        """The stream in one line."""
        return (
            f"<Stream {self.folder}: {self.n_patients} patients, {self.computed} of them computed "
            f"by this call>"
        )

    def patients(self) -> pl.LazyFrame:
        """One row for each patient, read when it is asked for."""
        return self._scan("patients-")

    def values(self) -> pl.LazyFrame:
        """Trajectories as a long table; InvalidInput where they were not kept."""
        return self._scan("values-")

    def _scan(self, kind: str) -> pl.LazyFrame:
        own = [self.folder / name for name in self.files if name.startswith(kind)]
        if not own:
            hint = "run with keep=True into another folder"
            raise InvalidInput([Issue("trajectories were not kept", hint=hint)])
        return pl.scan_parquet(own)


def solve_to_parquet(
    kernel: Kernel,
    parameters: Parameters | Drawn,
    read: Read,
    folder: Path | str,
    *,
    patients: int | None = None,
    schedule: Schedule = Schedule(),
    accuracy: Accuracy = Accuracy(),
    work: Work = Work(),
) -> Stream:
    """Run a kernel for any number of patients and write what comes out, chunk by chunk.

    Parameters
    ----------
    kernel, accuracy
        As for `solve`.
    parameters
        As for `solve`, or a function of (first, count) that gives the parameters of those patients,
        so that they too are never all held at once (`draw_parameters`). A table that it gives may
        number its patients from `first` or from 0.
    read
        As for `solve`; with `keep`, trajectories are written too: leave it out for many patients.
    folder
        Where to write. An unfinished run that it holds is gone on with, where model, inputs,
        settings and engine are the same; anything else is refused.
    patients
        How many, where `parameters` is a function.
    schedule
        As for `solve`; numbers of patients, and arrays, are those of the whole run. A stream goes
        on from no saved states.
    work
        As for `solve`; `chunk` is the patients of one file, and patients that had been done before
        are not in the rate.

    Returns
    -------
    Stream
        The folder, its digest, and its tables to read.

    Raises
    ------
    InvalidInput
        As for `solve`; the folder cannot be written, or holds another run or a manifest of
        something else.

    Examples
    --------
    >>> import tempfile
    >>> from stromal.kernels.draws import LogNormal, draw_parameters
    >>> from stromal.kernels.kernel import compile_kernel
    >>> from stromal.kernels.reducers import Area
    >>> from stromal.models.parse import read_model
    >>> model = read_model("drug = 1; k = 0.5; drug' = -k * drug;")
    >>> kernel = compile_kernel(model, outputs=["drug"], vary=["k"])
    >>> population = {"k": LogNormal(median=0.5, log_sd=0.3)}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     stream = solve_to_parquet(
    ...         kernel,
    ...         lambda first, count: draw_parameters(1, first, count, population),
    ...         Read([0, 30], reducers=[Area("drug")], keep=False),
    ...         folder,
    ...         patients=25,
    ...         work=Work(chunk=10),
    ...     )
    ...     stream.patients().select("area(drug)").collect().height
    25
    """
    check_kernel(kernel)
    check_groups(read, schedule, accuracy, work)
    chunk = PATIENTS_OF_A_FILE if work.chunk is None else work.chunk
    found = IssueList()
    found.of(check_counts, chunk=chunk)
    found.of(_check_no_saved_states, schedule)
    place = found.of(StreamFolder.open, folder)
    source = found.of(_read_source, kernel, parameters, patients)
    found.stop()
    draw, total = source
    changes = found.of(_read_changes, kernel, read, schedule, total)
    given: list[tuple[Any, Any]]
    given = [(DOSES, schedule.doses), (JUMPS, schedule.jumps), (CHANGES, changes)]
    schedule = replace(schedule, covariates=None)
    events: dict[str, Any] = {
        table.name: found.of(settle_events, table, one, total) for table, one in given
    }
    found.stop()
    chosen = _choose_backend(
        work.backend, accuracy.precision, total, len(kernel.states), place.before
    )
    work = replace(work, backend=chosen, chunk=None)
    nobody = np.empty((0, len(kernel.parameters)))
    plan = replace(schedule, **_part_of(events, range(0)))
    if is_listed(read.reducers):
        read = replace(read, reducers=tuple(read.reducers))  # they may be read only once
    asked = _for_patients(read, range(0))
    posed = pose_run(kernel, nobody, asked, schedule=plan, accuracy=accuracy, work=work)
    posed = replace(posed, reducers=_read_whole_reducers(posed, read, total))
    firsts = range(0, max(total, 1), chunk)
    parts = [range(first, min(first + chunk, total)) for first in firsts]
    for rows in parts if any(len(each) for each in events.values()) else ():
        _check_events(posed, _part_of(events, rows), len(rows))
    kinds = ("patients", "values") if read.keep else ("patients",)
    facts, versions = _describe(posed, total, chunk), read_versions(LIBRARIES)
    place.begin(facts, versions, chunks=len(parts), kinds=kinds)
    computed = 0
    with follow_patients(total, kernel.name, progress=work.progress) as clock:
        for number, rows in enumerate(parts):
            drawn, own = _draw_rows(kernel, draw, rows), _part_of(events, rows)
            inputs = digest_inputs(drawn, own.values())
            if place.holds(number, inputs):
                clock.skip(len(rows))
                continue
            solution = solve(
                kernel,
                drawn,
                _for_patients(read, rows),
                schedule=replace(schedule, **own),
                accuracy=accuracy,
                work=replace(work, progress=_tell_within_chunk(clock)),
            )
            place.write(number, inputs, _tables(solution, rows.start))
            computed += len(rows)
            clock.count(len(rows))
    return Stream(place.path, place.digest, total, computed, place.files)


def _read_changes(
    kernel: Kernel, read: Read, schedule: Schedule, patients: int
) -> ParameterChanges:
    """Changes of parameters, with those that follow covariates."""
    if schedule.covariates is None:
        return schedule.parameter_changes
    start, end = read_start(kernel, schedule.start), float(read_times(read.times)[-1])
    visits = read_covariates(kernel, schedule.covariates, patients, start=start, end=end)
    return add_covariates(schedule.parameter_changes, visits, patients)


def _check_no_saved_states(schedule: Schedule) -> None:
    """Refuse saved states: a stream of files begins at the start of the model."""
    if schedule.initial_states is not None:
        message = "initial_states are given, and a stream goes on from no saved states"
        raise InvalidInput([Issue(message, hint="go on from them with `solve`")])


def _read_source(
    kernel: Kernel, parameters: Parameters | Drawn, patients: int | None
) -> tuple[Drawn, int]:
    """Parameters as a function of (first, count), and how many patients there are."""
    if callable(parameters):
        if not is_whole(patients) or not 0 <= int(patients) <= MOST_COUNT:
            message = f"patients is {patients!r}, and parameters are drawn for so many"
            raise InvalidInput([Issue(message, hint=f"give a number from 0 to {MOST_COUNT:,}")])
        return parameters, int(patients)
    table = read_parameters(kernel, parameters)
    if patients is not None and not (is_whole(patients) and int(patients) == len(table)):
        message = f"parameters are of {len(table)} patients, not {patients!r}"
        raise InvalidInput([Issue(message, hint="leave `patients` out")])
    return lambda first, count: table[first : first + count], len(table)


def _draw_rows(kernel: Kernel, draw: Drawn, rows: range) -> NDArray[np.float64]:
    """Parameters of some patients, one row for each of them."""
    drawn = draw(rows.start, len(rows))
    if isinstance(drawn, pl.DataFrame) and _numbers_as_whole_run(drawn, rows):
        drawn = drawn.with_columns(patient=pl.int_range(len(rows)))
    given = read_parameters(kernel, drawn)
    if len(given) != len(rows):
        message = f"{len(given)} patients were drawn where {len(rows)} were asked for"
        hint = "give arrays with a number for each of `count` patients"
        raise InvalidInput([Issue(message, table="parameters", hint=hint)])
    return given


def _numbers_as_whole_run(drawn: pl.DataFrame, rows: range) -> bool:
    """Whether a table numbers its patients as the whole run does, and not from 0."""
    return "patient" in drawn.columns and drawn["patient"].to_list() == list(rows)


def _part_of(events: Mapping[str, Any], rows: range) -> dict[str, Any]:
    """Every table of events, of some patients."""
    return {name: part_of_events(given, rows) for name, given in events.items()}


def _for_patients(read: Read, rows: range) -> Read:
    """Return what is read of some patients; what is no reducer is left for a check to refuse."""
    if not is_listed(read.reducers):
        return read
    part = slice(rows.start, rows.stop)
    cut = (one.part(part) if isinstance(one, Reducer) else one for one in read.reducers)
    return replace(read, reducers=tuple(cut))


def _read_whole_reducers(run: Run, read: Read, patients: int) -> tuple[Reducer, ...]:
    """Check reducers with the days of every patient, which the run of nobody did not see."""
    found = IssueList()
    reducers = found.of(read_reducers, run.kernel, read.reducers)
    found.stop()
    found.of(check_patients, reducers, patients)
    found.of(check_window, run.problem.times, run.problem.start, reducers)
    found.stop()
    return tuple(reducers)


def _check_events(run: Run, events: Mapping[str, Any], patients: int) -> None:
    """Refuse events of some patients that do not fit, before anything is run."""
    start, end = run.problem.start, run.problem.end
    timeline = read_timeline(run.kernel, patients, **events, start=start, end=end)
    plan_settling(run.kernel, patients, events[DOSES.name], timeline, start=start, end=end)


def _choose_backend(
    wanted: BackendName,
    precision: Precision,
    patients: int,
    states: int,
    before: Manifest | None,
) -> BackendName:
    """The back end; `auto` goes on with that of the run before, where it had this precision."""
    chosen = find_backend(wanted, patients, precision, states)
    run = {} if before is None else before.run
    if wanted == "auto" and run.get("precision") == precision:
        chosen = find_backend(run.get("backend", "auto"), patients, precision, states)
    return chosen.name


def _tell_within_chunk(clock: Clock) -> Tell:
    """Tells of patients within a chunk; those of a whole one count when it has been written."""

    def tell(now: Progress) -> None:
        if now.done < now.total:
            clock.glance(now.done)

    return tell


def _describe(run: Run, patients: int, chunk: int) -> Facts:
    """What decides the numbers, besides the inputs of each chunk, as plain values."""
    problem = run.problem
    return {
        "model": run.kernel.name,
        "program": problem.program.digest,
        "known_times": None if run.kernel.clock is None else run.kernel.clock.digest,
        "volumes": sorted(run.kernel.volumes),
        "engine": _digest_of_engine(),
        "patients": patients,
        "chunk": int(chunk),
        "times": problem.times.tolist(),
        "start": problem.start,
        "reducers": [_describe_reducer(reducer) for reducer in run.reducers],
        "intervals": int(run.intervals),
        "keep": bool(run.keep),
        "backend": run.backend.name,
        "precision": run.backend.precision,
        "rtol": problem.rtol,
        "atol": problem.atol.tolist(),
        "max_steps": problem.max_steps,
    }


def _describe_reducer(reducer: Reducer) -> str:
    """A reducer in words that do not depend on how its numbers were given: 1, 1.0 or NumPy's."""
    values = {field.name: getattr(reducer, field.name) for field in fields(reducer)}
    said = [f"{name}={_as_floats(value)!r}" for name, value in values.items()]
    return f"{type(reducer).__qualname__}({', '.join(said)})"


def _as_floats(value: object) -> object:
    """A number, or a list of them, as floats; anything else as it is."""
    if is_number(value):
        return float(value)
    if isinstance(value, PerPatient):
        # A digest: a manifest does not hold a million days.
        return f"days {value.times.shape} {hashlib.sha256(value.times.tobytes()).hexdigest()}"
    if isinstance(value, Mapping):
        return {name: _as_floats(one) for name, one in value.items()}
    if isinstance(value, tuple | list | np.ndarray):
        return [_as_floats(one) for one in value]
    return value


@cache
def _digest_of_engine() -> str:
    """Digest of the solvers' text."""
    return digest_of([digest_of_package(name) for name in ENGINE])


def digest_inputs(parameters: NDArray[np.float64], events: Iterable[Any]) -> str:
    """Digest of the parameters of some patients, (n, P), and of tables or lists of their events.

    Examples
    --------
    >>> digest_inputs(np.ones((2, 1)), []) == digest_inputs(np.ones((2, 1)), [[]])
    False
    """
    digest = hashlib.sha256(parameters.tobytes())
    for table in events:
        plain = table.write_csv() if isinstance(table, pl.DataFrame) else _plain(table)
        digest.update(plain.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def _plain(events: Iterable[Any]) -> str:
    """Events as text in which every number has all its digits."""
    parts = []
    for event in events:
        values = (getattr(event, field.name) for field in fields(event))
        parts.append(
            [value if isinstance(value, str) else np.asarray(value).tolist() for value in values]
        )
    return json.dumps(parts)


def _tables(solution: Solution, first: int) -> dict[str, pl.DataFrame]:
    """Tables of a chunk that begins with a patient."""
    tables = {"patients": solution.patients(first)}
    if solution.values is not None:
        tables["values"] = solution.frame().with_columns(pl.col("patient") + first)
    return tables
