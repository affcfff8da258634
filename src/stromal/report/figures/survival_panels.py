"""Kaplan-Meier curves of several endpoints and groupings as small panels of one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

import polars as pl

from stromal.report.figures.canvas import WIDE, draw_grid, render_svg
from stromal.report.figures.clock import Clock, choose_clock, count_at_risk, read_steps
from stromal.report.figures.curves import Steps, split_steps
from stromal.report.figures.lettering import break_text, fit_text
from stromal.report.figures.palette import INK, MUTED, colour_group, deepen
from stromal.report.figures.survival import DASHES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

MOST_COLUMNS = 4
_LEFT, _RIGHT, _GAP = 0.78, 0.14, 0.3
_PLOT, _LINE, _FOOT, _KEY = 1.2, 0.145, 0.42, 0.28
_TITLE, _SMALL = 8.5, 7.5


@dataclass(frozen=True, slots=True)
class SurvivalPanel:
    """One panel: its curves, its words, and what they compare.

    Parameters
    ----------
    title
        What the panel is of.
    frame
        Its curves, as `frame_curves` returns them.
    row
        What the row of panels is of; panels of one row follow each other. Empty: panels fill rows
        as they come.
    labels
        Group names in words.
    note
        The comparison of its groups in a few words, below the title.
    """

    title: str
    frame: pl.DataFrame
    row: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Sizes of a picture [inch]: columns, width of a panel, lines of titles and of numbers."""

    columns: int
    titles: int
    at_risk: int
    key: float

    @property
    def width(self) -> float:
        """Width of a panel."""
        return (WIDE - _LEFT - _RIGHT - _GAP * (self.columns - 1)) / self.columns

    @property
    def head(self) -> float:
        """Height above a panel."""
        return 0.17 * self.titles + 0.24

    @property
    def tall(self) -> float:
        """Height of a panel with everything above and below it."""
        return self.head + _PLOT + _FOOT + _LINE * self.at_risk + 0.1


def plot_survival_panels(
    panels: Sequence[SurvivalPanel], *, name: str, title: str, since: str = "day 0"
) -> str:
    """Plot survival curves panel by panel, with numbers at risk below each.

    Parameters
    ----------
    panels
        In the order in which they are read. Where they name rows, each row has a line of its own.
    name
        Prefix of the ids in the picture.
    title
        What the picture shows, for a screen reader.
    since
        What time is counted from.

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
    >>> panel = SurvivalPanel("Overall survival", frame, note="P = 0.04")
    >>> svg = plot_survival_panels([panel, panel], name="os", title="Survival")
    >>> svg.count("P = 0.04</text>")
    2
    """
    rows = _split_rows(panels)
    curves = {id(panel): split_steps(panel.frame) for panel in panels}
    last = max((c.last_day for own in curves.values() for c in own), default=1.0)
    clock = choose_clock(last, most=4)
    shared = _find_shared(panels, curves)
    columns = max(len(row) for row in rows)
    named = {id(panel): (0 if shared else len(curves[id(panel)])) for panel in panels}
    most = max(len(own) + named[key] for key, own in curves.items())
    layout = _Layout(columns, 1, most, _KEY if shared else 0.05)
    titles = {
        id(panel): break_text(panel.title, 72 * layout.width, _TITLE, most=2, bold=True)
        for panel in panels
    }
    layout = _Layout(columns, max(map(len, titles.values())), most, layout.key)
    height = layout.key + len(rows) * layout.tall + 0.02

    def paint(drawing: Drawing) -> None:
        for line, row in enumerate(rows):
            top = height - layout.key - line * layout.tall - layout.head
            for column, panel in enumerate(row):
                left = _LEFT + column * (layout.width + _GAP)
                box = (left / WIDE, (top - _PLOT) / height, layout.width / WIDE, _PLOT / height)
                axes = drawing.add_axes(box)
                own = curves[id(panel)]
                places = [
                    shared.index(curve.name(panel.labels)) if shared else place
                    for place, curve in enumerate(own)
                ]
                _draw_panel(axes, list(zip(own, places, strict=True)), clock)
                _write_title(axes, titles[id(panel)], panel.note)
                _write_at_risk(axes, list(zip(own, places, strict=True)), clock, panel,
                               named=not shared, first=column == 0)  # fmt: skip
                if line == len(rows) - 1 or column >= len(rows[line + 1]):
                    axes.set_xlabel(f"{clock.unit.capitalize()} from {since}", fontsize=_SMALL)
                if column == 0:
                    axes.yaxis.labelpad = 2
                    axes.set_ylabel(
                        "\n".join(break_text(panel.row, 72 * _PLOT, 8, most=2)), fontsize=8
                    )
                else:
                    axes.set_yticklabels([])
        if shared:
            _write_key(drawing, shared, height)

    return render_svg(
        paint, name=name, title=title, description=_describe(panels, curves), height=height,
        width=WIDE,
    )  # fmt: skip


def _split_rows(panels: Sequence[SurvivalPanel]) -> list[list[SurvivalPanel]]:
    """Panels line by line: those of a named row together, at most four in a line."""
    rows: list[list[SurvivalPanel]] = []
    for name in dict.fromkeys(panel.row for panel in panels):
        own = [panel for panel in panels if panel.row == name]
        lines = ceil(len(own) / MOST_COLUMNS)
        each = ceil(len(own) / lines)
        rows += [own[start : start + each] for start in range(0, len(own), each)]
    return rows


def _find_shared(
    panels: Sequence[SurvivalPanel], curves: Mapping[int, tuple[Steps, ...]]
) -> list[str]:
    """Groups in words where no panel has others; empty where they differ, or are none."""
    named = [[curve.name(panel.labels) for curve in curves[id(panel)]] for panel in panels]
    every = set().union(*named)
    found = next((names for names in named if set(names) == every), [])
    return found if len(found) > 1 else []


def _draw_panel(axes: Axes, curves: Sequence[tuple[Steps, int]], clock: Clock) -> None:
    """Bands, steps and marks of censoring."""
    for curve, position in curves:
        colour, last = colour_group(position), curve.last_day
        days, steps = read_steps(curve.table, "probability", last)
        _, low = read_steps(curve.table, "low", last)
        _, high = read_steps(curve.table, "high", last)
        times = [day / clock.days for day in days]
        axes.fill_between(times, low, high, step="post", color=colour, alpha=0.11, linewidth=0)
        axes.plot(
            times, steps, drawstyle="steps-post", color=colour, lw=1.3,
            ls=DASHES[position % len(DASHES)],
        )  # fmt: skip
        marks = curve.table.filter(pl.col("censored") > 0)
        axes.plot(
            [float(day) / clock.days for day in marks["day"]],
            [float(value) for value in marks["probability"]],
            linestyle="none", marker="|", markersize=3.5, markeredgewidth=0.7, color=colour,
        )  # fmt: skip
    axes.set_ylim(0, 1.03)
    axes.set_yticks([0, 0.5, 1], ["0", "50", "100 %"], fontsize=_SMALL)
    axes.set_xlim(0, clock.end)
    axes.set_xticks(clock.ticks, [f"{tick:g}" for tick in clock.ticks], fontsize=_SMALL)
    axes.xaxis.labelpad = 1.5
    draw_grid(axes)


def _write_title(axes: Axes, title: Sequence[str], note: str) -> None:
    """Title of a panel, and the comparison of its groups below it."""
    axes.annotate(
        "\n".join(title), (0, 1), xycoords="axes fraction", xytext=(0, 17),
        textcoords="offset points", fontsize=_TITLE, fontweight="bold", va="bottom",
        linespacing=1.1,
    )  # fmt: skip
    axes.annotate(
        note, (0, 1), xycoords="axes fraction", xytext=(0, 5), textcoords="offset points",
        fontsize=_SMALL, color=INK, va="bottom",
    )  # fmt: skip


def _write_at_risk(
    axes: Axes,
    curves: Sequence[tuple[Steps, int]],
    clock: Clock,
    panel: SurvivalPanel,
    *,
    named: bool,
    first: bool,
) -> None:
    """Numbers at risk below a panel, each group in its colour, with its name where it is needed."""
    place = -(_FOOT + 0.06) * 72
    if first:
        axes.annotate(
            "At risk", (0, 0), xycoords="axes fraction", xytext=(-_LEFT * 72 + 10, place),
            textcoords="offset points", fontsize=_SMALL, color=MUTED, va="center",
        )  # fmt: skip
    for curve, position in curves:
        colour = deepen(colour_group(position)) if len(curves) > 1 or not named else INK
        if named:
            axes.annotate(
                fit_text(curve.name(panel.labels), 150, _SMALL), (0, 0),
                xycoords="axes fraction", xytext=(-3, place), textcoords="offset points",
                fontsize=_SMALL, color=colour, va="center",
            )  # fmt: skip
            place -= _LINE * 72
        for tick in clock.ticks:
            axes.annotate(
                str(count_at_risk(curve.table, tick * clock.days)), (tick, 0),
                xycoords=("data", "axes fraction"), xytext=(0, place),
                textcoords="offset points", ha="center", va="center", fontsize=_SMALL,
                color=colour,
            )  # fmt: skip
        place -= _LINE * 72


def _write_key(drawing: Drawing, names: Sequence[str], height: float) -> None:
    """The groups, where all panels have the same."""
    from matplotlib.lines import Line2D  # noqa: PLC0415

    lines = [
        Line2D(
            [], [], color=colour_group(place), ls=DASHES[place % len(DASHES)], lw=1.4, label=name
        )
        for place, name in enumerate(names)
    ]
    drawing.legend(
        handles=lines, loc="upper left", bbox_to_anchor=(_LEFT / WIDE - 0.01, 1 - 0.02 / height),
        ncols=len(names), handlelength=2.2, columnspacing=1.6, borderaxespad=0.1, fontsize=8,
    )  # fmt: skip


def _describe(panels: Sequence[SurvivalPanel], curves: Mapping[int, tuple[Steps, ...]]) -> str:
    """Every panel in words: patients, events and comparison."""
    parts = []
    for panel in panels:
        said = []
        for curve in curves[id(panel)]:
            events = int(curve.table["events"].sum() or 0)
            said.append(f"{curve.name(panel.labels)}: {curve.n} patients, {events} events")
        what = ", ".join(filter(None, (panel.row, panel.title)))
        parts.append("; ".join(filter(None, (f"{what}: {', '.join(said)}", panel.note))))
    return ". ".join(parts) + "."
