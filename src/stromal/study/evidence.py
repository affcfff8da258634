"""The published evidence of a study: checked with its protocol, answered, written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from stromal.errors import InvalidInput, Issue
from stromal.evidence.library.join import read_joined
from stromal.evidence.library.reader import Library, read_library
from stromal.evidence.question.answer import EvidenceAnswer, StudyEvidence, answer_protocol
from stromal.evidence.question.estimates import list_estimates
from stromal.evidence.question.tables import list_tables
from stromal.report.content import Facts
from stromal.report.evidence.answer import show_evidence
from stromal.report.evidence.record import check_shipped
from stromal.report.evidence_page import list_evidence_sections, render_evidence_sections
from stromal.store.manifest import complete_manifest, draft_manifest
from stromal.store.run_folder import open_run
from stromal.study.page_files import write_page
from stromal.study.read import Study, read_study
from stromal.tables.escape import write_csv

FOLDER = "evidence"
"""Folder of a run that holds the tables of the evidence."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidenced:
    """The published evidence of a study, and where it was written; None where it was not."""

    study: str
    answers: tuple[EvidenceAnswer, ...]
    estimates: pl.DataFrame
    issues: tuple[Issue, ...]
    folder: Path | None = None


def gather_evidence(
    study: Path | str, output: Path | None = None, record: Path | None = None
) -> Evidenced:
    """Answer the questions of a study's table `[evidence]` from the record.

    Parameters
    ----------
    study
        Folder of the study; it needs no patients.
    output
        A new or empty folder for `report.html` with its figures, `estimates.csv`, tables and
        `manifest.json`; None: nothing is written.
    record
        Folder of rows of one's own, which join those of the house.

    Returns
    -------
    Evidenced
        Answers in the order of the questions, and their rows of the table of estimates.

    Raises
    ------
    InvalidInput
        The study has errors, all of them listed, or asks nothing of the record.

    Examples
    --------
    >>> gather_evidence("studies/itp-dose").answers[0].rows["study"].to_list()
    ['ChenY2024']
    """
    read = read_study(study)
    library = read_library() if record is None else read_joined(record)
    found = answer_protocol(read.protocol, library)
    if found is None:
        raise InvalidInput([*read.issues, _NO_TABLE])
    estimates = list_estimates(found.answers)
    place = None if output is None else _write(read, found, library, output)
    return Evidenced(read.protocol.study.name, found.answers, estimates, read.issues, place)


def write_tables(answers: tuple[EvidenceAnswer, ...], folder: Path) -> None:
    """Write the tables of the answers into a new folder `evidence` of a run."""
    place = folder / FOLDER
    place.mkdir()
    for name, table in list_tables(answers).items():
        write_csv(table, place / f"{name}.csv")


def _write(study: Study, found: StudyEvidence, library: Library, output: Path) -> Path:
    name = study.protocol.study.name
    run = {"study": name, "command": "evidence", "seed": study.protocol.study.seed}
    manifest = draft_manifest(run, folder=study.folder, inputs=study.inputs)
    shown = show_evidence(found, check_shipped(library))
    facts = Facts(manifest.versions, None, manifest.inputs, "evidence")
    sections = list_evidence_sections(shown, facts, name)
    title = study.protocol.study.title
    with open_run(name, output) as opened:
        write_csv(list_estimates(found.answers), opened.draft / "estimates.csv")
        write_tables(found.answers, opened.draft)
        page = render_evidence_sections(title, shown, sections)
        write_page(page, sections, opened.draft)
        complete_manifest(manifest, opened.draft)
    return opened.place


_NO_TABLE = Issue(
    "the protocol asks nothing of the record",
    table="protocol.toml",
    column="evidence",
    hint="write a table `[evidence]` with its questions; docs/protocol.md describes it",
)
