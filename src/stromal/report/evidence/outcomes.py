"""All outcomes of the record by indication: what is pooled of them, and every number."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from stromal.evidence.library.reader import Library
from stromal.evidence.pooled import pool_record
from stromal.report.blocks import Block, Fold
from stromal.report.evidence.contradictions import write_numbers
from stromal.report.evidence.names import name_study, title_word
from stromal.report.evidence.shown import ListedOutcomes, NumberLine, PooledLine
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import MISSING, SPACE, count_noun, render_number, render_range

SEVERAL = 2
"""Studies from which a number is pooled; of one study it stands among the numbers alone."""


def list_outcomes(library: Library) -> tuple[ListedOutcomes, ...]:
    """Return the outcomes of each indication, those of most numbers first.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> found = list_outcomes(read_library())
    >>> found[0].title, len(found[0].numbers), sum(len(part.numbers) for part in found)
    ('Acute GVHD treatment', 163, 373)
    """
    pooled = pool_record(library).filter(pl.col("studies") >= SEVERAL)
    studies = library.studies.select("study", "first_author", "year")
    rows = library.outcomes.join(studies, on="study", how="left", maintain_order="left")
    order = rows["indication"].value_counts(sort=True).sort(
        ["count", "indication"], descending=[True, False]
    )  # fmt: skip
    return tuple(
        ListedOutcomes(
            title_word(indication),
            tuple(_show_pooled(row) for row in _of(pooled, indication)),
            tuple(_show_number(row) for row in _of(rows, indication)),
        )
        for indication in order["indication"]
    )


def _of(rows: pl.DataFrame, indication: str) -> list[dict[str, object]]:
    return rows.filter(pl.col("indication") == indication).to_dicts()


def _show_pooled(row: dict[str, object]) -> PooledLine:
    share = row["measure"] == "share"
    number = MISSING
    if row["value"] is not None:
        size, digits = (100.0, 0) if share else (1.0, 2)
        value, low, high = (
            None if row[name] is None else size * float(str(row[name]))
            for name in ("value", "low", "high")
        )
        unit = f"{SPACE}%" if share else ""
        number = f"{render_number(value, digits)}{unit} ({render_range(low, high, digits)})"
    what = f"share, {row['of']}" if share else f"{row['measure']}, {row['of']}"
    return PooledLine(
        _name_outcome(row), what, number, int(str(row["studies"])), int(str(row["patients"])),
        str(row["reason"] or ""),
    )  # fmt: skip


def _show_number(row: dict[str, object]) -> NumberLine:
    printed, used = write_numbers(row)
    author, year = row["first_author"], row["year"]
    arm = str(row["arm"]) + (f", {row['subgroup']}" if row["subgroup"] else "")
    return NumberLine(
        row=str(row["row"]),
        study=name_study(
            None if author is None else str(author),
            None if year is None else int(str(year)),
            str(row["study"]),
        ),
        arm=arm,
        outcome=_name_outcome(row),
        printed=printed,
        used=used,
        status=str(row["status"]),
        place=str(row["locator"] or ""),
        sources=(str(row["read_in"]),),
    )


def _name_outcome(row: dict[str, object]) -> str:
    text = title_word(str(row["outcome"]))
    scale = "" if row["scale"] == "proportion" else f" ({str(row['scale']).replace('_', ' ')})"
    day = "" if row["day"] is None else f", day {render_number(float(str(row['day'])))}"
    return f"{text}{scale}{day}"


def render_outcomes(listed: Sequence[ListedOutcomes]) -> tuple[Block, ...]:
    """Return a table of pooled numbers and a folded table of all numbers for each indication."""
    blocks: list[Block] = []
    for part in listed:
        if part.pooled:
            blocks.append(_render_pooled(part))
        numbers = count_noun(len(part.numbers), "number")
        blocks.append(Fold(f"{part.title}: {numbers}", (_render_numbers(part),)))
    return tuple(blocks)


def _render_pooled(part: ListedOutcomes) -> View:
    rows = [
        [
            Cell(line.outcome, "strong"),
            Cell(line.what),
            Cell(line.number),
            Cell(str(line.studies)),
            Cell(str(line.patients)),
            Cell(line.remark, "muted"),
        ]
        for line in part.pooled
    ]
    headings = [
        Heading("Outcome"),
        Heading("What"),
        Heading("Pooled (95 % interval)", numeric=True),
        Heading("Studies", numeric=True),
        Heading("Patients", numeric=True),
        Heading("To be minded", wide=True),
    ]
    note = (
        "Numbers of status use and whole arms alone; ages, donors and designs are mixed, so that a "
        "question of a protocol may be told another number."
    )
    return view_of(f"{part.title}: what several studies print", headings, rows, note, wordy=True)


def _render_numbers(part: ListedOutcomes) -> View:
    rows = [
        [
            Cell(line.study, "strong"),
            Cell(line.arm),
            Cell(line.outcome),
            Cell(line.printed),
            Cell(line.used, "muted" if line.status == "exclude" else ""),
            Cell(f"{line.place} ({line.row})", "muted", line.sources),
        ]
        for line in part.numbers
    ]
    headings = [
        Heading("Study"),
        Heading("Arm"),
        Heading("Outcome", wide=True),
        Heading("Printed", numeric=True),
        Heading("Used", numeric=True),
        Heading("Place (row)", wide=True),
    ]
    return view_of(f"{part.title}: every number", headings, rows, wordy=True)
