"""Write a run to its folder: tables, page and figures, and the manifest that proves it equal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from stromal.errors import Issue
from stromal.report.content import Content
from stromal.report.report import list_sections, render_sections
from stromal.store.manifest import Manifest, complete_manifest, draft_manifest
from stromal.store.run_folder import open_run
from stromal.study.analyse import Findings
from stromal.study.evidence import write_tables
from stromal.study.page import gather_content
from stromal.study.page_files import write_page
from stromal.tables.escape import write_csv


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: where it lies, and what it found."""

    study: str
    folder: Path
    issues: tuple[Issue, ...]
    outcomes: pl.DataFrame
    estimates: pl.DataFrame
    manifest: Manifest


def write_run(
    findings: Findings, output: Path | str | None, *, seed: int | None, page: bool
) -> Run:
    """Write outcomes, estimates and, if asked, the page with its figures; return the run.

    Parameters
    ----------
    findings
        What the analysis found.
    output
        A new or empty folder; by default `runs/<study>/<number>`.
    seed
        Seed that the manifest records, instead of the protocol's.
    page
        Whether to draw the figures and write `report.html`.
    """
    study, protocol = findings.study, findings.study.protocol
    facts = {
        "study": protocol.study.name,
        "command": "run" if page else "analyse",
        "seed": protocol.study.seed if seed is None else seed,
    }
    manifest = draft_manifest(facts, folder=study.folder, inputs=study.inputs)
    outcomes, estimates = findings.outcomes, findings.estimates
    content = gather_content(findings, manifest) if page else None
    with open_run(protocol.study.name, None if output is None else Path(output)) as run:
        _write_parquet(run.draft / "outcomes.parquet", outcomes)
        write_csv(outcomes, run.draft / "outcomes.csv")
        write_csv(estimates, run.draft / "estimates.csv")
        if findings.simulated is not None:
            write_csv(findings.simulated.predictions, run.draft / "predictions.csv")
            write_csv(findings.simulated.failures, run.draft / "failures.csv")
        if findings.evidence is not None:
            write_tables(findings.evidence.answers, run.draft)
        if content is not None:
            _write_page(content, run.draft)
        manifest = complete_manifest(manifest, run.draft)
    name = protocol.study.name
    return Run(name, run.place, findings.issues, outcomes, estimates, manifest)


def _write_page(content: Content, folder: Path) -> None:
    """The page, and its figures as files of their own."""
    sections = list_sections(content)
    write_page(render_sections(content, sections), sections, folder)


def _write_parquet(path: Path, table: pl.DataFrame) -> None:
    """Through a file of ours: polars takes no path with letters that the locale cannot spell."""
    with path.open("wb") as file:
        table.write_parquet(file)
