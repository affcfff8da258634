"""The page of the record alone: maps, all outcomes, contradictions, of all rows or of some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from stromal.errors import InvalidInput, Issue
from stromal.evidence.library.find import ASKED, find_rows
from stromal.evidence.library.join import read_joined
from stromal.evidence.library.reader import Library
from stromal.evidence.pooled import pool_record
from stromal.report.content import Facts
from stromal.report.evidence.outcomes import list_outcomes
from stromal.report.evidence.record import check_shipped, describe_library, show_record
from stromal.report.evidence_page import list_evidence_sections, render_evidence_sections
from stromal.store.manifest import complete_manifest, draft_manifest
from stromal.store.run_folder import open_run
from stromal.study.page_files import write_page
from stromal.tables.escape import write_csv

NAME = "record"


@dataclass(frozen=True, slots=True, eq=False)
class RecordPage:
    """Rows of the record that were asked for, and the folder of their page."""

    rows: pl.DataFrame
    folder: Path


def write_record(
    asked: Mapping[str, Sequence[str]], output: Path, record: Path | None = None
) -> RecordPage:
    """Write a page of the record: maps, all outcomes, published meta-analyses, contradictions.

    Parameters
    ----------
    asked
        Words that choose rows, as of `find_rows`; empty: all.
    output
        A new or empty folder for `report.html` with its figures, `rows.csv`, `pooled.csv` and
        `manifest.json`.
    record
        Folder of rows of one's own, which join those of the house.

    Raises
    ------
    InvalidInput
        Words that the record does not have, no row that meets all of them, or a folder in use.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     done = write_record({"indication": ["itp"]}, Path(folder) / "page")
    ...     sorted(path.name for path in done.folder.iterdir())
    ['figures', 'manifest.json', 'pooled.csv', 'report.html', 'rows.csv']
    """
    library = read_joined(record)
    rows = find_rows(library, asked)
    if rows.is_empty():
        raise InvalidInput([_NO_ROW])
    # checks look at every row: what contradicts a row may be a row that was not asked for
    whole = check_shipped(library)
    chosen = _choose(library, rows)
    every = rows.height == library.outcomes.height
    shown = show_record(
        replace(whole, library=chosen),
        rows=None if every else rows["row"],
        question=describe_library(chosen),
    )
    shown = replace(shown, outcomes=list_outcomes(chosen))
    words = [f"--{kind} {word}" for kind in ASKED for word in asked.get(kind, ())]
    command = " ".join(["evidence", *words, "-o FOLDER"])
    run = {"study": NAME, "command": command, "seed": None}
    inputs = [] if record is None else sorted(record.glob("*.csv"))
    manifest = draft_manifest(run, folder=record or Path(), inputs=inputs)
    facts = Facts(manifest.versions, None, manifest.inputs, command)
    sections = list_evidence_sections(shown, facts)
    with open_run(NAME, output) as opened:
        write_csv(rows, opened.draft / "rows.csv")
        write_csv(pool_record(chosen), opened.draft / "pooled.csv")
        title = "The record of published arms"
        write_page(render_evidence_sections(title, shown, sections), sections, opened.draft)
        complete_manifest(manifest, opened.draft)
    return RecordPage(rows, opened.place)


def _choose(library: Library, rows: pl.DataFrame) -> Library:
    """The studies, arms and outcomes of rows."""
    outcomes = library.outcomes.filter(pl.col("row").is_in(rows["row"].to_list()))
    key = ["study", "arm", "subgroup", "read_in"]
    return Library(
        library.studies.filter(pl.col("study").is_in(outcomes["study"].unique().to_list())),
        library.arms.join(outcomes, on=key, how="semi", nulls_equal=True, maintain_order="left"),
        outcomes,
    )


_NO_ROW = Issue(
    "no row of the record meets all of these words",
    column=", ".join(f"--{kind}" for kind in ASKED),
    hint="leave one of them out",
)
