"""Responses as stacked bars of patients, and proportions with their intervals beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stromal.report.figures.canvas import draw_grid, render_svg
from stromal.report.figures.palette import INK, MUTED, RULE, colour_label, contrast
from stromal.report.figures.survival import shorten, wrap_label

_LINE = 0.22

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing


@dataclass(frozen=True, slots=True)
class Share:
    """Patients of a group with a label: how many of how many, and the interval of the share."""

    group: str
    label: str
    events: int
    n: int
    low: float | None = None
    high: float | None = None


def plot_response(
    parts: Sequence[Share],
    combined: Sequence[Share] = (),
    *,
    name: str,
    title: str,
    labels: Mapping[str, str] | None = None,
    level: float = 0.95,
) -> str:
    """One stacked bar per group; beside it the shares of `combined` with their intervals.

    Parameters
    ----------
    parts
        Shares that add up to a group's patients, in the order of the stack.
    combined
        Shares to be shown with their intervals.
    name
        Prefix of the ids in the picture.
    title
        What the picture shows, for a screen reader.
    labels
        Groups and labels in words.
    level
        Level of the intervals.

    Returns
    -------
    str
        SVG text.

    Examples
    --------
    >>> parts = [Share("all", "CR", 18, 32), Share("all", "NR", 14, 32)]
    >>> "18" in plot_response(parts, name="cr", title="Response")
    True
    """
    words = labels or {}
    groups = list(dict.fromkeys(part.group for part in (*parts, *combined)))
    shown = list(dict.fromkeys(part.label for part in combined))
    rows = max(len(groups), 1)
    tall = max(0.6, _LINE * len(shown) + 0.2)
    height = 0.9 + rows * tall

    def paint(drawing: Drawing) -> None:
        base, part = 0.55 / height, rows * tall / height
        width = 0.32 if shown else 0.78
        bars = drawing.add_axes((0.18, base, width, part))
        _draw_bars(bars, parts, groups, words, 0.56 * 0.6 / tall)
        if shown:
            right = drawing.add_axes((0.685, base, 0.16, part))
            _draw_intervals(right, combined, groups, words, (level, _LINE / tall))

    return render_svg(
        paint,
        name=name,
        title=title,
        description=_describe(parts, words),
        height=height,
    )


def _draw_bars(
    axes: Axes,
    parts: Sequence[Share],
    groups: Sequence[str],
    words: Mapping[str, str],
    thick: float,
) -> None:
    """Stacked bars in per cent of the group with the number of patients in every segment."""
    labels = list(dict.fromkeys(part.label for part in parts))
    for row, group in enumerate(groups):
        left = 0.0
        for part in (part for part in parts if part.group == group and part.n):
            width = 100 * part.events / part.n
            colour = colour_label(part.label, labels.index(part.label))
            axes.barh(row, width, left=left, height=thick, color=colour, edgecolor="white", lw=0.8)
            if part.events and width >= 7:
                axes.text(
                    left + width / 2, row, str(part.events), ha="center", va="center",
                    color=contrast(colour),
                )  # fmt: skip
            left += width
        if not left:
            axes.text(1, row, "no patients", va="center", color=MUTED)
    sizes = {part.group: part.n for part in parts}
    names = [f"{wrap_label(words.get(g, g), 21)}\nn = {sizes.get(g, 0)}" for g in groups]
    axes.set_yticks(range(len(groups)), names)
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.set_xticks([0, 25, 50, 75, 100], ["0", "25", "50", "75", "100 %"])
    axes.set_xlabel("Share of patients")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    _write_legend(axes, labels, words)


def _write_legend(axes: Axes, labels: Sequence[str], words: Mapping[str, str]) -> None:
    from matplotlib.patches import Patch  # noqa: PLC0415

    swatches = [
        Patch(
            facecolor=colour_label(label, place),
            edgecolor=RULE,
            linewidth=0.4,
            label=words.get(label, label),
        )
        for place, label in enumerate(labels)
    ]
    axes.legend(
        handles=swatches, loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=8,
        handlelength=1.0, handleheight=1.0, columnspacing=1.1, borderaxespad=0.2,
    )  # fmt: skip


def _draw_intervals(
    axes: Axes,
    combined: Sequence[Share],
    groups: Sequence[str],
    words: Mapping[str, str],
    scale: tuple[float, float],
) -> None:
    """A line for every share: its label, a point with its interval, and both in numbers."""
    level, step = scale
    shown = list(dict.fromkeys(part.label for part in combined))
    ticks: list[float] = []
    names: list[str] = []
    for part in (part for part in combined if part.n):
        row = groups.index(part.group) + (shown.index(part.label) - (len(shown) - 1) / 2) * step
        share = 100 * part.events / part.n
        numbers = f"{share:.0f} %"
        if part.low is not None and part.high is not None:
            axes.plot([100 * part.low, 100 * part.high], [row, row], color=INK, lw=1.1)
            numbers += f" ({100 * part.low:.0f}–{100 * part.high:.0f})"
        axes.plot([share], [row], "o", ms=4.5, color=INK, clip_on=False)
        ticks.append(row)
        names.append(shorten(words.get(part.label, part.label), 18))
        axes.text(
            1.06, row, numbers, transform=axes.get_yaxis_transform(), va="center", fontsize=8.5
        )
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.set_yticks(ticks, names, fontsize=8.5)
    axes.tick_params(axis="y", length=0)
    axes.set_xticks([0, 50, 100], ["0", "50", "100 %"])
    axes.set_xlabel(f"Share, {100 * level:g} % interval")
    axes.spines["left"].set_visible(False)
    draw_grid(axes, axis="x")


def _describe(parts: Sequence[Share], words: Mapping[str, str]) -> str:
    """The bars in words: every count."""
    return "; ".join(
        f"{words.get(part.group, part.group)}, {words.get(part.label, part.label)}: "
        f"{part.events} of {part.n}"
        for part in parts
    )
