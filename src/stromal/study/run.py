"""Run a study: the stages, in order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from stromal.endpoints.registry import derive_outcomes
from stromal.errors import InvalidInput, Issue
from stromal.estimates.analyse import estimate_analyses
from stromal.progress import TellStage
from stromal.report.compare import compare_published
from stromal.report.content import Content, Facts
from stromal.report.figures.draw import draw_figures
from stromal.report.report import render_report
from stromal.store.manifest import Manifest, draft_manifest, write_manifest
from stromal.store.run_folder import open_run
from stromal.study.define import define_endpoints, label_endpoints
from stromal.study.read import PATIENTS, Study, read_study
from stromal.tables.escape import write_csv
from stromal.tables.patients import Patients

_STAGES = ("reading", "deriving outcomes", "estimating", "drawing figures", "writing")


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: where it lies, and what it found."""

    study: str
    folder: Path
    issues: tuple[Issue, ...]
    outcomes: pl.DataFrame
    estimates: pl.DataFrame
    manifest: Manifest


def run_study(
    folder: Path | str,
    output: Path | str | None = None,
    *,
    seed: int | None = None,
    progress: TellStage | None = None,
) -> Run:
    """Analyse a study and write its report.

    Parameters
    ----------
    folder
        The study: `protocol.toml`, `patients/`, and where it exists `published.csv`.
    output
        Where the run goes, a new or empty folder; by default `runs/<study>/<number>`.
    seed
        Seed of everything random, instead of the protocol's.
    progress
        Told the stage, its number, and how many there are.

    Returns
    -------
    Run
        The folder holds `report.html`, `outcomes.parquet` and `.csv`, `estimates.csv`,
        `figures/` and `manifest.json`.

    Raises
    ------
    InvalidInput
        The study has errors, all of them listed, or the output folder is not free.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from stromal import find_study
    >>> with TemporaryDirectory() as place:
    ...     run = run_study(find_study("itp-dose"), Path(place) / "run")
    ...     (run.folder / "report.html").exists()
    True
    """
    return _run(Path(folder), output, seed, progress, report=True)


def analyse_study(
    folder: Path | str,
    output: Path | str | None = None,
    *,
    seed: int | None = None,
    progress: TellStage | None = None,
) -> Run:
    """Derive endpoints and estimates of a study's patients, without the report.

    Parameters
    ----------
    folder, output, seed, progress
        As for `run_study`.

    Returns
    -------
    Run
        As of `run_study`; the folder holds no `report.html`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from stromal import find_study
    >>> with TemporaryDirectory() as place:
    ...     run = analyse_study(find_study("itp-dose"), Path(place) / "run")
    >>> run.outcomes.filter(endpoint="response")["label"].value_counts(sort=True).rows()
    [('R', 10), ('CR', 3)]
    """
    return _run(Path(folder), output, seed, progress, report=False)


def _run(
    folder: Path,
    output: Path | str | None,
    seed: int | None,
    progress: TellStage | None,
    *,
    report: bool,
) -> Run:
    stages = iter(enumerate(_STAGES))

    def next_stage() -> None:
        number, stage = next(stages)
        if progress is not None:
            progress(stage, number, len(_STAGES))

    next_stage()
    study = read_study(folder)
    protocol, patients = study.protocol, _need_patients(study)
    next_stage()
    outcomes = derive_outcomes(patients, protocol.endpoints, protocol.visits)
    next_stage()
    results = estimate_analyses(protocol, patients, outcomes, label_endpoints(protocol))
    next_stage()
    figures = draw_figures(protocol, patients, outcomes, results.estimates, results.curves)
    next_stage()
    manifest = draft_manifest(
        study=protocol.study.name,
        command="run" if report else "analyse",
        seed=protocol.study.seed if seed is None else seed,
        folder=folder,
        inputs=study.inputs,
    )
    with open_run(protocol.study.name, None if output is None else Path(output)) as run:
        _write_parquet(run.draft / "outcomes.parquet", outcomes)
        write_csv(outcomes, run.draft / "outcomes.csv")
        write_csv(results.estimates, run.draft / "estimates.csv")
        (run.draft / "figures").mkdir()
        for figure in figures.values():
            _write_text(run.draft / "figures" / f"{figure.name}.svg", figure.svg)
        if report:
            content = Content(
                protocol=protocol,
                patients=patients,
                issues=study.issues,
                outcomes=outcomes,
                estimates=results.estimates,
                curves=results.curves,
                disagreements=results.disagreements,
                published=study.published,
                comparison=compare_published(study.published, results.estimates),
                figures=figures,
                definitions=define_endpoints(protocol),
                facts=Facts(manifest.versions, manifest.seed, manifest.inputs, manifest.command),
            )
            _write_text(run.draft / "report.html", render_report(content))
        manifest = write_manifest(manifest, run.draft)
    return Run(protocol.study.name, run.place, study.issues, outcomes, results.estimates, manifest)


def _need_patients(study: Study) -> Patients:
    """The patients of a study that is to be analysed; an issue where it has none."""
    if study.patients is not None:
        return study.patients
    missing = Issue(
        "the study has no patients to analyse",
        table=f"{PATIENTS}/",
        hint="put subjects.csv and the other tables there, or `stromal check` the protocol alone",
    )
    raise InvalidInput([*study.issues, missing])


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_parquet(path: Path, table: pl.DataFrame) -> None:
    """Through a file of ours: polars takes no path with letters that the locale cannot spell."""
    with path.open("wb") as file:
        table.write_parquet(file)
