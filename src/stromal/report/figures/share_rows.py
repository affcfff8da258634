"""Shares of patients as points with intervals: a row for each endpoint, a panel for each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from stromal.report.figures.canvas import WIDE, draw_grid, render_svg
from stromal.report.figures.lettering import fit_text
from stromal.report.figures.palette import FAINT, INK, MUTED, colour_group

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

FRAME = {
    "section": pl.String(),
    "row": pl.String(),
    "column": pl.String(),
    "group": pl.String(),
    "events": pl.Int64(),
    "n": pl.Int64(),
    "value": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
}
"""Columns of the frame: `group` is null for all patients, `section` empty where there is none."""

MARKS = ("o", "s", "^", "D", "v", "P", "X")
_LINE, _HEAD, _FOOT = 0.25, 0.62, 0.42
_NAMES = 2.2
_COUNT = 9.0


def plot_share_rows(
    frame: pl.DataFrame,
    *,
    name: str,
    title: str,
    labels: Mapping[str, str] | None = None,
    level: float = 0.95,
) -> str:
    """Plot shares with their intervals, endpoints below each other, groups in one row.

    Parameters
    ----------
    frame
        Rows with the columns of `FRAME`, in the order in which they are read.
    name
        Prefix of the ids in the picture.
    title
        What the picture shows, for a screen reader.
    labels
        Groups in words.
    level
        Level of the intervals.

    Returns
    -------
    str
        SVG text.

    Examples
    --------
    >>> row = {"section": "", "row": "Anaemia", "column": "any grade", "group": None, "events": 24,
    ...        "n": 26, "value": 0.92, "low": 0.75, "high": 0.99}
    >>> "24/26" in plot_share_rows(pl.DataFrame([row], schema=FRAME), name="x", title="X")
    True
    """
    words = labels or {}
    columns = frame["column"].unique(maintain_order=True).to_list()
    groups = frame["group"].unique(maintain_order=True).to_list()
    lines = list_lines(frame)
    step = _LINE * max(1.0, 0.62 * len(groups))
    tall = sum(step if line[1] is not None else _LINE for line in lines)
    height = _HEAD + _FOOT + tall

    def paint(drawing: Drawing) -> None:
        left, right, gap = _NAMES / WIDE, 0.98, 0.03
        width = (right - left - gap * (len(columns) - 1)) / max(len(columns), 1)
        for place, column in enumerate(columns):
            axes = drawing.add_axes(
                (left + place * (width + gap), _FOOT / height, width, tall / height)
            )
            own = frame.filter(column=column)
            _draw_panel(axes, own, lines, groups, step / _LINE)
            axes.set_title(column, fontsize=9)
            if place == 0:
                _write_names(axes, lines, step / _LINE)
        _write_key(drawing, groups, words, level, height)

    return render_svg(
        paint,
        name=name,
        title=title,
        description=describe_share_rows(frame, words),
        height=height,
        width=WIDE,
    )


def list_lines(frame: pl.DataFrame) -> list[tuple[str, str | None]]:
    """Return the lines of the picture: a section with no row is the heading of what follows.

    Examples
    --------
    >>> list_lines(pl.DataFrame({"section": ["late", "late"], "row": ["any", "any"]}))
    [('late', None), ('late', 'any')]
    """
    lines: list[tuple[str, str | None]] = []
    pairs = frame.select("section", "row").unique(maintain_order=True)
    for section, row in pairs.iter_rows():
        if section and (section, None) not in lines:
            lines.append((section, None))
        lines.append((section, row))
    return lines


def _places(lines: Sequence[tuple[str, str | None]], step: float) -> list[float]:
    """The middle of each line, in lines from the top."""
    found, top = [], 0.0
    for _, row in lines:
        tall = step if row is not None else 1.0
        found.append(top + tall / 2)
        top += tall
    return [*found, top]


def _draw_panel(
    axes: Axes,
    own: pl.DataFrame,
    lines: Sequence[tuple[str, str | None]],
    groups: Sequence[str | None],
    step: float,
) -> None:
    *places, end = _places(lines, step)
    found = {(row["section"], row["row"], row["group"]): row for row in own.iter_rows(named=True)}
    for line, place in zip(lines, places, strict=True):
        if line[1] is None:
            axes.axhspan(place - 0.5, place + 0.5, color=FAINT, lw=0)
            continue
        for number, group in enumerate(groups):
            row = found.get((*line, group))
            shift = (number - (len(groups) - 1) / 2) * 0.62
            _draw_share(axes, row, place + shift, number, alone=len(groups) == 1)
    axes.set_ylim(end, 0)
    axes.set_xlim(0, 100)
    axes.set_yticks([])
    axes.set_xticks([0, 25, 50, 75, 100], ["0", "25", "50", "75", "100"])
    axes.spines["left"].set_visible(False)
    draw_grid(axes, axis="x")


def _draw_share(
    axes: Axes, row: Mapping[str, Any] | None, place: float, number: int, *, alone: bool
) -> None:
    """A point with its interval and the count beside it; a dash where there is no share."""
    colour = INK if alone else colour_group(number)
    if row is None or row["value"] is None:
        axes.text(1, place, "–", va="center", color=MUTED, fontsize=8)
        return
    share = 100 * row["value"]
    if row["low"] is not None and row["high"] is not None:
        axes.plot([100 * row["low"], 100 * row["high"]], [place] * 2, color=colour, lw=1.1)
    axes.plot([share], [place], MARKS[number % len(MARKS)], ms=4.5, color=colour, clip_on=False)
    end = 100 * (row["high"] if row["high"] is not None else row["value"])
    count = f"{row['events']}/{row['n']}"
    begin = 100 * (row["low"] if row["low"] is not None else row["value"])
    to_left = end > 100 - 2 * _COUNT
    axes.text(
        begin - 1.5 if to_left else end + 1.5, place, count, va="center",
        ha="right" if to_left else "left", fontsize=7.2, color=MUTED,
    )  # fmt: skip


def _write_names(axes: Axes, lines: Sequence[tuple[str, str | None]], step: float) -> None:
    *places, _ = _places(lines, step)
    for (section, row), place in zip(lines, places, strict=True):
        text = section if row is None else row
        indent = 0.06 if section and row is not None else 0.0
        axes.annotate(
            fit_text(text, (_NAMES - 0.2) * 72, 8.5), (0, place),
            xycoords=("axes fraction", "data"), xytext=(-(_NAMES - 0.1 - indent) * 72, 0),
            textcoords="offset points", va="center", fontsize=8.5, color=INK,
            fontweight="bold" if row is None else "normal",
        )  # fmt: skip


def _write_key(
    drawing: Drawing,
    groups: Sequence[str | None],
    words: Mapping[str, str],
    level: float,
    height: float,
) -> None:
    """What the marks are, and what the lines are."""
    from matplotlib.lines import Line2D  # noqa: PLC0415

    drawing.text(
        0.99, 0.06 / height, f"Per cent of patients, {100 * level:g} % interval", ha="right",
        va="bottom", fontsize=8, color=MUTED,
    )  # fmt: skip
    if len(groups) < 2:
        return
    marks = [
        Line2D([], [], marker=MARKS[place % len(MARKS)], ms=4.5, color=colour_group(place), lw=1.1,
               label=words.get(group or "", group or "All patients"))
        for place, group in enumerate(groups)
    ]  # fmt: skip
    drawing.legend(
        handles=marks, loc="upper left", bbox_to_anchor=(0.0, 1.0), ncols=len(groups),
        handlelength=1.8, columnspacing=1.6, borderaxespad=0.1,
    )  # fmt: skip


def describe_share_rows(frame: pl.DataFrame, words: Mapping[str, str]) -> str:
    """Say every count of the picture in words.

    Examples
    --------
    >>> row = {"section": "", "row": "Anaemia", "column": "any grade", "group": None, "events": 24,
    ...        "n": 26, "value": 0.92, "low": 0.75, "high": 0.99}
    >>> describe_share_rows(pl.DataFrame([row], schema=FRAME), {})
    'Anaemia, any grade: 24 of 26'
    """
    parts = []
    for row in frame.iter_rows(named=True):
        names = [row["section"], row["row"], row["column"]]
        names += [words.get(row["group"], row["group"])] if row["group"] else []
        what = ", ".join(filter(None, names))
        parts.append(f"{what}: {row['events']} of {row['n']}")
    return "; ".join(parts)
