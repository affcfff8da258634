"""Heat map of GVHD: patients by organs with their stages, overall grades beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

import polars as pl

from stromal.report.figures.canvas import render_svg
from stromal.report.figures.palette import (
    FAINT,
    INK,
    MUTED,
    RULE,
    STAGES,
    contrast,
)
from stromal.report.figures.survival import shorten
from stromal.tables.escape import escape_cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

NUMERALS = ("0", "I", "II", "III", "IV")
STAGE, GRADE, REPORTED = "stage", "grade", "reported"
FRAME = "that differs from the reported one"
_ROWS = 36
_STEP = 0.2


@dataclass(frozen=True, slots=True)
class StageRow:
    """A patient of the map: stage of each organ, grade by each system, and the reported grade.

    Examples
    --------
    >>> frame_stages([StageRow("1", {"skin": "2"}, {"magic": "II"})]).rows()[:2]
    [('1', 'stage', 'skin', '2'), ('1', 'grade', 'magic', 'II')]
    """

    subject: str
    stages: Mapping[str, str | None]
    grades: Mapping[str, str | None] = field(default_factory=dict)
    reported: str | None = None


def frame_stages(rows: Iterable[StageRow]) -> pl.DataFrame:
    """Return the cells of the map, patient by patient.

    Returns
    -------
    polars.DataFrame
        `subject`, `kind` (stage, grade or reported), `item` (the organ, or the endpoint that gives
        the grade) and `value`; null where it is not known.
    """
    cells: list[tuple[str, str, str, str | None]] = []
    for row in rows:
        cells += [(row.subject, STAGE, item, value) for item, value in row.stages.items()]
        cells += [(row.subject, GRADE, item, value) for item, value in row.grades.items()]
        cells += [(row.subject, REPORTED, REPORTED, row.reported)]
    columns = ("subject", "kind", "item", "value")
    return pl.DataFrame(cells, schema=dict.fromkeys(columns, pl.String), orient="row")


def read_stages(frame: pl.DataFrame) -> tuple[StageRow, ...]:
    """Return the patients of a map, in the order of its frame."""
    found: dict[str, StageRow] = {}
    for subject, cells in frame.group_by("subject", maintain_order=True):
        kinds: dict[str, dict[str, str | None]] = {STAGE: {}, GRADE: {}, REPORTED: {}}
        for kind, item, value in cells.select("kind", "item", "value").iter_rows():
            kinds[kind][item] = value
        name = str(subject[0])
        found[name] = StageRow(name, kinds[STAGE], kinds[GRADE], kinds[REPORTED].get(REPORTED))
    return tuple(found.values())


def plot_stage_map(
    frame: pl.DataFrame,
    organs: Sequence[str],
    systems: Sequence[str] = (),
    *,
    name: str,
    title: str,
    labels: Mapping[str, str] | None = None,
    colours: Mapping[str, str] | None = None,
) -> str:
    """Plot stages as coloured cells; grades that differ from the reported one are framed.

    Parameters
    ----------
    frame
        As `frame_stages` returns it, patients from top to bottom. The column of reported grades is
        left out where no patient has one.
    organs, systems
        Columns: organs with stages, then grades derived by each system.
    name
        Prefix of the ids in the picture.
    title
        What the picture shows, for a screen reader.
    labels
        Organs and systems in words.
    colours
        Colours of grades; a grade without one is as pale as an unknown one.

    Returns
    -------
    str
        SVG text.

    Examples
    --------
    >>> frame = frame_stages([StageRow("1", {"skin": "2"}, {"magic": "III"}, "IV")])
    >>> "differs" in plot_stage_map(frame, ["skin"], ["magic"], name="map", title="Stages")
    True
    """
    rows = read_stages(frame)
    words = labels or {}
    has_reported = any(row.reported is not None for row in rows)
    blocks = max(1, ceil(len(rows) / _ROWS))
    size = ceil(len(rows) / blocks) if rows else 1
    if blocks == 1 and len(rows) > 20:
        blocks, size = 2, ceil(len(rows) / 2)
    height = 1.15 + _STEP * size
    columns = [*organs, *systems, *([REPORTED] if has_reported else [])]

    def paint(drawing: Drawing) -> None:
        drawn = max(blocks, 2)
        for block in range(blocks):
            left = 0.06 + block * 0.95 / drawn
            axes = drawing.add_axes((left, 0.3 / height, 0.86 / drawn, _STEP * size / height))
            part = rows[block * size : (block + 1) * size]
            for position, row in enumerate(part):
                cells = [(row.stages.get(organ), "stage") for organ in organs]
                cells += [(row.grades.get(system), "grade") for system in systems]
                cells += [(row.reported, "grade")] * has_reported
                coloured = [(value, _colour(value, kind, colours or {})) for value, kind in cells]
                _draw_row(axes, position, row, coloured, len(organs))
            _dress(axes, columns, size, len(organs), words)
        note = f"framed: a grade {FRAME}" if has_reported and systems else ""
        drawing.text(0.06, 0.1 / height, note, color=MUTED, fontsize=8)

    return render_svg(
        paint, name=name, title=title, description=_describe(rows, organs, words), height=height
    )


def _draw_row(
    axes: Axes,
    position: int,
    row: StageRow,
    cells: Sequence[tuple[str | None, str]],
    organs: int,
) -> None:
    """The cells of one patient, and the patient's identifier at the left."""
    from matplotlib.patches import Rectangle  # noqa: PLC0415

    name = escape_cell(shorten(row.subject, 9))
    axes.text(
        -0.15, position + 0.5, name, ha="right", va="center", fontsize=8,
        color=MUTED,
    )  # fmt: skip
    for place, (value, colour) in enumerate(cells):
        left = place + (0.35 if place >= organs else 0.0)
        axes.add_patch(
            Rectangle((left, position), 1, 1, facecolor=colour, edgecolor="white", linewidth=0.8)
        )
        text, ink = (value, contrast(colour)) if value is not None else ("–", MUTED)
        axes.text(
            left + 0.5, position + 0.52, text, ha="center", va="center", fontsize=8, color=ink
        )
        if organs <= place < len(cells) - 1 and differs(value, row.reported):
            frame = Rectangle((left + 0.04, position + 0.05), 0.92, 0.9, fill=False, zorder=3)
            frame.set(edgecolor=INK, linewidth=1.5)
            axes.add_patch(frame)


def differs(grade: str | None, reported: str | None) -> bool:
    """Tell whether two grades of the same scale differ; letters and numerals are not compared.

    Examples
    --------
    >>> differs("IV", "III"), differs("D", "III"), differs(None, "III")
    (True, False, False)
    """
    return grade in NUMERALS and reported in NUMERALS and grade != reported


def _colour(value: str | None, kind: str, colours: Mapping[str, str]) -> str:
    """The colour of a cell: pale for 0, darker with severity, faint where not known."""
    if value is None:
        return FAINT
    if kind == "stage" and value.isdigit():
        return STAGES[min(int(value), len(STAGES) - 1)]
    return colours.get(value, FAINT)


def _dress(
    axes: Axes, columns: Sequence[str], rows: int, organs: int, words: Mapping[str, str]
) -> None:
    """Column headings above the cells."""
    axes.set_xlim(-0.1, len(columns) + 0.45)
    axes.set_ylim(rows, 0)
    axes.set_axis_off()
    for place, column in enumerate(columns):
        left = place + (0.35 if place >= organs else 0.0)
        axes.text(
            left + 0.32, -0.35, shorten(words.get(column, column), 18), rotation=45, ha="left",
            va="bottom", rotation_mode="anchor", fontsize=8, color=INK,
        )  # fmt: skip
    axes.plot([organs + 0.175] * 2, [0, rows], color=RULE, lw=0.6)


def _describe(rows: Sequence[StageRow], organs: Sequence[str], words: Mapping[str, str]) -> str:
    """The map in words: how many patients, which organs, how many grades differ."""
    differing = sum(
        any(differs(grade, row.reported) for grade in row.grades.values()) for row in rows
    )
    names = ", ".join(words.get(organ, organ) for organ in organs)
    return f"{len(rows)} patients with stages of {names}; grade differs in {differing}."
