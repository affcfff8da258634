"""Responses as stacked bars of patients, and proportions with their intervals beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from stromal.report.figures.canvas import draw_grid, render_svg
from stromal.report.figures.curves import name_group
from stromal.report.figures.lettering import SIZE, break_text, fit_text
from stromal.report.figures.palette import INK, MUTED, RULE, colour_label, contrast

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

Share = Mapping[str, Any]
"""A row of the frame: patients of a group with a label."""

_LINE = 0.22
_NAMES, _LABELS = 98.0, 104.0
"""Widths for the names of groups, and for labels beside the intervals [pt]."""


def frame_shares(
    estimates: pl.DataFrame, combined: Sequence[str] = (), order: Sequence[str] = ()
) -> pl.DataFrame:
    """Return the shares of a picture from the estimates of one analysis.

    Labels that no patient of any group has are left out; all patients (no group) come last, labels
    from the best to the worst, combined labels after the others.

    Parameters
    ----------
    estimates
        Rows with `group` (null for all patients), `label`, `events`, `n`, `value`, `low`, `high`.
    combined
        Labels that add others together.
    order
        Labels from the best to the worst; others follow as they come.

    Returns
    -------
    polars.DataFrame
        These columns and `combined`; no row where no single label has a patient.

    Examples
    --------
    >>> rows = pl.DataFrame(
    ...     {"group": [None] * 3, "label": ["NR", "CR", "PR"], "events": [1, 2, 0], "n": [3] * 3,
    ...      "value": [0.33, 0.67, 0.0], "low": [None] * 3, "high": [None] * 3}
    ... )
    >>> frame_shares(rows, order=("CR", "PR", "NR"))["label"].to_list()
    ['CR', 'NR']
    """
    columns = ("group", "label", "events", "n", "value", "low", "high")
    shares = estimates.select(columns).drop_nulls(["label", "events", "n"]).to_dicts()
    present = {share["label"] for share in shares if share["events"]} - set(combined)
    found = [share["label"] for share in shares if share["label"] in present]
    groups = list(dict.fromkeys(share["group"] for share in shares))
    groups.sort(key=lambda group: group is None)
    order = [*(label for label in order if label in found), *found, *combined]
    order = list(dict.fromkeys(order))
    kept = [share for share in shares if share["label"] in order]
    kept.sort(key=lambda share: (groups.index(share["group"]), order.index(share["label"])))
    frame = pl.DataFrame(kept if present else [], schema=estimates.select(columns).schema)
    return frame.with_columns(pl.col("label").is_in(list(combined)).alias("combined"))


def plot_response(
    frame: pl.DataFrame,
    *,
    name: str,
    title: str,
    labels: Mapping[str, str] | None = None,
    level: float = 0.95,
    colours: Mapping[str, str] | None = None,
) -> str:
    """Plot one stacked bar for each group; beside it shares with their intervals.

    Parameters
    ----------
    frame
        One row for each group and label, in the order of the stack: `group` (null for all
        patients), `label`, `events` of `n` patients, `low` and `high` of the share [1], and
        `combined`: true where the label adds others together and has no part of the bar. Shares
        without an interval have no place beside the bars.
    name
        Prefix of the ids in the picture.
    title
        What the picture shows, for a screen reader.
    labels
        Groups and labels in words.
    level
        Level of the intervals.
    colours
        Colours of labels; others take those of groups.

    Returns
    -------
    str
        SVG text.

    Examples
    --------
    >>> frame = pl.DataFrame(
    ...     {"group": [None, None], "label": ["CR", "NR"], "events": [18, 14], "n": [32, 32],
    ...      "low": [0.38, 0.26], "high": [0.74, 0.62], "combined": [False, False]}
    ... )
    >>> "56 % (38–74)" in plot_response(frame, name="cr", title="Response")
    True
    """
    words = labels or {}
    parts = frame.filter(~pl.col("combined")).to_dicts()
    beside = frame.drop_nulls(["low", "high"]).to_dicts()
    groups = frame["group"].unique(maintain_order=True).to_list()
    shown = list(dict.fromkeys(part["label"] for part in beside))
    rows = max(len(groups), 1)
    tall = max(0.6, _LINE * len(shown) + 0.2)
    height = 0.9 + rows * tall

    def paint(drawing: Drawing) -> None:
        base, part = 0.55 / height, rows * tall / height
        width = 0.27 if shown else 0.76
        bars = drawing.add_axes((0.2, base, width, part))
        _draw_bars(bars, parts, groups, (words, colours or {}), 0.56 * 0.6 / tall)
        if shown:
            right = drawing.add_axes((0.685, base, 0.16, part))
            _draw_intervals(right, beside, groups, words, (level, _LINE / tall))

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
    groups: Sequence[str | None],
    style: tuple[Mapping[str, str], Mapping[str, str]],
    thick: float,
) -> None:
    """Stacked bars in per cent of the group with the number of patients in every segment."""
    words, colours = style
    labels = list(dict.fromkeys(part["label"] for part in parts))
    for row, group in enumerate(groups):
        left = 0.0
        for part in (part for part in parts if part["group"] == group and part["n"]):
            width = 100 * part["events"] / part["n"]
            colour = colour_label(part["label"], colours, labels.index(part["label"]))
            axes.barh(row, width, left=left, height=thick, color=colour, edgecolor="white", lw=0.8)
            if part["events"] and width >= 7:
                axes.text(
                    left + width / 2, row, str(part["events"]), ha="center", va="center",
                    color=contrast(colour),
                )  # fmt: skip
            left += width
        if not left:
            axes.text(1, row, "no patients", va="center", color=MUTED)
    sizes = {part["group"]: part["n"] for part in parts}
    lines = [break_text(name_group(group, words), _NAMES, most=3) for group in groups]
    names = [
        "\n".join([*own, f"n = {sizes.get(group, 0)}"])
        for own, group in zip(lines, groups, strict=True)
    ]
    axes.set_yticks(range(len(groups)), names, fontsize=SIZE)
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.set_xticks([0, 25, 50, 75, 100], ["0", "25", "50", "75", "100 %"])
    axes.set_xlabel("Share of patients")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    _write_legend(axes, labels, words, colours)


def _write_legend(
    axes: Axes, labels: Sequence[str], words: Mapping[str, str], colours: Mapping[str, str]
) -> None:
    from matplotlib.patches import Patch  # noqa: PLC0415

    swatches = [
        Patch(
            facecolor=colour_label(label, colours, place),
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
    shares: Sequence[Share],
    groups: Sequence[str | None],
    words: Mapping[str, str],
    scale: tuple[float, float],
) -> None:
    """A line for every share: its label, a point with its interval, and both in numbers."""
    level, step = scale
    shown = list(dict.fromkeys(part["label"] for part in shares))
    ticks: list[float] = []
    names: list[str] = []
    for part in (part for part in shares if part["n"]):
        place = shown.index(part["label"]) - (len(shown) - 1) / 2
        row = groups.index(part["group"]) + place * step
        share = 100 * part["events"] / part["n"]
        low, high = 100 * part["low"], 100 * part["high"]
        numbers = f"{share:.0f} % ({low:.0f}–{high:.0f})"
        axes.plot([low, high], [row, row], color=INK, lw=1.1)
        axes.plot([share], [row], "o", ms=4.5, color=INK, clip_on=False)
        ticks.append(row)
        names.append(fit_text(words.get(part["label"], part["label"]), _LABELS))
        axes.text(
            1.06, row, numbers, transform=axes.get_yaxis_transform(), va="center", fontsize=8.5
        )
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.set_yticks(ticks, names, fontsize=SIZE)
    axes.tick_params(axis="y", length=0, pad=7)
    axes.set_xticks([0, 50, 100], ["0", "50", "100 %"])
    axes.set_xlabel(f"Share, {100 * level:g} % interval")
    axes.spines["left"].set_visible(False)
    draw_grid(axes, axis="x")


def _describe(parts: Sequence[Share], words: Mapping[str, str]) -> str:
    """The bars in words: every count."""
    return "; ".join(
        f"{name_group(part['group'], words)}, {words.get(part['label'], part['label'])}: "
        f"{part['events']} of {part['n']}"
        for part in parts
    )
