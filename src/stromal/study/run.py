"""Run a study: read, analyse, write."""

from __future__ import annotations

from pathlib import Path

from stromal.progress import TellStage
from stromal.study.analyse import analyse_folder
from stromal.study.write import Run, write_run


def run_study(
    folder: Path | str,
    output: Path | str | None = None,
    *,
    seed: int | None = None,
    simulate: bool = True,
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
    simulate
        Whether the trials of the protocol's simulation, if it has one, are run and shown beside
        published numbers and real patients.
    progress
        Told the stage, its number, and how many there are.

    Returns
    -------
    Run
        Its folder holds `report.html`, outcomes, estimates, figures and `manifest.json`.

    Raises
    ------
    InvalidInput
        The study has errors, all of them listed, or the output folder is not free.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     run_study("studies/itp-dose", Path(place) / "run", simulate=False).study
    'itp-dose'
    """
    findings = analyse_folder(folder, progress, simulate=simulate, seed=seed)
    return write_run(findings, output, seed=seed, page=True)


def analyse_study(
    folder: Path | str,
    output: Path | str | None = None,
    *,
    seed: int | None = None,
    progress: TellStage | None = None,
) -> Run:
    """Derive endpoints and estimates of a study, without page and figures.

    Parameters
    ----------
    folder, output, seed, progress
        As for `run_study`.

    Returns
    -------
    Run
        As of `run_study`; its folder holds tables and the manifest.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     run = analyse_study("studies/itp-dose", Path(place) / "run")
    >>> run.outcomes.filter(endpoint="response")["label"].value_counts(sort=True).rows()
    [('R', 10), ('CR', 3)]
    """
    return write_run(analyse_folder(folder, progress), output, seed=seed, page=False)
