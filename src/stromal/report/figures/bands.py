"""Courses of many simulated patients: medians and bands over thin single lines, panel by panel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

import polars as pl

from stromal.report.figures.canvas import draw_grid, render_svg
from stromal.report.figures.clock import choose_clock
from stromal.report.figures.palette import FAINT, INK, MUTED, colour_group
from stromal.report.figures.survival import wrap_label
from stromal.report.words import MINUS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

HOURS_UNTIL = 4.0
"""Days that are read in hours."""

_MARKERS = ("v", "D", "s", "P", "X")
_LOG_FROM = 15.0
_DECADES = 1e-4
_COLUMNS = 2
_LINE = 0.19
_PANEL, _STRIP, _HEAD, _FOOT, _GAP = 1.75, 0.24, 0.3, 0.5, 0.22


@dataclass(frozen=True, slots=True)
class Courses:
    """What a picture of courses shows.

    Parameters
    ----------
    bands
        A row for each `panel`, `series` and `day` [d]: `median`, `low` and `high` (9 of 10
        patients), `lower` and `upper` (half of them), `n`.
    lines
        Single patients: `panel`, `series`, `subject`, `day`, `value`.
    marks
        What was done to them, on their lines: `panel`, `series`, `event`, `day`, `value`.
    shares
        Share of patients with an event in a span of days: `panel`, `event`, `day`, `until`,
        `share` [1].
    """

    bands: pl.DataFrame
    lines: pl.DataFrame
    marks: pl.DataFrame = field(default_factory=pl.DataFrame)
    shares: pl.DataFrame = field(default_factory=pl.DataFrame)


@dataclass(frozen=True, slots=True)
class Look:
    """How courses are drawn: words of panels, series and events, levels across, and axes."""

    titles: Mapping[str, str]
    series: Mapping[str, str]
    events: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    thresholds: tuple[float, ...] = ()
    since: str = "day 0"
    axis: str | None = None


def plot_bands(courses: Courses, look: Look, *, name: str, title: str) -> str:
    """Plot courses, a panel beside the other, two in a row.

    Parameters
    ----------
    courses
        What is shown.
    look
        How it is shown. Values that span a wide range have a logarithmic axis, if `axis` says
        nothing else; one of four decades at most.
    name, title
        Prefix of the ids in the picture, and what it shows, for a screen reader.

    Returns
    -------
    str
        SVG text.

    Examples
    --------
    >>> bands = pl.DataFrame(
    ...     {"panel": ["a"] * 2, "series": ["a"] * 2, "day": [0.0, 7.0], "n": [9, 9],
    ...      "low": [1.0, 2.0], "lower": [2.0, 3.0], "median": [3.0, 4.0], "upper": [4.0, 5.0],
    ...      "high": [5.0, 6.0]}
    ... )
    >>> look = Look({"a": "MSC"}, {"a": "MSC"}, units={"a": "Platelets"})
    >>> "MSC" in plot_bands(Courses(bands, pl.DataFrame()), look, name="p", title="Platelets")
    True
    """
    panels = list(look.titles)
    columns = min(_COLUMNS, len(panels))
    rows = ceil(len(panels) / columns)
    head = _HEAD + _LINE * _count_series_lines(look)
    over = _LINE * any("\n" in _wrap(title, columns) for title in look.titles.values())
    tall = _PANEL + _GAP + over + _STRIP * len(look.events) + (0.1 if look.events else 0.0)
    height = head + rows * (tall + _HEAD) + _FOOT

    def paint(drawing: Drawing) -> None:
        span = _find_span(courses.bands)
        shared = _find_limits(courses.bands, look) if _is_one_scale(look) else None
        for place, panel in enumerate(panels):
            row, column = divmod(place, columns)
            top = height - head - row * (tall + _HEAD) - _HEAD - over
            box = (
                _left(column, columns),
                (top - _PANEL) / height,
                _width(columns),
                _PANEL / height,
            )
            axes = drawing.add_axes(box)
            limits = shared or _find_limits(_of(courses.bands, panel), look)
            _draw_panel(axes, courses, look, (panel, limits))
            lowest = place + columns >= len(panels)
            _set_days(axes, span, look, (not look.events, lowest and not look.events))
            axes.set_ylabel(look.units.get(panel, "") if column == 0 or not shared else "")
            _draw_strips(drawing, courses.shares, look, (panel, box, height, span), lowest=lowest)
        _write_legend(drawing, courses, look, height)

    return render_svg(
        paint, name=name, title=title, description=_describe(courses, look), height=height
    )


def _wrap(title: str, columns: int) -> str:
    return wrap_label(title, 96 // columns - 4)


def _left(column: int, columns: int) -> float:
    return 0.105 + column * (_width(columns) + 0.075)


def _width(columns: int) -> float:
    return 0.85 if columns == 1 else 0.375


def _of(frame: pl.DataFrame, panel: str) -> pl.DataFrame:
    return frame.filter(pl.col("panel") == panel) if frame.width else frame


def _is_one_scale(look: Look) -> bool:
    """Tell whether panels show one quantity, so that they are read on one scale."""
    return len(set(look.units.values())) == 1


def _find_span(bands: pl.DataFrame) -> tuple[float, float]:
    first, last = bands["day"].min(), bands["day"].max()
    return float(first or 0), float(last or 0)  # type: ignore[arg-type]


def _find_limits(bands: pl.DataFrame, look: Look) -> tuple[float, float, bool]:
    """Return the ends of the vertical axis, and whether it is logarithmic."""
    levels = _levels_of(bands["high"], look)
    top = max(levels) or 1.0
    least = bands.select(
        pl.min_horizontal("low", "median").filter(pl.col("median") > 0)
    ).to_series()
    positive = [
        value for value in [*least.to_list(), *look.thresholds] if value is not None and value > 0
    ]
    bottom = min(positive, default=top)
    wide = top / bottom >= _LOG_FROM and not any(value < 0 for value in levels)
    if look.axis == "log" or (look.axis is None and wide):
        return max(bottom, top * _DECADES) / 1.3, top * 1.3, True
    lowest = min(_levels_of(bands["low"], look))
    start = 0.85 * lowest if lowest > top / 3 else min(0.0, lowest)
    return start, top * 1.06, False


def _levels_of(values: pl.Series, look: Look) -> list[float]:
    """Return the values and thresholds that an axis has to reach; 0 where there are none."""
    return [*look.thresholds, *values.drop_nulls().to_list()] or [0.0]


def _draw_panel(
    axes: Axes, courses: Courses, look: Look, where: tuple[str, tuple[float, float, bool]]
) -> None:
    """Bands, thin lines, medians, levels and marks of one panel."""
    panel, (low, high, logarithmic) = where
    if logarithmic:
        axes.set_yscale("log")
        axes.minorticks_off()
    axes.set_ylim(low, high)
    _write_levels(axes, (low, high, logarithmic))
    draw_grid(axes)
    order = list(look.series)
    for own in _of(courses.bands, panel).partition_by("series", maintain_order=True):
        place = order.index(own["series"][0])
        tone, days = colour_group(place), own["day"].to_list()
        for lower, upper, shade in (("low", "high", 0.13), ("lower", "upper", 0.22)):
            floor = own[lower].clip(low, None).to_list() if logarithmic else own[lower].to_list()
            axes.fill_between(days, floor, own[upper].to_list(), color=tone, alpha=shade, lw=0)
        axes.plot(days, own["median"].to_list(), color=tone, lw=1.9, zorder=4)
    singles = _of(courses.lines, panel)
    for own in (
        singles.partition_by("series", "subject", maintain_order=True) if singles.width else ()
    ):
        tone = colour_group(order.index(own["series"][0]))
        axes.plot(own["day"].to_list(), own["value"].to_list(), color=tone, lw=0.5, alpha=0.55)
    for value in look.thresholds:
        axes.axhline(value, color=INK, lw=0.8, ls=(0, (4, 3)), zorder=3)
        axes.text(
            1.01, value, f"{value:g}", transform=axes.get_yaxis_transform(), va="center", fontsize=8
        )
    marks = _of(courses.marks, panel)
    for place, event in enumerate(look.events if marks.width else ()):
        own = marks.filter(pl.col("event") == event)
        axes.plot(
            own["day"].to_list(), own["value"].to_list(), _MARKERS[place % len(_MARKERS)],
            color=INK, ms=2.6, mew=0, zorder=5, clip_on=True,
        )  # fmt: skip
    axes.set_title(_wrap(look.titles[panel], min(_COLUMNS, len(look.titles))), fontsize=8.5)


def _write_levels(axes: Axes, limits: tuple[float, float, bool]) -> None:
    """Ticks of a logarithmic axis, in plain numbers where they are not too many."""
    low, high, logarithmic = limits
    if not logarithmic:
        return
    steps = (1, 2, 5) if high / low < 200 else (1,)
    ticks = [
        step * 10.0**power
        for power in range(-9, 10)
        for step in steps
        if low <= step * 10.0**power <= high
    ]
    names = [
        f"{tick:,g}".replace(",", "\u202f") if tick >= 1e-4 else f"{tick:.0e}" for tick in ticks
    ]
    axes.set_yticks(ticks, names)


def _set_days(axes: Axes, span: tuple[float, float], look: Look, shown: tuple[bool, bool]) -> None:
    """The time axis in hours, days or longer; `shown`: whether it has numbers, and words."""
    first, end = span
    if end - first <= HOURS_UNTIL:
        unit, days, begin = "Hours", 1 / 24, first
        steps = (1, 2, 3, 6, 12, 24)
        step = next((one for one in steps if (end - first) * 24 / one <= 8), 24)
        ticks = [step * k for k in range(int((end - first) * 24 / step + 1e-9) + 1)]
        since = f"day {first:g}" if first else look.since
    else:
        clock = choose_clock(max(end, -first), most=6)
        unit, days, begin, since = clock.unit.capitalize(), clock.days, 0.0, look.since
        step = int(clock.ticks[1])
        ticks = [step * k for k in range(ceil(first / days / step), int(end / days / step) + 1)]
    axes.set_xlim(first - 0.01 * (end - first), end + 0.01 * (end - first))
    names = [f"{tick:g}".replace("-", MINUS) for tick in ticks]
    axes.set_xticks([begin + tick * days for tick in ticks], names if shown[0] else [])
    if shown[1]:
        axes.set_xlabel(f"{unit} from {since}")


def _draw_strips(
    drawing: Drawing,
    shares: pl.DataFrame,
    look: Look,
    where: tuple[str, tuple[float, float, float, float], float, tuple[float, float]],
    *,
    lowest: bool,
) -> None:
    """Below a panel, a row for each event: the share of patients who have it, as bars."""
    panel, (left, bottom, width, _), height, span = where
    for place, (event, word) in enumerate(look.events.items()):
        low = bottom - (0.1 + (place + 1) * _STRIP) / height
        axes = drawing.add_axes((left, low, width, (_STRIP - 0.06) / height))
        every = shares.filter(pl.col("event") == event) if shares.width else shares
        own = _of(every, panel)
        if own.height:
            wide = (own["until"] - own["day"]).to_list()
            axes.bar(own["day"].to_list(), own["share"].to_list(), wide, align="edge", color=MUTED)
        axes.set_ylim(0, 1.05 * _most(every) or 1.0)
        axes.set_yticks([])
        axes.set_facecolor("#f4f6f6")
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
        told = f"{word}, ≤ {100 * _most(own):.0f} %"
        axes.text(
            0.99, 0.5, told, transform=axes.transAxes, ha="right", va="center", fontsize=7.5,
            bbox={"facecolor": FAINT, "alpha": 0.85, "pad": 1.2, "linewidth": 0},
        )  # fmt: skip
        last = place == len(look.events) - 1
        _set_days(axes, span, look, (last, last and lowest))


def _most(shares: pl.DataFrame) -> float:
    """Return the largest share; 0 where there is none."""
    return float(shares["share"].max() or 0) if shares.height else 0.0  # type: ignore[arg-type]


def _write_legend(drawing: Drawing, courses: Courses, look: Look, height: float) -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415
    from matplotlib.patches import Patch  # noqa: PLC0415

    tone = INK if len(look.series) > 1 else colour_group(0)
    lines = _count_series_lines(look)
    if lines:
        named = [
            Line2D([], [], color=colour_group(place), lw=1.9, label=word)
            for place, word in enumerate(look.series.values())
        ]
        drawing.legend(
            handles=named, loc="upper left", bbox_to_anchor=(0.095, 1 - 0.02 / height), ncols=2,
            handlelength=1.3, columnspacing=1.4, borderaxespad=0.1, fontsize=8,
        )  # fmt: skip
    parts: list[Line2D | Patch] = []
    parts.append(Line2D([], [], color=tone, lw=1.9, label="median"))
    parts.append(Patch(facecolor=tone, alpha=0.35, label="half"))
    parts.append(Patch(facecolor=tone, alpha=0.13, label="90 %"))
    parts.append(Line2D([], [], color=tone, lw=0.5, label="a patient"))
    if courses.marks.width:
        found = set(courses.marks["event"].to_list())
        parts += [
            Line2D(
                [], [], color=INK, lw=0, ms=3.6, mew=0, label=word,
                marker=_MARKERS[place % len(_MARKERS)],
            )
            for place, (event, word) in enumerate(look.events.items())
            if event in found
        ]  # fmt: skip
    top = 1 - (0.04 + _LINE * lines) / height
    drawing.legend(
        handles=parts, loc="upper left", bbox_to_anchor=(0.095, top), ncols=7,
        handlelength=1.3, columnspacing=1.1, borderaxespad=0.1, fontsize=8,
    )  # fmt: skip


def _count_series_lines(look: Look) -> int:
    """Return the lines of the legend that name series; panels that are series name themselves."""
    return 0 if set(look.series) == set(look.titles) else ceil(len(look.series) / 2)


def _describe(courses: Courses, look: Look) -> str:
    """Where each median begins and ends, for who does not see the picture."""
    said = []
    for own in courses.bands.partition_by("panel", "series", maintain_order=True):
        known = own.drop_nulls("median")
        if known.is_empty():
            continue
        panel, series = own["panel"][0], own["series"][0]
        first, last = known.row(0, named=True), known.row(-1, named=True)
        where = (
            look.titles[panel]
            if panel == series
            else f"{look.titles[panel]}, {look.series[series]}"
        )
        said.append(
            f"{where}: median {first['median']:.3g} on day {first['day']:g} and "
            f"{last['median']:.3g} on day {last['day']:g}"
        )
    return "; ".join(said) or "No values."
