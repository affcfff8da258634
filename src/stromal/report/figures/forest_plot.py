"""Forest plots: studies with descriptors beside squares and intervals, pooled effects below."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, sqrt
from typing import TYPE_CHECKING, Any

from stromal.report.figures.canvas import WIDE, render_svg
from stromal.report.figures.effect_axis import choose_axis, place_effect
from stromal.report.figures.forest import (
    NOT_ESTIMABLE,
    UNPOOLED,
    Forest,
    ForestLine,
    list_lines,
    name_unit,
    write_effect,
    write_interval,
)
from stromal.report.figures.forest_layout import (
    HEIGHTS,
    ForestLayout,
    Place,
    lay_out_forest,
    write_weight,
)
from stromal.report.figures.lettering import SIZE, fit_name, fit_text
from stromal.report.figures.palette import ACCENT, FAINT, INK, MUTED, RULE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

WIDTH = WIDE * 72
LARGEST, LEAST = 10.0, 2.0
"""Side of the largest square, and of the smallest one that can be seen [pt]."""
_SQUARE = "#5d97a1"
_FOOT = 44.0


def plot_forest(forest: Forest, *, name: str, title: str) -> str:
    """Plot studies as squares with intervals, pooled effects as diamonds; all of it in words too.

    The area of a square goes with the weight of its study. A diamond spans its interval and is
    widest at its value; that of the common effect is hollow. The bar below is the prediction
    interval. Intervals that leave the axis end in arrows. A study that cannot be estimated keeps
    its line, with the reason; the square of a number that is shown and not pooled is hollow.

    Parameters
    ----------
    forest
        What is shown.
    name
        Prefix of the ids in the picture.
    title
        What the picture shows, for a screen reader.

    Returns
    -------
    str
        SVG text.

    Examples
    --------
    >>> from stromal.report.figures.forest import ForestRow
    >>> rows = (ForestRow("Chen 2015", value=0.68, low=0.63, high=0.73, weight=1.0),)
    >>> "68" in plot_forest(Forest("Response", rows), name="f", title="Response")
    True
    """
    lines = list_lines(forest)
    layout = lay_out_forest(forest, lines, WIDTH)
    height = layout.head + sum(HEIGHTS[line.kind] for line in lines) + _FOOT

    def paint(drawing: Drawing) -> None:
        axes = open_sheet(drawing, WIDTH, height)
        _Painter(axes, forest, lines, layout).paint()

    return render_svg(
        paint,
        name=name,
        title=title,
        description=describe_forest(forest),
        height=height / 72,
        width=WIDE,
    )


def open_sheet(drawing: Drawing, width: float, height: float) -> Axes:
    """Return axes that cover the picture, counted in points from the top left corner."""
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.set_axis_off()
    return axes


def size_square(weight: float | None, heaviest: float) -> float:
    """Return the side of a square [pt] whose area goes with the weight.

    Examples
    --------
    >>> size_square(8.0, 8.0), size_square(2.0, 8.0), size_square(None, 8.0)
    (10.0, 5.0, 4.0)
    """
    if weight is None or heaviest <= 0:
        return 4.0
    return max(LARGEST * sqrt(weight / heaviest), LEAST)


class _Painter:
    """Draws a forest plot line by line; lengths are points from the top left corner."""

    def __init__(
        self, axes: Axes, forest: Forest, lines: Sequence[ForestLine], layout: ForestLayout
    ) -> None:
        self.axes, self.forest, self.lines, self.layout = axes, forest, lines, layout
        self.axis = choose_axis(list(_list_places(forest)), forest.scale)
        self.ground = "white"
        self.heaviest = max((line.weight or 0.0 for line in lines), default=0.0)
        self.bottom = layout.head + sum(HEIGHTS[line.kind] for line in lines)

    def paint(self) -> None:
        self._write_head()
        self._rule_plot()
        top, striped = self.layout.head, False
        for line in self.lines:
            height = HEIGHTS[line.kind]
            striped = not striped if line.kind == "study" else False
            if striped:
                self._fill(0, top, WIDTH, height)
            self.ground = FAINT if striped else "white"
            self._draw_line(line, top + height / 2)
            top += height
        self._draw_axis()

    def at(self, place: float) -> float:
        """Where a place of the axis lies [pt]; beyond its ends, at the nearer one."""
        plot, axis = self.layout.plot, self.axis
        return plot.left + plot.width * (axis.clip(place) - axis.low) / (axis.high - axis.low)

    def of(self, value: float) -> float:
        """Where a value lies [pt]."""
        return self.at(place_effect(value, self.forest.scale))

    def _fill(self, x: float, y: float, width: float, height: float) -> None:
        from matplotlib.patches import Rectangle  # noqa: PLC0415

        self.axes.add_patch(Rectangle((x, y), width, height, facecolor=FAINT, zorder=0))

    def _write(self, x: float, y: float, text: str, **how: Any) -> None:  # noqa: ANN401 - matplotlib
        style = {"va": "center", "ha": "left", "fontsize": SIZE, "color": INK, **how}
        self.axes.text(x, y, text, zorder=4, **style)

    def _write_in(self, place: Place, y: float, text: str, **how: Any) -> None:  # noqa: ANN401
        """Text in a column, cut where it is too wide for it."""
        text = fit_text(text, place.width + 1.0, bold=how.get("weight") == "bold")
        if place.numeric:
            self._write(place.right, y, text, ha="right", **how)
        else:
            self._write(place.left, y, text, **how)

    def _write_head(self) -> None:
        head = self.layout.head
        for place in (*self.layout.texts, self.layout.weight):
            self._write_heading(place, place.right if place.numeric else place.left)
        self._write_heading(self.layout.value, self.layout.interval.right)
        self.axes.plot([0, WIDTH], [head - 1.5, head - 1.5], color=INK, lw=0.9, zorder=3)

    def _write_heading(self, place: Place, x: float) -> None:
        for row, words in enumerate(reversed(place.heading)):
            y = self.layout.head - 8.5 - row * SIZE * 1.25
            ha = "right" if place.numeric else "left"
            self._write(x, y, words, ha=ha, weight="bold", color=MUTED)

    def _rule_plot(self) -> None:
        """Lines behind the data: no effect, and the pooled effect of all."""
        top, bottom = self.layout.head, self.bottom
        null = self.forest.null
        if null is not None:
            x = self.of(null)
            self.axes.plot([x, x], [top, bottom], color=MUTED, lw=0.8, zorder=1)
        whole = [pool for pool in self.forest.pools if not pool.group and pool.value is not None]
        for pool in whole[:1]:
            x = self.of(pool.value if pool.value is not None else 0.0)
            self.axes.plot([x, x], [top, bottom], color=ACCENT, lw=0.8, ls=(0, (3, 2)), zorder=1)

    def _draw_line(self, line: ForestLine, y: float) -> None:
        left = self.layout.texts[0].left
        if line.kind == "group":
            self._write_across(left, y + 1.5, line.text, weight="bold")
        elif line.kind == "note":
            self._write_across(left, y - 1.0, line.text, color=MUTED, fontsize=SIZE - 0.5)
        elif line.row is not None:
            self._draw_study(line, y)
        else:
            self._draw_pool(line, y)

    def _write_across(self, x: float, y: float, text: str, **how: Any) -> None:  # noqa: ANN401
        """Text from the left edge to that of the plot; a note may run on under the plot."""
        size = how.get("fontsize", SIZE)
        end = WIDTH if how.get("color") == MUTED else self.layout.plot.left - 6.0
        bold = how.get("weight") == "bold"
        text = fit_text(text, end - x, size, bold=bold)
        if how.get("color") == MUTED:
            how["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
        self._write(x, y, text, **how)

    def _draw_study(self, line: ForestLine, y: float) -> None:
        row = line.row
        assert row is not None  # noqa: S101  (only such lines come here)
        named, *others = self.layout.texts
        self._write(named.left, y, fit_name(row.label, named.width + 1.0))
        for place, cell in zip(others, row.cells, strict=True):
            self._write_in(place, y, cell)
        if row.value is None:
            self._write_reason(row.reason, y)
            return
        if row.low is not None and row.high is not None:
            self._draw_interval(row.low, row.high, y)
        side = size_square(line.weight, self.heaviest)
        unpooled = bool(row.reason)
        if self._is_shown(row.value):
            self._square(self.of(row.value), y, side, hollow=unpooled)
        self._write_in(self.layout.value, y, write_effect(row.value, self.forest))
        ends = write_interval((row.low, row.high), self.forest) or UNPOOLED * unpooled
        self._write_in(self.layout.interval, y, ends, color=INK if row.low is not None else MUTED)
        self._write_in(self.layout.weight, y, write_weight(line.weight))

    def _write_reason(self, reason: str, y: float) -> None:
        """Why there is no effect, where the effect would be; the lines behind it are covered."""
        text = f"{NOT_ESTIMABLE}: {reason}" if reason else NOT_ESTIMABLE
        left, right = self.layout.plot.left, self.layout.interval.right
        ground = {"facecolor": self.ground, "edgecolor": "none", "pad": 0.5}
        self._write(left, y, fit_text(text, right - left), color=MUTED, bbox=ground)

    def _is_shown(self, value: float) -> bool:
        place = place_effect(value, self.forest.scale)
        return self.axis.low - 1e-9 <= place <= self.axis.high + 1e-9

    def _square(self, x: float, y: float, side: float, *, hollow: bool) -> None:
        from matplotlib.patches import Rectangle  # noqa: PLC0415

        face = {"facecolor": "white", "edgecolor": _SQUARE, "linewidth": 0.9}
        style: dict[str, Any] = face if hollow else {"facecolor": _SQUARE}
        corner = (x - side / 2, y - side / 2)
        self.axes.add_patch(Rectangle(corner, side, side, zorder=2, **style))

    def _draw_interval(self, low: float, high: float, y: float) -> None:
        """A line from end to end; an end beyond the axis is an arrow."""
        ends = [place_effect(end, self.forest.scale) for end in (low, high)]
        x = [self.at(end) for end in ends]
        self.axes.plot(x, [y, y], color=INK, lw=1.0, zorder=3)
        if ends[0] < self.axis.low - 1e-9:
            self._arrow(x[0], y, -1)
        if ends[1] > self.axis.high + 1e-9:
            self._arrow(x[1], y, 1)

    def _arrow(self, x: float, y: float, sign: int) -> None:
        points = [(x + 2.0 * sign, y), (x - 2.5 * sign, y - 2.6), (x - 2.5 * sign, y + 2.6)]
        self._polygon(points, facecolor=INK)

    def _polygon(self, points: Sequence[tuple[float, float]], **how: Any) -> None:  # noqa: ANN401
        from matplotlib.patches import Polygon  # noqa: PLC0415

        self.axes.add_patch(Polygon(list(points), closed=True, zorder=3, **how))

    def _draw_pool(self, line: ForestLine, y: float) -> None:
        pool = line.pool
        assert pool is not None  # noqa: S101  (only such lines come here)
        predicted = line.kind == "prediction"
        weight = "normal" if predicted else "bold"
        left, edge = self.layout.texts[0].left, self.layout.plot.left - 6.0
        self._write(left, y, fit_text(line.text, edge - left, bold=not predicted), weight=weight)
        if predicted and pool.prediction is not None:
            self._draw_prediction(pool.prediction, y)
            text = write_interval(pool.prediction, self.forest)
            self._write_in(self.layout.interval, y, text)
            return
        if pool.value is None:
            self._write_reason("", y)
            return
        if pool.low is not None and pool.high is not None:
            hollow = pool.kind == "common"
            face = {"facecolor": "white" if hollow else ACCENT, "edgecolor": ACCENT, "lw": 1.0}
            self._polygon(self._diamond(pool.low, pool.value, pool.high, y), **face)
        self._write_in(self.layout.value, y, write_effect(pool.value, self.forest), weight="bold")
        interval = write_interval((pool.low, pool.high), self.forest)
        self._write_in(self.layout.interval, y, interval, weight="bold")

    def _diamond(
        self, low: float, value: float, high: float, y: float
    ) -> list[tuple[float, float]]:
        return [
            (self.of(low), y), (self.of(value), y - 4.6), (self.of(high), y),
            (self.of(value), y + 4.6),
        ]  # fmt: skip

    def _draw_prediction(self, ends: tuple[float, float], y: float) -> None:
        places = [place_effect(end, self.forest.scale) for end in ends]
        x = [self.at(place) for place in places]
        self.axes.plot(x, [y, y], color=ACCENT, lw=3.2, alpha=0.45, zorder=2)
        for place, edge in zip(places, x, strict=True):
            if abs(self.axis.clip(place) - place) < 1e-9:
                self.axes.plot([edge, edge], [y - 3.2, y + 3.2], color=ACCENT, lw=1.0, zorder=3)

    def _draw_axis(self) -> None:
        bottom, plot = self.bottom + 2.0, self.layout.plot
        self.axes.plot([0, WIDTH], [bottom, bottom], color=RULE, lw=0.7, zorder=1)
        self.axes.plot([plot.left, plot.right], [bottom, bottom], color=MUTED, lw=0.8, zorder=3)
        for place, label in self.axis.ticks:
            x = self.at(place)
            self.axes.plot([x, x], [bottom, bottom + 3.0], color=MUTED, lw=0.8, zorder=3)
            self._write(x, bottom + 9.0, label, ha="center")
        middle = (plot.left + plot.right) / 2
        name = _name_axis(self.forest)
        if self.forest.favours is None:
            self._write(middle, bottom + 22.0, name, ha="center", color=MUTED)
            return
        null = self.of(self.forest.null or 0.0)
        less, more = self.forest.favours
        room = (null - 5.0 - self.layout.texts[0].left, WIDTH - null - 5.0)
        self._write(null - 5.0, bottom + 21.0, fit_text(f"← {less}", room[0]), ha="right")
        self._write(null + 5.0, bottom + 21.0, fit_text(f"{more} →", room[1]))
        self._write(middle, bottom + 34.0, name, ha="center", color=MUTED)


def _name_axis(forest: Forest) -> str:
    """What the axis counts, with its unit."""
    if forest.scale == "ratio":
        return f"{forest.measure}, logarithmic axis"
    unit = name_unit(forest)
    return f"{forest.measure}, {unit}" if unit else forest.measure


def _list_places(forest: Forest) -> list[float]:
    """Places that the axis should hold: effects, ends of intervals and of predictions."""
    values = [row.value for row in forest.rows]
    values += [end for row in forest.rows for end in (row.low, row.high)]
    for pool in forest.pools:
        values += [pool.value, pool.low, pool.high, *(pool.prediction or ())]
    places = [place_effect(value, forest.scale) for value in values if value is not None]
    return [place for place in places if isfinite(place)]


def describe_forest(forest: Forest) -> str:
    """Return the plot in words, for a screen reader: studies, and what they give together.

    Examples
    --------
    >>> from stromal.report.figures.forest import ForestPool, ForestRow
    >>> pools = (ForestPool("Random effects", 0.66, 0.5, 0.87),)
    >>> rows = (ForestRow("A", value=0.6, low=0.3, high=1.2), ForestRow("B", reason="no events"))
    >>> describe_forest(Forest("Risk ratio", rows, pools, scale="ratio"))
    'Risk ratio of 1 study; 1 not estimable. Random effects: 0.66 (0.50–0.87).'
    """
    known = sum(row.value is not None for row in forest.rows)
    lost = len(forest.rows) - known
    text = f"{forest.measure} of {known} stud{'y' if known == 1 else 'ies'}"
    text += f"; {lost} {NOT_ESTIMABLE}." if lost else "."
    for pool in (pool for pool in forest.pools if pool.value is not None):
        value, ends = write_effect(pool.value, forest), (pool.low, pool.high)
        label = f"{pool.group}, {pool.label}" if pool.group else pool.label
        text += f" {label}: {value} {write_interval(ends, forest)}."
    return text
