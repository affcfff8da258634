"""Kaplan-Meier curves with intervals, censoring marks and the numbers at risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import polars as pl

from stromal.report.figures.canvas import draw_grid, render_svg
from stromal.report.figures.clock import Clock, choose_clock, count_at_risk, read_steps
from stromal.report.figures.curves import Steps, split_steps
from stromal.report.figures.palette import INK, MUTED, colour_group, deepen

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing


# Groups are told apart in grey print too.
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.6)), (0, (1.6, 1.3)), (0, (6, 1.5, 1.5, 1.5)))
_LEGEND_LINE = 88
_AT_RISK = 22


def plot_survival(
    frame: pl.DataFrame,
    *,
    name: str,
    title: str,
    ylabel: str = "Probability",
    since: str = "day 0",
    labels: Mapping[str, str] | None = None,
    test: str = "",
) -> str:
    """Plot Kaplan-Meier curves of one or several groups, numbers at risk below.

    Parameters
    ----------
    frame
        As `frame_curves` returns it: one curve for each group.
    name
        Prefix of the ids in the picture.
    title
        What the picture shows, for a screen reader.
    ylabel, since
        What the curves are the probability of, and what time is counted from.
    labels
        Group names in words.
    test
        The comparison of the groups in words, written into the picture: `Log-rank P = 0.001`.

    Returns
    -------
    str
        SVG text.

    Examples
    --------
    >>> frame = pl.DataFrame(
    ...     {"group": ["msc"] * 2, "label": [""] * 2, "n": [2, 2], "day": [0.0, 9.0],
    ...      "probability": [1.0, 0.5], "low": [1.0, 0.1], "high": [1.0, 0.9], "at_risk": [2, 2],
    ...      "events": [0, 1], "censored": [0, 1]}
    ... )
    >>> "Number at risk" in plot_survival(frame, name="os", title="Survival")
    True
    """
    words = labels or {}
    curves = split_steps(frame)
    last = max((curve.last_day for curve in curves), default=1.0)
    clock = choose_clock(last)

    named = [curve.name(words) for curve in curves]
    across = 1 if sum(len(label) + 12 for label in named) > _LEGEND_LINE else max(len(curves), 1)
    legend = 0.22 * (len(curves) / across if len(curves) > 1 else 0) + 0.12
    step = 0.36 if any(len(label) > _AT_RISK for label in named) else 0.25
    below = step * len(curves) + 0.35
    height = 3.85 + legend + below

    def paint(drawing: Drawing) -> None:
        grid = drawing.add_gridspec(
            2, 1, height_ratios=[3.1, below], left=0.23, right=0.97, top=1 - legend / height,
            bottom=0.02, hspace=0.36,
        )  # fmt: skip
        axes = drawing.add_subplot(grid[0])
        for position, curve in enumerate(curves):
            _draw_curve(axes, curve, position, clock, words)
        _dress(axes, clock, ylabel, since)
        if len(curves) > 1:
            axes.legend(
                loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=across, handlelength=2.2,
                columnspacing=1.6, borderaxespad=0.2,
            )  # fmt: skip
        at_risk = drawing.add_subplot(grid[1])
        _write_at_risk(at_risk, curves, clock, words)
        if test:
            at_risk.text(clock.end, -0.5, test, ha="right", va="center", color=INK, fontsize=8.5)

    return render_svg(
        paint,
        name=name,
        title=title,
        description=_describe(curves, clock, words, test),
        height=height,
    )


def _draw_curve(
    axes: Axes, curve: Steps, position: int, clock: Clock, words: Mapping[str, str]
) -> None:
    """Interval band, steps, and a tick for every day on which somebody was censored."""
    colour, dashes = colour_group(position), DASHES[position % len(DASHES)]
    last = curve.last_day
    days, steps = read_steps(curve.table, "probability", last)
    _, low = read_steps(curve.table, "low", last)
    _, high = read_steps(curve.table, "high", last)
    times = [day / clock.days for day in days]
    axes.fill_between(times, low, high, step="post", color=colour, alpha=0.11, linewidth=0)
    label = f"{curve.name(words)} (n = {curve.n})"
    axes.plot(times, steps, drawstyle="steps-post", color=colour, ls=dashes, label=label)
    marks = curve.table.filter(pl.col("censored") > 0)
    axes.plot(
        [float(day) / clock.days for day in marks["day"]],
        [float(value) for value in marks["probability"]],
        linestyle="none", marker="|", markersize=5, markeredgewidth=0.9, color=colour,
    )  # fmt: skip


def _dress(axes: Axes, clock: Clock, ylabel: str, since: str) -> None:
    """Axes from 0 to 100 % and from day 0 to the last tick."""
    axes.set_ylim(0, 1.02)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100 %"])
    axes.set_xlim(0, clock.end)
    axes.set_xticks(clock.ticks, [f"{tick:g}" for tick in clock.ticks])
    axes.set_xlabel(f"{clock.unit.capitalize()} from {since}")
    axes.set_ylabel(ylabel)
    draw_grid(axes)


def _write_at_risk(
    axes: Axes, curves: Sequence[Steps], clock: Clock, words: Mapping[str, str]
) -> None:
    """One line per group with the number at risk under every tick."""
    axes.set_axis_off()
    axes.set_xlim(0, clock.end)
    axes.set_ylim(len(curves) + 0.2, -1)
    axes.text(
        -0.03, -0.5, "Number at risk", transform=axes.get_yaxis_transform(), ha="right",
        va="center", color=MUTED, fontsize=8,
    )  # fmt: skip
    for position, curve in enumerate(curves):
        label = wrap_label(curve.name(words), _AT_RISK)
        colour = deepen(colour_group(position)) if len(curves) > 1 else INK
        axes.text(
            -0.03, position + 0.4, label, transform=axes.get_yaxis_transform(), ha="right",
            va="center", color=colour, fontsize=8, linespacing=1.05,
        )  # fmt: skip
        for tick in clock.ticks:
            number = count_at_risk(curve.table, tick * clock.days)
            axes.text(tick, position + 0.4, str(number), ha="center", va="center", fontsize=8.5)


def shorten(label: str, length: int) -> str:
    """A label that fits, cut with an ellipsis.

    Examples
    --------
    >>> shorten("umbilical cord", 8)
    'umbilic…'
    """
    return label if len(label) <= length else f"{label[: length - 1].rstrip()}…"


def wrap_label(label: str, length: int) -> str:
    r"""A label on two lines at most, cut with an ellipsis where that is not enough.

    Examples
    --------
    >>> wrap_label("umbilical-cord MSC 0.4", 16)
    'umbilical-cord\nMSC 0.4'
    """
    return fill(label, length, max_lines=2, placeholder=" …", break_on_hyphens=False)


def _describe(curves: Sequence[Steps], clock: Clock, words: Mapping[str, str], test: str) -> str:
    """The picture in words: each group's patients, events and last value."""
    parts = []
    for curve in curves:
        rows = curve.table.sort("day")
        events = int(rows["events"].sum() or 0)
        end = float(rows["probability"][-1]) if rows.height else 1.0
        group = curve.name(words)
        parts.append(f"{group}: {curve.n} patients, {events} events, {end:.0%} at the end")
    text = f"Step curves over {clock.end:g} {clock.unit}. " + "; ".join(parts) + "."
    return f"{text} {test}.".replace("..", ".") if test else text
