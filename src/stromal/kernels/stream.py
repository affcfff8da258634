"""Results to Parquet, chunk by chunk, so that memory does not grow with the number of patients.

A folder holds `patients-00000.parquet` and so on (one row for each patient: status, steps, reduced
values), `values-00000.parquet` where trajectories are kept, and `manifest.json`: what was run, and
the digest of every file. Files are written aside and put in place whole. A run that was interrupted
goes on where it stopped; what comes out is the same, byte for byte, as without the interruption.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from stromal.errors import InvalidInput, Issue
from stromal.kernels.backends import BackendName, find_backend
from stromal.kernels.inputs import (
    Jumps,
    ParameterChanges,
    Parameters,
    find_absent,
    read_parameters,
    read_tolerances,
)
from stromal.kernels.kernel import Kernel
from stromal.kernels.numbers import check_counts, read_number, read_numbers
from stromal.kernels.progress import Clock, Tell
from stromal.kernels.reducers import Reducer
from stromal.kernels.solution import Solution
from stromal.kernels.solve import solve
from stromal.kernels.solvers.problem import Precision

MANIFEST = "manifest.json"

Drawn = Callable[[int, int], Parameters]
"""Parameters of patients `first` up to `first + count`."""


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


def solve_to_parquet(  # noqa: PLR0913 - the arguments of `solve`, and where to write
    kernel: Kernel,
    parameters: Parameters | Drawn,
    folder: Path | str,
    *,
    times: ArrayLike,
    patients: int | None = None,
    doses: pl.DataFrame | None = None,
    jumps: Jumps = None,
    parameter_changes: ParameterChanges = None,
    start: float | None = None,
    reducers: Sequence[Reducer] = (),
    intervals: int = 720,
    keep: bool = False,
    chunk: int = 20_000,
    backend: BackendName = "auto",
    precision: Precision = "f64",
    rtol: float = 1e-4,
    atol: float | Mapping[str, float] | ArrayLike | None = None,
    threads: int | None = None,
    max_steps: int = 100_000,
    progress: Tell | None = None,
) -> Stream:
    """Run a kernel for any number of patients and write what comes out, chunk by chunk.

    Parameters
    ----------
    kernel, times, start, reducers, intervals, keep
        As for `solve`.
    backend, precision, rtol, atol, threads, max_steps
        As for `solve`.
    parameters
        As for `solve`, or a function of (first, count) that gives the parameters of those patients,
        so that they too are never all held at once (`draw_parameters`).
    folder
        Where to write; a folder that holds an unfinished run of the same kind is gone on with.
    patients
        How many, where `parameters` is a function.
    doses, jumps, parameter_changes
        Tables as for `solve`; numbers of patients are those of the whole run.
    chunk
        Patients of one file.
    progress
        Is told how far the run is after every file.

    Returns
    -------
    Stream
        The folder, its digest, and its tables to read.

    Raises
    ------
    InvalidInput
        As for `solve`; the folder cannot be written, or holds another run.

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
    ...         folder,
    ...         patients=25,
    ...         chunk=10,
    ...         times=[0, 30],
    ...         reducers=[Area("drug")],
    ...     )
    ...     stream.patients().select("area(drug)").collect().height
    25
    """
    check_counts(chunk=chunk)
    drawn, total = _read_drawn(kernel, parameters, patients)
    place = _open_folder(Path(folder))
    before = _read_manifest(place)
    resolved = _choose_backend(backend, precision, before, total)
    options: dict[str, Any] = {
        "times": read_numbers(times, "times"),
        "start": kernel.program.start if start is None else read_number(start, "start"),
        "reducers": tuple(reducers),
        "intervals": intervals,
        "keep": keep,
        "backend": resolved,
        "precision": precision,
        "rtol": rtol,
        "atol": read_tolerances(kernel, rtol, atol),
        "max_steps": max_steps,
    }
    given_events = {"doses": doses, "jumps": jumps, "parameter_changes": parameter_changes}
    events = {name: _read_table(name, table, total) for name, table in given_events.items()}
    facts = _describe(kernel, total, chunk, options)
    chunks = _known_chunks(place, before, facts)
    clock, computed = Clock(total, progress), 0
    for first in range(0, max(total, 1), chunk):
        rows = range(first, min(first + chunk, total))
        given = _draw_rows(kernel, drawn, rows)
        own = {name: _own_rows(table, rows) for name, table in events.items()}
        number, inputs = f"{first // chunk:05d}", _digest_inputs(given, own.values())
        done = chunks.get(number)
        if done is not None and done["inputs"] != inputs:
            raise InvalidInput([_other_run(place, "parameters, doses, jumps or changes")])
        if done is None or not _is_whole(place, done["files"]):
            solution = solve(kernel, given, threads=threads, **own, **options)
            files = _write_chunk(place, number, solution, first)
            chunks[number] = {"inputs": inputs, "files": files}
            _write_text(place / MANIFEST, _manifest(facts, chunks))
            computed += len(rows)
            clock.count(len(rows))
        else:
            clock.skip(len(rows))
    text = _manifest(facts, chunks)
    _write_text(place / MANIFEST, text)
    written = tuple(sorted(name for each in chunks.values() for name in each["files"]))
    return Stream(place, json.loads(text)["digest"], total, computed, written)


def _draw_rows(kernel: Kernel, drawn: Drawn, rows: range) -> NDArray[np.float64]:
    """Parameters of some patients, one row for each of them."""
    given = read_parameters(kernel, drawn(rows.start, len(rows)))
    if len(given) != len(rows):
        message = f"{len(given)} patients were drawn where {len(rows)} were asked for"
        hint = "give arrays with a number for each of `count` patients"
        raise InvalidInput([Issue(message, table="parameters", hint=hint)])
    return given


def _read_table(name: str, table: Any, patients: int) -> Any:  # noqa: ANN401 - a table or events
    """Events that can be read again for each chunk, of patients that are there."""
    if not isinstance(table, pl.DataFrame):
        return None if table is None else list(table)
    if "patient" not in table.columns:
        return table
    numbers = table["patient"]
    if not (numbers.dtype.is_numeric() or numbers.dtype == pl.Null):
        raise InvalidInput([Issue("column `patient` holds no numbers", table=name)])
    absent = find_absent(numbers, patients, name)
    if absent is not None:
        raise InvalidInput([absent])
    return table


def _read_drawn(
    kernel: Kernel, parameters: Parameters | Drawn, patients: int | None
) -> tuple[Drawn, int]:
    """Parameters as a function of (first, count), and how many patients there are."""
    if callable(parameters):
        if patients is None or patients < 0:
            hint = "give `patients`"
            raise InvalidInput([Issue("how many patients is not said", hint=hint)])
        return parameters, patients
    table = read_parameters(kernel, parameters)
    if patients not in (None, len(table)):
        message = f"parameters are of {len(table)} patients, not {patients}"
        raise InvalidInput([Issue(message, hint="leave `patients` out")])
    return lambda first, count: table[first : first + count], len(table)


def _own_rows(table: Any, rows: range) -> Any:  # noqa: ANN401 - a table, or events as they are
    """Rows of some patients, and those of every patient, numbered from 0."""
    if not isinstance(table, pl.DataFrame) or "patient" not in table.columns:
        return table
    patient = pl.col("patient")
    own = patient.is_null() | patient.is_between(rows.start, rows.stop - 1)
    return table.filter(own).with_columns(patient - rows.start)


def _open_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        message = f"the folder {folder} cannot be written ({error.strerror})"
        raise InvalidInput([Issue(message, hint="name another folder")]) from None
    return folder


def _choose_backend(
    wanted: BackendName, precision: Precision, before: Mapping[str, Any] | None, patients: int
) -> str:
    """The back end; `auto` goes on with that of the run before, where it had this precision."""
    if wanted == "auto" and before is not None and before["run"].get("precision") == precision:
        wanted = before["run"]["backend"]
    return find_backend(wanted, patients, precision).name


def _describe(
    kernel: Kernel, patients: int, chunk: int, options: Mapping[str, Any]
) -> dict[str, Any]:
    """What decides the numbers, besides the inputs of each chunk, as plain values."""
    return {
        "model": kernel.name,
        "program": kernel.program.digest,
        "patients": patients,
        "chunk": chunk,
        "times": options["times"].tolist(),
        "start": options["start"],
        "reducers": [repr(reducer) for reducer in options["reducers"]],
        "intervals": options["intervals"],
        "keep": options["keep"],
        "backend": options["backend"],
        "precision": options["precision"],
        "rtol": options["rtol"],
        "atol": options["atol"].tolist(),
        "max_steps": options["max_steps"],
    }


def _read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of the run before; None where there is none, or it cannot be read."""
    try:
        read = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return read if isinstance(read, dict) and {"run", "chunks"} <= read.keys() else None


def _known_chunks(
    folder: Path, before: Mapping[str, Any] | None, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Chunks that were done before; InvalidInput where they are of another run."""
    if before is None:
        return {}
    differing = [key for key, value in facts.items() if before["run"].get(key) != value]
    if differing:
        raise InvalidInput([_other_run(folder, ", ".join(differing))])
    return dict(before["chunks"])


def _other_run(folder: Path, what: str) -> Issue:
    message = f"the folder {folder} holds a run with other {what}"
    return Issue(message, hint="name another folder, or remove this one")


def _digest_inputs(parameters: NDArray[np.float64], events: Iterable[Any]) -> str:
    digest = hashlib.sha256(parameters.tobytes())
    for table in events:
        plain = table.write_csv() if isinstance(table, pl.DataFrame) else _plain(table)
        digest.update(plain.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def _plain(events: Any) -> str:  # noqa: ANN401
    """Events as text in which every number has all its digits."""
    parts = []
    for event in events or ():
        fields = (getattr(event, name) for name in event.__dataclass_fields__)
        parts.append(
            [field if isinstance(field, str) else np.asarray(field).tolist() for field in fields]
        )
    return json.dumps(parts)


def _is_whole(folder: Path, files: Mapping[str, str]) -> bool:
    """Whether files are there and hold what was written."""
    return all(
        (folder / name).is_file() and _digest_file(folder / name) == digest
        for name, digest in files.items()
    )


def _digest_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_chunk(folder: Path, number: str, solution: Solution, first: int) -> dict[str, str]:
    """Files of a chunk with their digests."""
    return {
        name: _write_parquet(folder / name, table)
        for name, table in _tables(number, solution, first)
    }


def _tables(number: str, solution: Solution, first: int) -> Iterator[tuple[str, pl.DataFrame]]:
    yield f"patients-{number}.parquet", solution.patients(first)
    if solution.values is not None:
        values = solution.frame().with_columns(pl.col("patient") + first)
        yield f"values-{number}.parquet", values


def _write_parquet(path: Path, table: pl.DataFrame) -> str:
    aside = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        table.write_parquet(aside, compression="zstd")
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return _digest_file(path)


def _write_text(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        aside.write_text(text, "utf-8")
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _manifest(facts: Mapping[str, Any], chunks: Mapping[str, Any]) -> str:
    """The manifest as text; it names no time and no machine, so that equal runs have equal ones."""
    ordered = {number: chunks[number] for number in sorted(chunks)}
    files = {name: one for chunk in ordered.values() for name, one in chunk["files"].items()}
    digest = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
    return json.dumps({"run": facts, "chunks": ordered, "digest": digest}, indent=1) + "\n"
