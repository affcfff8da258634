"""Stacked cumulative incidence: the event, the competing event, and neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING

import polars as pl

from stromal.report.figures.canvas import render_svg
from stromal.report.figures.clock import Clock, choose_clock, count_at_risk, read_steps
from stromal.report.figures.curves import Steps, name_group, split_steps
from stromal.report.figures.palette import FAINT, INK, MUTED
from stromal.report.figures.survival import wrap_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

CAUSES = ("#0b5c6b", "#d9a679", "#8b9aa1", "#b4623a", "#6fb0ad")
_ACROSS = 4
_STEPS_OF_ONE, _STEPS_OF_MANY = 8, 4


def plot_cumulative_incidence(
    frame: pl.DataFrame,
    *,
    name: str,
    title: str,
    since: str = "day 0",
    days: Sequence[float] = (),
    labels: Mapping[str, str] | None = None,
    rest: str = "",
) -> str:
    """Plot the probabilities of each cause on top of each other, one panel for each group.

    At every day the height of a colour is the probability that this event has happened first, and
    the pale rest is the probability that none has.

    Parameters
    ----------
    frame
        As `frame_curves` returns it: one curve for each group and cause, `label` names the cause.
    name
        Prefix of the ids in the picture.
    title
        What the picture shows, for a screen reader.
    since, days
        What time is counted from, and the days [d] that matter: the last of them is the last one
        drawn, and they are ticks where there is room. All days are drawn where there are none.
    labels
        Groups and causes in words.
    rest
        What the pale rest is; empty: neither, or not yet.

    Returns
    -------
    str
        SVG text.

    Examples
    --------
    >>> frame = pl.DataFrame(
    ...     {"group": ["msc"] * 2, "label": ["relapse"] * 2, "n": [2, 2], "day": [0.0, 9.0],
    ...      "probability": [0.0, 0.5], "at_risk": [2, 2]}
    ... )
    >>> "relapse" in plot_cumulative_incidence(frame, name="cif", title="Relapse")
    True
    """
    words = labels or {}
    curves = split_steps(frame)
    groups = list(dict.fromkeys(curve.group for curve in curves))
    causes = list(dict.fromkeys(curve.label for curve in curves))
    last = max((curve.last_day for curve in curves), default=1.0)
    across = min(len(groups), _ACROSS) or 1
    until = max(days, default=0.0) or last
    # An axis that goes on after the last patient would promise more than is known.
    clock = choose_clock(until, days, _STEPS_OF_ONE if across == 1 else _STEPS_OF_MANY)
    down = ceil(len(groups) / across) or 1
    height = 0.95 + (3.3 if across == 1 else 2.75) * down

    def paint(drawing: Drawing) -> None:
        grid = drawing.add_gridspec(
            down, across, left=0.1, right=0.985, top=1 - 0.45 / height, bottom=1.15 / height,
            wspace=0.24, hspace=0.5,
        )  # fmt: skip
        for position, group in enumerate(groups):
            row, column = divmod(position, across)
            axes = drawing.add_subplot(grid[row, column])
            members = {curve.label: curve for curve in curves if curve.group == group}
            shown = [members.get(cause) for cause in causes]
            _draw_stack(axes, shown, clock)
            size = next((curve.n for curve in shown if curve), 0)
            axes.set_title(
                f"{_name(group, words, across)}\nn = {size}", fontsize=8.5, linespacing=1.35
            )
            axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100 %"])
            axes.tick_params(labelleft=column == 0)
            _write_at_risk(axes, shown, clock, first=column == 0)
        drawing.text(
            0.54, 0.5 / height, f"{clock.unit.capitalize()} from {since}", ha="center", va="center"
        )
        _write_legend(drawing, causes, words, rest)

    return render_svg(
        paint, name=name, title=title, description=_describe(curves, words), height=height
    )


def _draw_stack(axes: Axes, curves: Sequence[Steps | None], clock: Clock) -> None:
    """The causes of one group on each other, the rest above them."""
    below: list[float] | None = None
    days: list[float] = [0.0, clock.end * clock.days]
    for position, curve in enumerate(curves):
        if curve is None:
            continue
        days, values = read_steps(curve.table, "probability", curve.last_day)
        floor = below if below is not None and len(below) == len(values) else [0.0] * len(values)
        top = [low + value for low, value in zip(floor, values, strict=True)]
        times = [day / clock.days for day in days]
        axes.fill_between(
            times, floor, top, step="post", color=CAUSES[position % len(CAUSES)], linewidth=0
        )
        below = top
    if below is not None:
        times = [day / clock.days for day in days]
        axes.fill_between(times, below, 1, step="post", color=FAINT, linewidth=0)
    axes.set_xlim(0, clock.end)
    axes.set_ylim(0, 1)


def _name(group: str | None, words: Mapping[str, str], across: int) -> str:
    """A group's name on two lines at most, in the width of its panel."""
    return wrap_label(name_group(group, words), 84 // across)


def _write_at_risk(
    axes: Axes, curves: Sequence[Steps | None], clock: Clock, *, first: bool
) -> None:
    """Under every tick its day and the number of patients at risk."""
    table = next((curve.table for curve in curves if curve is not None), None)
    names = [
        f"{tick:g}\n{0 if table is None else count_at_risk(table, tick * clock.days)}"
        for tick in clock.ticks
    ]
    axes.set_xticks(clock.ticks, names, linespacing=1.5)
    if first:
        axes.annotate(
            "at risk", (0, 0), (-15, -26), xycoords="axes fraction", textcoords="offset points",
            ha="right", va="center", fontsize=8, color=MUTED,
        )  # fmt: skip


def _write_legend(
    drawing: Drawing, causes: Sequence[str], words: Mapping[str, str], rest: str
) -> None:
    """One line below the panels: a swatch and a name for every cause and for the rest."""
    from matplotlib.patches import Patch  # noqa: PLC0415

    swatches = [
        Patch(facecolor=CAUSES[place % len(CAUSES)], label=words.get(cause, cause) or "event")
        for place, cause in enumerate(causes)
    ]
    rest = rest or ("neither" if len(causes) > 1 else "not yet")
    swatches.append(Patch(facecolor=FAINT, edgecolor=INK, linewidth=0.3, label=rest))
    drawing.legend(
        handles=swatches, loc="lower center", ncols=len(swatches), handlelength=1.1,
        handleheight=1.0, borderaxespad=0.1,
    )  # fmt: skip


def _describe(curves: Sequence[Steps], words: Mapping[str, str]) -> str:
    """The picture in words: the last value of every curve."""
    parts = []
    for curve in curves:
        rows = curve.table.sort("day")
        end = float(rows["probability"][-1]) if rows.height else 0.0
        group, cause = curve.name(words), words.get(curve.label, curve.label)
        parts.append(f"{group}, {cause}: {end:.0%}")
    return "Stacked probabilities at the end of follow-up. " + "; ".join(parts) + "."
