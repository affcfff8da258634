"""Responses as stacked bars of patients, and proportions with their intervals beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stromal.report.figures.canvas import draw_grid, render_svg
from stromal.report.figures.palette import INK, MUTED, RULE, colour_label, contrast
from stromal.report.figures.survival import wrap_label

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
    lines = max(len(shown), 1)
    height = 1.15 + rows * max(0.6, 0.27 * lines + 0.12)

    def paint(drawing: Drawing) -> None:
        grid = drawing.add_gridspec(
            1, 2, width_ratios=[1.25, 1], left=0.19, right=0.97, top=1 - 0.5 / height,
            bottom=0.5 / height, wspace=0.16,
        )  # fmt: skip
        bars = drawing.add_subplot(grid[0])
        _draw_bars(bars, parts, groups, words)
        _draw_intervals(drawing.add_subplot(grid[1]), combined, groups, words, level)

    return render_svg(
        paint,
        name=name,
        title=title,
        description=_describe(parts, words),
        height=height,
    )


def _draw_bars(
    axes: Axes, parts: Sequence[Share], groups: Sequence[str], words: Mapping[str, str]
) -> None:
    """Stacked bars in per cent of the group with the number of patients in every segment."""
    labels = list(dict.fromkeys(part.label for part in parts))
    for row, group in enumerate(groups):
        left = 0.0
        for part in (part for part in parts if part.group == group and part.n):
            width = 100 * part.events / part.n
            colour = colour_label(part.label, labels.index(part.label))
            axes.barh(row, width, left=left, height=0.56, color=colour, edgecolor="white", lw=0.8)
            if part.events and width >= 3.5:
                axes.text(
                    left + width / 2, row, str(part.events), ha="center", va="center",
                    color=contrast(colour),
                )  # fmt: skip
            left += width
        if not left:
            axes.text(1, row, "no patients", va="center", color=MUTED)
    sizes = {part.group: part.n for part in parts}
    names = [f"{wrap_label(words.get(g, g), 19)}\nn = {sizes.get(g, 0)}" for g in groups]
    axes.set_yticks(range(len(groups)), names)
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.set_xticks([0, 25, 50, 75, 100], ["0", "25", "50", "75", "100 %"])
    axes.set_xlabel("Patients")
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
        handles=swatches, loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=6,
        handlelength=1.0, handleheight=1.0, columnspacing=1.1, borderaxespad=0.2,
    )  # fmt: skip


def _draw_intervals(
    axes: Axes,
    combined: Sequence[Share],
    groups: Sequence[str],
    words: Mapping[str, str],
    level: float,
) -> None:
    """A point with its interval for every combined share, with its numbers in words."""
    shown = list(dict.fromkeys(part.label for part in combined))
    lines = max(len(shown), 1)
    for part in (part for part in combined if part.n):
        place = shown.index(part.label)
        row = groups.index(part.group) + (place - (len(shown) - 1) / 2) * 0.84 / lines + 0.05
        share = 100 * part.events / part.n
        if part.low is not None and part.high is not None:
            axes.plot([100 * part.low, 100 * part.high], [row, row], color=INK, lw=1.1)
        axes.plot([share], [row], "o", ms=4.5, color=INK, clip_on=False)
        right = share > 50
        place_of_text = (part.high if right else part.low) or part.events / part.n
        axes.text(
            100 * place_of_text,
            row - (0.22 if lines == 1 else 0.34 / lines),
            f"{words.get(part.label, part.label)} {share:.0f} %",
            ha="right" if right else "left",
            va="center",
            fontsize=7.5,
            color=MUTED,
        )
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.set_yticks([])
    axes.set_xticks([0, 25, 50, 75, 100], ["0", "25", "50", "75", "100 %"])
    axes.set_xlabel(f"Share and {100 * level:g} % interval")
    axes.spines["left"].set_visible(False)
    draw_grid(axes, axis="x")


def _describe(parts: Sequence[Share], words: Mapping[str, str]) -> str:
    """The bars in words: every count."""
    return "; ".join(
        f"{words.get(part.group, part.group)}, {words.get(part.label, part.label)}: "
        f"{part.events} of {part.n}"
        for part in parts
    )
