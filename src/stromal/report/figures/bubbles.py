"""Bubble plots: effects of studies by dose, with the line of a meta-regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10, sqrt
from typing import TYPE_CHECKING

import polars as pl

from stromal.report.figures.canvas import draw_grid, render_svg
from stromal.report.figures.effect_axis import EffectScale, choose_axis
from stromal.report.figures.palette import ACCENT, INK, MUTED, colour_group
from stromal.report.words import count_noun, render_p_value

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

CANNOT = (
    "The line compares studies, not patients: studies with higher doses differ in patients, cells "
    "and years too, so it does not say that a patient would gain by a higher dose (aggregation "
    "bias)."
)
"""What a regression of studies on their doses cannot say."""

MILLION = 1e6
_HEIGHT = 3.9
_LARGEST = 17.0


@dataclass(frozen=True, slots=True)
class Bubble:
    """A study: its dose, its effect on the pooled scale, its precision (one over the variance)."""

    label: str
    dose: float
    effect: float
    precision: float
    group: str = ""


@dataclass(frozen=True, slots=True)
class LinePoint:
    """A point of the line: the dose, the effect expected there, and its interval."""

    dose: float
    effect: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bubbles:
    """A bubble plot; doses in `unit`, on a logarithmic axis, effects on the pooled scale.

    `line` is the meta-regression on the logarithm of the dose, empty where there is none, and `p`
    of its slope; `reason` says why there is none. `left_out` counts studies without a dose.
    """

    measure: str
    points: tuple[Bubble, ...]
    line: tuple[LinePoint, ...] = ()
    scale: EffectScale = "log-odds"
    unit: str = "cells/kg"
    level: float = 0.95
    p: float | None = None
    reason: str = ""
    left_out: int = 0


def frame_bubbles(bubbles: Bubbles) -> pl.DataFrame:
    """Return the studies and the line of a bubble plot.

    Examples
    --------
    >>> points = (Bubble("A", 1e6, 0.4, 9.0),)
    >>> frame_bubbles(Bubbles("Response", points))["kind"].to_list()
    ['study']
    """
    rows: list[tuple[object, ...]] = [
        ("study", p.label, p.group or None, p.dose, p.effect, None, None, p.precision)
        for p in bubbles.points
    ]
    rows += [("line", None, None, p.dose, p.effect, p.low, p.high, None) for p in bubbles.line]
    texts = dict.fromkeys(("kind", "label", "group"), pl.String)
    numbers = dict.fromkeys(("dose", "effect", "low", "high", "precision"), pl.Float64)
    return pl.DataFrame(rows, schema={**texts, **numbers}, orient="row")


def describe_bubbles(bubbles: Bubbles) -> str:
    """Say what the picture shows, and what it cannot say.

    Examples
    --------
    >>> points = (Bubble("A", 1e6, 0.4, 9.0), Bubble("B", 2e6, 0.1, 4.0))
    >>> describe_bubbles(Bubbles("Response", points, reason="two studies"))
    '2 studies with a known dose. No line: two studies.'
    """
    said = [f"{count_noun(len(bubbles.points), 'study', 'studies')} with a known dose."]
    if bubbles.left_out:
        n = count_noun(bubbles.left_out, "study", "studies")
        said.append(
            f"{n} without a usable dose {'is' if bubbles.left_out == 1 else 'are'} not in it."
        )
    if bubbles.line and bubbles.p is not None:
        rises = bubbles.line[-1].effect > bubbles.line[0].effect
        way = "rises" if rises else "falls"
        said.append(f"The line {way} with the dose, {render_p_value(bubbles.p)}. {CANNOT}")
    elif bubbles.reason:
        said.append(f"No line: {bubbles.reason}.")
    return " ".join(said)


def plot_bubbles(bubbles: Bubbles, *, name: str, title: str) -> str:
    """Plot effects by dose; the area of a bubble goes with the precision of its study.

    Parameters
    ----------
    bubbles
        What is shown.
    name, title
        Prefix of the ids in the picture; what it shows, for a screen reader.

    Returns
    -------
    str
        SVG text.

    Raises
    ------
    ValueError
        There is no study, or a dose that is not above zero.

    Examples
    --------
    >>> points = (Bubble("A", 1e6, 0.4, 9.0), Bubble("B", 2e6, 0.1, 4.0))
    >>> "cells/kg" in plot_bubbles(Bubbles("Response", points), name="b", title="Dose")
    True
    """
    if not bubbles.points or min(point.dose for point in bubbles.points) <= 0:
        raise ValueError("a bubble plot takes studies with doses above zero")

    def paint(drawing: Drawing) -> None:
        _draw(drawing.add_axes((0.1, 0.155, 0.86, 0.73)), bubbles)

    return render_svg(
        paint, name=name, title=title, description=describe_bubbles(bubbles), height=_HEIGHT
    )


def size_bubble(precision: float, highest: float) -> float:
    """Return the diameter of a bubble [pt], whose area goes with the precision.

    Examples
    --------
    >>> size_bubble(4.0, 4.0), size_bubble(1.0, 4.0)
    (17.0, 8.5)
    """
    return max(_LARGEST * sqrt(precision / highest), 2.5)


def choose_doses(low: float, high: float) -> tuple[tuple[float, str], ...]:
    """Return ticks of a logarithmic axis of doses, written in millions.

    Examples
    --------
    >>> [label for _, label in choose_doses(4e5, 1.2e7)]
    ['0.5', '1', '2', '5', '10']
    """
    powers = range(floor(log10(low)) - 1, floor(log10(high)) + 2)
    values = [head * 10.0**power for power in powers for head in (1.0, 2.0, 5.0)]
    kept = [value for value in values if low <= value <= high]
    if len(kept) < 3:
        values = [head * 10.0**power for power in powers for head in (1, 1.5, 2, 3, 4, 5, 7)]
        kept = [value for value in values if low <= value <= high]
    if len(kept) > 7:
        kept = [value for value in kept if f"{value:.0e}".startswith("1")]
    return tuple((value, f"{value / MILLION:g}") for value in kept)


def _draw(axes: Axes, bubbles: Bubbles) -> None:
    doses = [point.dose for point in bubbles.points]
    low, high = min(doses) / 1.4, max(doses) * 1.4
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    ends = [end for point in bubbles.line for end in (point.low, point.high)]
    axis = choose_axis([*(p.effect for p in bubbles.points), *ends], bubbles.scale)
    effects = [point.effect for point in bubbles.points]
    pad = 0.06 * (axis.high - axis.low)
    axes.set_ylim(min(axis.low, *effects) - pad, max(axis.high, *effects) + pad)
    _draw_line(axes, bubbles.line)
    _draw_points(axes, bubbles.points)
    ticks = choose_doses(low, high)
    axes.set_xticks([dose for dose, _ in ticks], [label for _, label in ticks])
    axes.minorticks_off()
    axes.set_yticks([tick for tick, _ in axis.ticks], [label for _, label in axis.ticks])
    axes.set_xlabel(f"Dose, 10⁶ {bubbles.unit}, logarithmic axis")
    kind = {"ratio": ", logarithmic axis", "log-odds": ", %, axis of log odds"}
    axes.set_ylabel(f"{bubbles.measure}{kind.get(bubbles.scale, '')}")
    draw_grid(axes)


def _draw_line(axes: Axes, line: Sequence[LinePoint]) -> None:
    if not line:
        return
    doses = [point.dose for point in line]
    band = ([point.low for point in line], [point.high for point in line])
    axes.fill_between(doses, *band, color=ACCENT, alpha=0.1, linewidth=0, zorder=1)
    axes.plot(doses, [point.effect for point in line], color=ACCENT, lw=1.4, zorder=2)


def _draw_points(axes: Axes, points: Sequence[Bubble]) -> None:
    """Small bubbles last, so that large ones do not hide them."""
    highest = max(point.precision for point in points)
    groups = list(dict.fromkeys(point.group for point in points))
    for point in sorted(points, key=lambda point: -point.precision):
        colour = colour_group(groups.index(point.group))
        axes.scatter(
            [point.dose], [point.effect], s=size_bubble(point.precision, highest) ** 2,
            facecolor=colour, edgecolor=INK, linewidth=0.6, alpha=0.55, zorder=3, clip_on=False,
        )  # fmt: skip
    if len(groups) > 1 or groups[0]:
        for place, group in enumerate(groups):
            axes.scatter([], [], s=40, facecolor=colour_group(place), edgecolor=INK,
                         linewidth=0.6, alpha=0.55, label=group or "not known")  # fmt: skip
        axes.legend(
            loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=min(len(groups), 4),
            handletextpad=0.2, columnspacing=1.2, borderaxespad=0.2, labelcolor=INK,
        )  # fmt: skip
    axes.tick_params(colors=MUTED, labelcolor=INK)
