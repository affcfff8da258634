"""The best change of each patient as bars in order, a panel for each arm."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING

import polars as pl

from stromal.report.figures.canvas import WIDTH, draw_grid, render_svg
from stromal.report.figures.lettering import fit_text
from stromal.report.figures.palette import INK, MUTED, colour_group
from stromal.report.words import MINUS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

_TOP = 100.0
_COLUMNS = 2
_ROW = 2.45


def plot_waterfall(
    frame: pl.DataFrame,
    *,
    name: str,
    title: str,
    ylabel: str,
    labels: Mapping[str, str] | None = None,
) -> str:
    """Plot the change of each patient, the largest growth first.

    Parameters
    ----------
    frame
        `group`, `subject` and `change` [%]; rows without a change are counted in the title of the
        panel and not drawn. Growth beyond 100 % is cut there, with an arrow.
    name, title
        Prefix of the ids in the picture, and what it shows, for a screen reader.
    ylabel
        What changed, with its unit.
    labels
        Groups in words.

    Returns
    -------
    str
        SVG text.

    Examples
    --------
    >>> frame = pl.DataFrame({"group": ["a"] * 2, "subject": ["1", "2"], "change": [-90.0, 300.0]})
    >>> "(n = 2)" in plot_waterfall(frame, name="w", title="Tumour", ylabel="Change, %")
    True
    """
    words = labels or {}
    groups = frame.partition_by("group", maintain_order=True)
    columns = min(_COLUMNS, max(len(groups), 1))
    rows = max(ceil(len(groups) / columns), 1)
    height = 0.5 + rows * _ROW
    width = 0.87 if columns == 1 else 0.405

    def paint(drawing: Drawing) -> None:
        for place, own in enumerate(groups):
            row, column = divmod(place, columns)
            bottom = (height - 0.45 - row * _ROW - 1.75) / height
            axes = drawing.add_axes((0.1 + column * (width + 0.06), bottom, width, 1.75 / height))
            group = str(own["group"][0])
            _draw_bars(axes, own, colour_group(place))
            missing = own["change"].null_count()
            left = f", {missing} not known" if missing else ""
            count = f"(n = {own.height - missing}{left})"
            told = fit_text(words.get(group, group), 70 * WIDTH * width, 8.5, bold=True)
            axes.set_title(f"{told}\n{count}", fontsize=8.5)
            axes.set_ylabel(ylabel if column == 0 else "")

    described = "; ".join(_describe(own, words) for own in groups)
    return render_svg(paint, name=name, title=title, description=described, height=height)


def _draw_bars(axes: Axes, own: pl.DataFrame, tone: str) -> None:
    changes = own["change"].drop_nulls().sort(descending=True).to_list()
    heights = [min(change, _TOP) for change in changes]
    axes.bar(range(len(heights)), heights, width=0.86, color=tone)
    for place, change in enumerate(changes):
        if change > _TOP:
            axes.plot([place], [_TOP * 1.04], "^", color=INK, ms=3, mew=0, clip_on=False)
    axes.axhline(0, color=INK, lw=0.7)
    axes.axhline(-50, color=MUTED, lw=0.7, ls=(0, (4, 3)))
    axes.set_ylim(-108, 112)
    ticks = (-100, -50, 0, 50, 100)
    axes.set_yticks(ticks, [str(tick).replace("-", MINUS) for tick in ticks])
    axes.set_xticks([])
    axes.set_xlim(-0.8, max(len(heights), 1) - 0.2)
    axes.set_xlabel("patients")
    axes.spines["bottom"].set_visible(False)
    draw_grid(axes)
    if not heights:
        axes.text(0.5, 0.5, "no values", transform=axes.transAxes, ha="center", color=MUTED)


def _describe(own: pl.DataFrame, words: Mapping[str, str]) -> str:
    group, known = str(own["group"][0]), own["change"].drop_nulls()
    halved = int((known <= -50).sum())
    return f"{words.get(group, group)}: {halved} of {len(known)} fall by half or more"
