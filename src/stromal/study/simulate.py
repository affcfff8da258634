"""Simulate a study: patients chunk by chunk, scored and let go; then estimates of every trial."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from stromal.endpoints.derive import derive_outcomes
from stromal.errors import InvalidInput, Issue
from stromal.kernels.door import Work
from stromal.kernels.workers import map_in_order
from stromal.progress import follow_patients
from stromal.protocol.read import locate_issues
from stromal.simulate.enrol import check_enrolment
from stromal.simulate.prepare import prepare_trial
from stromal.simulate.simulate import Batch, simulate_patients
from stromal.simulate.trial import Trial
from stromal.store.digest import digest_file, digest_folder
from stromal.store.files import put_whole
from stromal.store.manifest import MANIFEST, Manifest, read_versions, write_manifest
from stromal.store.stream_folder import StreamFolder
from stromal.study.gather import Part
from stromal.study.predict import PREDICTION_FILES, predict
from stromal.study.read import PROTOCOL, Study, read_study
from stromal.tables.escape import write_csv
from stromal.tables.patients import PATIENT_TABLES, Patients

PARTS = "parts"
"""Folder of the chunks of a run that is under way."""

CHUNK = 2000
"""Patients at a time, where nothing else is said."""

LIBRARIES = ("llvmlite", "numba", "numpy", "polars", "scipy", "stromal")
_DERIVED = ("reported_value", "reported_unit")


@dataclass(frozen=True, slots=True)
class Simulated:
    """A finished simulation: where it lies, how many patients it has, and who has no numbers."""

    study: str
    folder: Path
    trial: Trial
    predictions: pl.DataFrame
    patients: int
    computed: int
    failed: int
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """Some patients with their outcomes."""

    first: int
    last: int
    batch: Batch
    outcomes: pl.DataFrame


def prepare_study(
    study: Study,
    *,
    patients: int | None = None,
    replicates: int | None = None,
    seed: int | None = None,
) -> Trial:
    """Make the simulation of a study ready; InvalidInput with every issue of it, and its line."""
    try:
        trial = prepare_trial(
            study.protocol,
            study.endpoints,
            study.folder,
            patients=patients,
            replicates=replicates,
            seed=seed,
        )
    except InvalidInput as error:
        raise InvalidInput(locate_issues(error.issues, study.folder)) from None
    if nobody := check_enrolment(trial):
        raise InvalidInput(locate_issues(nobody, study.folder))
    return replace(trial, issues=locate_issues(trial.issues, study.folder))


def score_patients(trial: Trial, first: int, last: int, *, threads: int | None = None) -> Scored:
    """Simulate some patients and derive their outcomes; who failed has none.

    Rows are patient by patient, so that parts put together are the whole.
    """
    batch = simulate_patients(trial, first, last, threads=threads)
    found = derive_outcomes(batch.patients, trial.endpoints.values(), reasons=False)
    found = found.with_columns(reason=pl.lit("simulated"))
    return Scored(first, last, batch, _by_patient(_without_failed(found, batch.failures), batch))


def _by_patient(outcomes: pl.DataFrame, batch: Batch) -> pl.DataFrame:
    count = max(batch.patients.subjects.height, 1)
    place = pl.int_range(pl.len()) % count
    return outcomes.with_columns(_place=place).sort("_place", maintain_order=True).drop("_place")


def _without_failed(outcomes: pl.DataFrame, failures: pl.DataFrame) -> pl.DataFrame:
    """Take every number from patients whose integration failed, and say why."""
    if failures.is_empty():
        return outcomes
    why = failures.select("subject", "replicate", _why=pl.col("reason"))
    joined = outcomes.join(
        why, on=["subject", "replicate"], how="left", nulls_equal=True, maintain_order="left"
    )
    gone = pl.col("_why").is_not_null()
    numbers = ("value", "label", "entry_day", "day", "status", "lowest", "highest")
    emptied = [pl.when(~gone).then(pl.col(name)).alias(name) for name in numbers]
    reason = pl.when(gone).then(pl.format("no numbers of this virtual patient: {}", "_why"))
    return joined.with_columns(*emptied, reason=reason.otherwise(pl.col("reason"))).drop("_why")


def score_all(trial: Trial, work: Work = Work()) -> Iterator[Scored]:
    """Yield the patients of a trial, some at a time, with their outcomes."""
    total = trial.numbering.total
    with follow_patients(total, trial.protocol.study.name, progress=work.progress) as clock:
        for scored in _score_chunks(trial, _list_chunks(total, work.chunk), work.threads):
            yield scored
            clock.count(scored.last - scored.first)


def _score_chunks(
    trial: Trial, chunks: Sequence[tuple[int, int]], threads: int | None
) -> Iterator[Scored]:
    """Yield chunks in their order: side by side where there are several, or else one on all."""
    workers = threads or os.cpu_count() or 1
    own = 1 if len(chunks) >= workers else threads

    def score(chunk: tuple[int, int]) -> Scored:
        return score_patients(trial, *chunk, threads=own)

    yield from map_in_order(score, chunks, threads=workers if own == 1 else 1)


def _list_chunks(total: int, chunk: int | None) -> list[tuple[int, int]]:
    size = CHUNK if chunk is None else chunk
    return [(first, min(first + size, total)) for first in range(0, total, size)]


def simulate_study(
    folder: Path | str,
    output: Path | str | None = None,
    *,
    patients: int | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    outcomes_only: bool = False,
    work: Work = Work(),
) -> Simulated:
    """Simulate the patients of a study and write them.

    Memory is that of a chunk of patients, and of the outcomes of one trial. An interrupted run goes
    on where it stopped, if it is asked for again with the same folder; it must be of the same
    study, model, numbers and version.

    Parameters
    ----------
    folder
        The study; its protocol has a table `simulation`.
    output
        Where patients and outcomes go; by default `runs/<study>/simulated`.
    patients, replicates, seed
        Instead of those of the protocol: patients of each arm, simulated trials, seed.
    outcomes_only
        Whether tables of patients are left out but for `subjects`.
    work
        Patients at a time, threads to solve on, and who is told how many are done; no number
        depends on any of them. The back end is always the same.

    Returns
    -------
    Simulated
        The folder holds `patients/`, `outcomes.parquet`, `estimates.csv`, `predictions.csv`,
        `failures.csv` and `manifest.json`.

    Raises
    ------
    InvalidInput
        The study or its simulation has errors, all of them listed; the folder holds another run.
    """
    study = read_study(folder)
    trial = prepare_study(study, patients=patients, replicates=replicates, seed=seed)
    name = study.protocol.study.name
    place = Path("runs") / name / "simulated" if output is None else Path(output)
    _refuse_done(place)
    kept = ("subjects",) if outcomes_only else tuple(PATIENT_TABLES)
    kinds = (*kept, "outcomes", "failures")
    chunks = _list_chunks(trial.numbering.total, work.chunk)
    parts = StreamFolder.open(place / PARTS)
    facts = describe_trial(trial, study, outcomes_only=outcomes_only)
    parts.begin(
        facts | {"chunk": work.chunk or CHUNK},
        read_versions(LIBRARIES),
        chunks=len(chunks),
        kinds=kinds,
    )
    computed = 0
    with follow_patients(trial.numbering.total, name, progress=work.progress) as clock:
        names = {chunk: f"{chunk[0]}-{chunk[1]}" for chunk in chunks}
        held = [chunk for number, chunk in enumerate(chunks) if parts.holds(number, names[chunk])]
        clock.skip(sum(last - first for first, last in held))
        left = [chunk for chunk in chunks if chunk not in held]
        for scored in _score_chunks(trial, left, work.threads):
            chunk = scored.first, scored.last
            parts.write(chunks.index(chunk), names[chunk], _list_tables(scored, kinds))
            computed += scored.last - scored.first
            clock.count(scored.last - scored.first)
    _merge(parts, kept, place)
    failures = pl.read_csv(place / "failures.csv", schema_overrides={"subject": pl.String})
    found = predict(study, trial, _read_parts(parts, len(chunks)))
    for file, table in zip(PREDICTION_FILES, (found.estimates, found.predictions), strict=True):
        write_csv(table, place / file)
    _finish(place, facts)
    shutil.rmtree(place / PARTS)
    return Simulated(
        name,
        place,
        trial,
        found.predictions,
        trial.numbering.total,
        computed,
        failures.height,
        (*study.issues, *trial.issues),
    )


def describe_trial(trial: Trial, study: Study, *, outcomes_only: bool) -> dict[str, Any]:
    """Return what decides the numbers of a simulation, as plain values."""
    numbering = trial.numbering
    return {
        "study": study.protocol.study.name,
        "command": "simulate",
        "protocol": digest_file(study.folder / PROTOCOL),
        "model": trial.model.name,
        "model_files": dict(trial.model.files),
        "program": trial.kernel.program.digest,
        "patients": dict(numbering.sizes),
        "replicates": numbering.replicates,
        "seed": trial.seed,
        "outcomes_only": outcomes_only,
    }


def _list_tables(scored: Scored, kinds: tuple[str, ...]) -> Mapping[str, pl.DataFrame]:
    patients: Patients = scored.batch.patients
    tables = {name: patients.table(name).drop(_DERIVED, strict=False) for name in PATIENT_TABLES}
    tables |= {"outcomes": scored.outcomes, "failures": scored.batch.failures}
    return {kind: tables[kind] for kind in kinds}


def _refuse_done(place: Path) -> None:
    """Refuse a folder that holds anything but a run that is under way."""
    if not place.exists():
        return
    others = [path.name for path in place.iterdir() if path.name != PARTS]
    if place.is_file() or (others and not (place / PARTS).exists()):
        hint = "name another folder with `-o`, or remove this one; a run is never written over"
        raise InvalidInput([Issue(f"output folder {place} is not empty", hint=hint)])


def _merge(parts: StreamFolder, kept: tuple[str, ...], place: Path) -> None:
    """Put the chunks together, one table after the other, without holding more than a part."""
    (place / "patients").mkdir(exist_ok=True)
    for kind in kept:
        _sink(parts, kind, place / "patients" / f"{kind}.parquet")
    _sink(parts, "outcomes", place / "outcomes.parquet")
    files = [name for name in parts.files if name.startswith("failures-")]
    failures = pl.concat([pl.read_parquet(parts.path / name) for name in files])
    write_csv(failures, place / "failures.csv")


def _read_parts(parts: StreamFolder, chunks: int) -> Iterator[Part]:
    """Yield the patients of each chunk with their outcomes, in the order of the chunks."""
    for number in range(chunks):
        subjects, outcomes = (
            pl.read_parquet(parts.find(kind, number)) for kind in ("subjects", "outcomes")
        )
        yield subjects, outcomes


def _sink(parts: StreamFolder, kind: str, path: Path) -> None:
    files = [parts.path / name for name in parts.files if name.startswith(f"{kind}-")]
    if not pl.scan_parquet(files).select(pl.len()).collect().item():
        return  # A table without rows is no table, as of real patients.
    put_whole(path, lambda file: pl.scan_parquet(files).sink_parquet(file, compression="zstd"))


def _finish(place: Path, facts: Mapping[str, Any]) -> None:
    """Write the manifest: what was run, and the digest of every file that came out."""
    found = digest_folder(place)
    outputs = {
        name: digest
        for name, digest in found.items()
        if name != MANIFEST and not name.startswith(f"{PARTS}/")
    }
    versions = read_versions(LIBRARIES)
    write_manifest(Manifest(run=dict(facts), versions=versions, inputs={}, outputs=outputs), place)
