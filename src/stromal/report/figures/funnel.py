"""Funnel plots: effects of studies by their standard errors, and whether small ones say more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import polars as pl

from stromal.report.figures.canvas import render_svg
from stromal.report.figures.effect_axis import EffectScale, choose_axis
from stromal.report.figures.palette import ACCENT, FAINT, INK, MUTED
from stromal.report.words import count_noun, render_p_value

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

FEWEST = 10
"""Studies below which the shape of a funnel says little. [egger1997]"""

_SIZE = (0.1, 0.155, 0.86, 0.73)
_HEIGHT = 3.9


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """A study: its effect and standard error on the scale on which effects were pooled.

    `filled` studies are those that trim and fill adds: they are no data.
    """

    label: str
    effect: float
    error: float
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Funnel:
    """A funnel plot.

    `centre` is the pooled effect on the same scale as the points; `p` is of Egger's test, None with
    the `reason` where there is none.
    """

    measure: str
    points: tuple[FunnelPoint, ...]
    centre: float
    scale: EffectScale = "ratio"
    level: float = 0.95
    p: float | None = None
    reason: str = ""

    @property
    def studies(self) -> int:
        """Studies that there are, without those filled in."""
        return sum(not point.filled for point in self.points)


def frame_funnel(funnel: Funnel) -> pl.DataFrame:
    """Return the points of a funnel plot.

    Examples
    --------
    >>> frame_funnel(Funnel("Risk ratio", (FunnelPoint("A", -0.4, 0.2),), -0.3)).columns
    ['label', 'effect', 'error', 'filled']
    """
    rows = [(p.label, p.effect, p.error, p.filled) for p in funnel.points]
    schema = {
        "label": pl.String, "effect": pl.Float64, "error": pl.Float64, "filled": pl.Boolean,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def describe_funnel(funnel: Funnel) -> str:
    """Say what the funnel shows, and how little it says with few studies.

    Examples
    --------
    >>> points = tuple(FunnelPoint(str(k), 0.1 * k, 0.1 + 0.1 * k) for k in range(4))
    >>> describe_funnel(Funnel("Risk ratio", points, 0.0, p=0.62))
    "4 studies. Egger's test: P = 0.62. With fewer than ten studies a funnel says little: \
it neither shows that studies are missing nor that none is."
    """
    filled = len(funnel.points) - funnel.studies
    said = [f"{count_noun(funnel.studies, 'study', 'studies')}."]
    if funnel.p is not None:
        said.append(f"Egger's test: {render_p_value(funnel.p)}.")
    elif funnel.reason:
        said.append(f"Egger's test is not possible: {funnel.reason}.")
    if funnel.studies < FEWEST:
        said.append(
            "With fewer than ten studies a funnel says little: it neither shows that studies are "
            "missing nor that none is."
        )
    elif funnel.p is not None:
        lean = funnel.p < 0.1
        said.append(
            "Small studies say something else than large ones; unpublished studies are one reason "
            "of several, different patients or doses another."
            if lean
            else "Small studies say no other than large ones beyond chance."
        )
    if filled:
        said.append(
            f"Trim and fill adds {count_noun(filled, 'study', 'studies')} (hollow) that a "
            "symmetric funnel would have; they are no data."
        )
    return " ".join(said)


def plot_funnel(funnel: Funnel, *, name: str, title: str) -> str:
    """Plot effects by standard errors, precise studies on top, with pseudo-intervals.

    The pale triangle holds the share `level` of the studies if all have one true effect; the
    dashed line is the pooled effect. Filled-in studies are hollow.

    Parameters
    ----------
    funnel
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
        There is no point.

    Examples
    --------
    >>> points = (FunnelPoint("A", -0.4, 0.2), FunnelPoint("B", -0.1, 0.5))
    >>> svg = plot_funnel(Funnel("Risk ratio", points, -0.3), name="f", title="Funnel")
    >>> "Standard error" in svg
    True
    """
    if not funnel.points:
        raise ValueError("a funnel without a study")

    def paint(drawing: Drawing) -> None:
        _draw(drawing.add_axes(_SIZE), funnel)

    return render_svg(
        paint, name=name, title=title, description=describe_funnel(funnel), height=_HEIGHT
    )


def pseudo_interval(centre: float, error: float, level: float = 0.95) -> tuple[float, float]:
    """Return where the funnel's sides lie at a standard error.

    Examples
    --------
    >>> [round(end, 2) for end in pseudo_interval(0.0, 1.0)]
    [-1.96, 1.96]
    """
    reach = NormalDist().inv_cdf(0.5 + level / 2) * error
    return centre - reach, centre + reach


def _draw(axes: Axes, funnel: Funnel) -> None:
    worst = 1.08 * max(point.error for point in funnel.points)
    sides = pseudo_interval(funnel.centre, worst, funnel.level)
    places = [*(point.effect for point in funnel.points), *sides]
    axis = choose_axis(places, "difference" if funnel.scale == "share" else funnel.scale)
    axes.set_xlim(min(axis.low, *places), max(axis.high, *places))
    axes.set_ylim(worst, 0.0)
    axes.set_facecolor(FAINT)
    corners = [(funnel.centre, 0.0), (sides[1], worst), (sides[0], worst)]
    x, y = zip(*corners, strict=True)
    axes.fill(x, y, color="white", zorder=1)
    for side in sides:
        axes.plot([funnel.centre, side], [0, worst], color=MUTED, lw=0.8, ls=(0, (2, 2)), zorder=2)
    axes.plot([funnel.centre] * 2, [0, worst], color=ACCENT, lw=1.0, ls=(0, (4, 2)), zorder=2)
    _draw_points(axes, [point for point in funnel.points if not point.filled], filled=False)
    _draw_points(axes, [point for point in funnel.points if point.filled], filled=True)
    axes.set_xticks([tick for tick, _ in axis.ticks], [label for _, label in axis.ticks])
    axes.set_xlabel(_name_axis(funnel))
    axes.set_ylabel("Standard error (precise studies on top)")
    if any(point.filled for point in funnel.points):
        axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=2, borderaxespad=0.2)


def _name_axis(funnel: Funnel) -> str:
    if funnel.scale == "ratio":
        return f"{funnel.measure}, logarithmic axis"
    return (
        f"{funnel.measure}, %, axis of log odds" if funnel.scale == "log-odds" else funnel.measure
    )


def _draw_points(axes: Axes, points: Sequence[FunnelPoint], *, filled: bool) -> None:
    if not points:
        return
    face, words = ("white", "filled in, no data") if filled else (ACCENT, "study")
    axes.scatter(
        [point.effect for point in points], [point.error for point in points], s=30,
        facecolor=face, edgecolor=INK if filled else "white", linewidth=0.9 if filled else 0.6,
        label=words, zorder=4, clip_on=False,
    )  # fmt: skip
