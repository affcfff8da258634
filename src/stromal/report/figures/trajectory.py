"""A laboratory value of every patient over time, with thresholds across."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import TYPE_CHECKING, Literal

import polars as pl

from stromal.report.figures.canvas import render_svg
from stromal.report.figures.clock import choose_clock
from stromal.report.figures.lettering import count_columns
from stromal.report.figures.palette import INK, MUTED, RULE, colour_label
from stromal.report.words import MINUS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

# Labels are told apart in grey print too.
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_NO_LABEL = "not known"
_LOG_FROM = 15.0
_APART = 0.05
_HEIGHT, _LINE = 3.9, 0.19
_LEGEND = 470.0
"""Width of a line of the legend [pt]."""
_LEAST_OF_A_MEAN = 3


def plot_trajectory(  # noqa: PLR0913 - a picture is asked in one place
    frame: pl.DataFrame,
    *,
    name: str,
    title: str,
    ylabel: str,
    thresholds: Sequence[float] = (),
    since: str = "day 0",
    labels: Mapping[str, str] | None = None,
    colours: Mapping[str, str] | None = None,
    means: Literal["log", "identity"] | None = None,
) -> str:
    """Plot one thin line for each patient, coloured by the patient's label.

    The vertical axis is logarithmic when the largest value is at least fifteen times the smallest
    and all are positive.

    Parameters
    ----------
    frame
        Rows of one analyte: `subject`, `day` [d], `value` in the unit that `ylabel` names, and
        `label`, the patient's response or arm. Rows without a value are left out.
    name
        Prefix of the ids in the picture.
    title
        What the picture shows, for a screen reader.
    ylabel, thresholds, since
        The value with its unit, levels drawn across in that unit, what time is counted from.
    labels
        Labels in words.
    colours
        Colours of labels, in the order of the legend; others take those of groups.
    means
        Draw the mean of each label as a thick line, geometric with `log`, on days with at least
        three of its patients.

    Returns
    -------
    str
        SVG text.

    Examples
    --------
    >>> frame = pl.DataFrame(
    ...     {"subject": ["1", "1"], "day": [0.0, 11.0], "value": [9.0, 51.0], "label": ["R", "R"]}
    ... )
    >>> "R (n = 1)" in plot_trajectory(
    ...     frame, name="p", title="Platelets", ylabel="Platelets", thresholds=(30,)
    ... )
    True
    """
    words = labels or {}
    known = pl.col("label").fill_null(_NO_LABEL).replace("", _NO_LABEL)
    rows = frame.drop_nulls(["day", "value"]).sort("subject", "day").with_columns(known)
    lines = rows.partition_by("subject", maintain_order=True)
    tones = colours or {}
    found = dict.fromkeys(str(own["label"][0]) for own in lines)
    kinds = [*(label for label in tones if label in found), *(k for k in found if k not in tones)]
    counts = dict.fromkeys(kinds, 0)
    for own in lines:
        counts[str(own["label"][0])] += 1
    named = {kind: f"{words.get(kind, kind)} (n = {count})" for kind, count in counts.items()}
    across = count_columns(tuple(named.values()), _LEGEND)
    more = _LINE * max(0, ceil(len(kinds) / across) - 1)
    height = _HEIGHT + more

    def paint(drawing: Drawing) -> None:
        below, tall = 0.14 * _HEIGHT / height, 0.78 * _HEIGHT / height
        axes = drawing.add_axes((0.105, below, 0.8, tall))
        for own in lines:
            kind = str(own["label"][0])
            colour = MUTED if kind == _NO_LABEL else colour_label(kind, tones, kinds.index(kind))
            axes.plot(
                own["day"].to_list(), own["value"].to_list(), color=colour,
                lw=0.7 if means else 1.1, alpha=0.4 if means else 0.85,
                marker=MARKERS[kinds.index(kind) % len(MARKERS)],
                markersize=2.4 if means else 3.4, label="_",
            )  # fmt: skip
        if means:
            _draw_means(axes, rows, kinds, tones, geometric=means == "log")
        _dress(axes, rows, ylabel, since)
        _draw_thresholds(axes, thresholds)
        _write_legend(axes, named, tones, across)

    return render_svg(
        paint,
        name=name,
        title=title,
        description=f"Lines of {len(lines)} patients; thresholds at "
        f"{', '.join(f'{value:g}' for value in thresholds) or 'none'}.",
        height=height,
    )


def _draw_means(
    axes: Axes,
    rows: pl.DataFrame,
    kinds: Sequence[str],
    colours: Mapping[str, str],
    *,
    geometric: bool,
) -> None:
    """Thick lines of the mean of each label over the patients of a day."""
    value = pl.col("value")
    mean = value.log().mean().exp() if geometric else value.mean()
    for place, kind in enumerate(kinds):
        if kind == _NO_LABEL:
            continue
        own = rows.filter(pl.col("label") == kind).with_columns(pl.col("day").round())
        found = own.group_by("day").agg(mean.alias("mean"), pl.col("subject").n_unique())
        found = found.filter(pl.col("subject") >= _LEAST_OF_A_MEAN, pl.col("mean") > 0).sort("day")
        axes.plot(
            found["day"].to_list(), found["mean"].to_list(), lw=2.6, label="_",
            color=colour_label(kind, colours, place), solid_capstyle="round",
        )  # fmt: skip


def _dress(axes: Axes, rows: pl.DataFrame, ylabel: str, since: str) -> None:
    """Labels, limits, and the logarithmic axis where the values span a wide range."""
    low = float(rows["value"].min() or 0)  # type: ignore[arg-type]
    high = float(rows["value"].max() or 0)  # type: ignore[arg-type]
    if low > 0 and high / low >= _LOG_FROM:
        axes.set_yscale("log")
        ticks = [
            step * 10**power
            for power in range(-3, 7)
            for step in (1, 2, 5)
            if low / 1.6 <= step * 10**power <= high * 1.6
        ]
        axes.set_yticks(ticks, [f"{tick:,g}".replace(",", "\u202f") for tick in ticks])
        axes.minorticks_off()
        axes.set_ylim(low / 1.3, high * 1.3)
    else:
        axes.set_ylim(bottom=min(0, low))
    _write_days(axes, rows, since)
    axes.set_ylabel(ylabel)


def _write_days(axes: Axes, rows: pl.DataFrame, since: str) -> None:
    """The time axis from the first value, before day 0 too, to the last one."""
    first = min(float(rows["day"].min() or 0), 0.0)  # type: ignore[arg-type]
    last = max(float(rows["day"].max() or 0), 1.0)  # type: ignore[arg-type]
    clock = choose_clock(max(last, -first))
    step = clock.ticks[1]
    reach = [ceil(first / clock.days / step), floor(last / clock.days / step)]
    ticks = [step * k for k in range(reach[0], reach[1] + 1)]
    names = [f"{tick:g}".replace("-", MINUS) for tick in ticks]
    axes.set_xticks([tick * clock.days for tick in ticks], names)
    margin = 0.03 * (last - first)
    axes.set_xlim(first - margin, last + margin)
    axes.set_xlabel(f"{clock.unit.capitalize()} from {since}")


def _draw_thresholds(axes: Axes, thresholds: Sequence[float]) -> None:
    """Dashed lines across, their values at the right edge, apart from each other."""
    bottom, top = axes.get_ylim()
    below = -1.0
    for value in sorted(thresholds):
        if not bottom <= value <= top:
            continue
        axes.axhline(value, color=INK, lw=0.8, ls=(0, (4, 3)), zorder=0.5)
        height = axes.transAxes.inverted().transform(axes.transData.transform((0, value)))[1]
        below = max(float(height), below + _APART)
        axes.text(
            1.012, below, f"{value:g}", transform=axes.transAxes, va="center", color=INK,
            fontsize=8.5,
        )  # fmt: skip


def _write_legend(
    axes: Axes, named: Mapping[str, str], colours: Mapping[str, str], across: int
) -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415

    lines = [
        Line2D(
            [], [],
            color=MUTED if kind == _NO_LABEL else colour_label(kind, colours, place),
            marker=MARKERS[place % len(MARKERS)], markersize=4, label=label,
        )
        for place, (kind, label) in enumerate(named.items())
    ]  # fmt: skip
    if lines:
        axes.legend(
            handles=lines, loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=across,
            handlelength=1.5, borderaxespad=0.2,
        )  # fmt: skip
    else:
        axes.text(0.5, 0.5, "no values", transform=axes.transAxes, ha="center", color=RULE)
