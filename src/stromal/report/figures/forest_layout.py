"""Where the columns of a forest plot stand; widths are measured, so that nothing overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stromal.report.figures.forest import (
    UNPOOLED,
    Forest,
    ForestLine,
    name_unit,
    write_effect,
    write_interval,
)
from stromal.report.figures.lettering import SIZE, break_text, measure_text
from stromal.report.words import SPACE, render_number

GAP = 9.0
MARGIN = 3.0
LEAST_PLOT = 150.0
MOST_PLOT = 280.0
LEAST_COLUMN = 34.0
MOST_LABEL, MOST_ALONE = 150.0, 220.0
"""Widest names beside several descriptors, and beside few."""
MOST_COLUMN = 92.0
_BESIDE = 5.0
_LEAST_NUMBERS = 78.0
HEIGHTS = {"group": 18.0, "study": 14.5, "pool": 17.0, "prediction": 14.5, "note": 13.0}
"""Height of a line of each kind [pt]."""


@dataclass(frozen=True, slots=True)
class Place:
    """A column: its left and right edge [pt], the lines of its heading, and how it is set."""

    left: float
    right: float
    heading: tuple[str, ...]
    numeric: bool

    @property
    def width(self) -> float:
        """Its width [pt]."""
        return self.right - self.left


@dataclass(frozen=True, slots=True)
class ForestLayout:
    """Columns from left to right, and the height of the heading [pt].

    `texts` are the studies' names and descriptors, then comes the `plot`, then `value`, `interval`
    and `weight`.
    """

    texts: tuple[Place, ...]
    plot: Place
    value: Place
    interval: Place
    weight: Place
    head: float


def lay_out_forest(forest: Forest, lines: Sequence[ForestLine], width: float) -> ForestLayout:
    """Return where the columns of a forest plot stand.

    Columns are as wide as their widest text, up to a limit; where the plot has too little room, the
    widest columns give way. What is cut then stands in full in the numbers of the figure.

    Parameters
    ----------
    forest, lines
        What is shown.
    width
        Of the picture [pt].
    """
    left = _measure_texts(forest, lines)
    effects = [_write_line(line, forest) for line in lines]
    value = max((measure_text(text[0], bold=True) for text in effects), default=0.0)
    interval = max((measure_text(text[1], bold=True) for text in effects), default=0.0)
    unit = name_unit(forest)
    named = f"{forest.measure}, {unit}" if unit else forest.measure
    title = f"{named} ({100 * forest.level:g}{SPACE}%{SPACE}interval)"
    both = max(value + _BESIDE + interval, _LEAST_NUMBERS)
    weighed = any(line.weight is not None for line in lines)
    weight = max(measure_text("Weight", bold=True), measure_text("100 %")) if weighed else 0.0
    right = both + GAP + (weight + GAP if weighed else 0.0) + MARGIN
    room = width - 2 * MARGIN - right - GAP * len(left)
    while room - sum(left) < LEAST_PLOT and max(left) > LEAST_COLUMN:
        # the widest one gives way; a study's name is worth half as much again as a descriptor
        widest = max(range(len(left)), key=lambda place: left[place] / (1.0 if place else 1.5))
        left[widest] -= 2.0
    plot = min(max(room - sum(left), 60.0), MOST_PLOT)
    return _place(forest, left, plot, (value, interval, both, weight, title), width)


def _measure_texts(forest: Forest, lines: Sequence[ForestLine]) -> list[float]:
    """The width of the names and of each column of descriptors [pt]."""
    rows = [line.row for line in lines if line.row is not None]
    pools = [line.text for line in lines if line.kind in ("pool", "prediction")]
    names = [measure_text(row.label) for row in rows]
    names += [measure_text(text, bold=True) for text in pools if not forest.columns]
    most = MOST_LABEL if len(forest.columns) > 2 else MOST_ALONE
    widths = [min(max([*names, measure_text(forest.first, bold=True)]), most)]
    for place, column in enumerate(forest.columns):
        cells = max((measure_text(row.cells[place]) for row in rows), default=0.0)
        words = max(measure_text(word, bold=True) for word in column.heading.split(" "))
        widths.append(min(max(cells, words), MOST_COLUMN))
    return widths


def _write_line(line: ForestLine, forest: Forest) -> tuple[str, str]:
    """What a line says in numbers: the value, and the interval."""
    if line.kind == "study" and line.row is not None:
        row = line.row
        ends = write_interval((row.low, row.high), forest) or UNPOOLED * bool(row.reason)
        return write_effect(row.value, forest), ends if row.value is not None else ""
    if line.pool is not None and line.kind == "prediction":
        return "", write_interval(line.pool.prediction or (None, None), forest)
    if line.pool is not None:
        pool = line.pool
        return write_effect(pool.value, forest), write_interval((pool.low, pool.high), forest)
    return "", ""


def write_weight(weight: float | None) -> str:
    """Return a weight as the plot writes it.

    Examples
    --------
    >>> write_weight(8.25), write_weight(0.03), write_weight(None)
    ('8.2 %', '< 0.1 %', '')
    """
    if weight is None:
        return ""
    if weight >= 99.95:
        return "100 %"
    return f"{render_number(weight, 1)} %" if weight >= 0.05 else "< 0.1 %"


def _place(
    forest: Forest,
    left: Sequence[float],
    plot: float,
    numbers: tuple[float, float, float, float, str],
    width: float,
) -> ForestLayout:
    """Columns side by side; what is left over goes between the descriptors."""
    value, interval, both, weight, title = numbers
    used = 2 * MARGIN + sum(left) + GAP * len(left) + plot + both + GAP
    used += weight + GAP if weight else 0.0
    spare = min(max(0.0, width - used) / max(len(left), 1), 14.0)
    texts: list[Place] = []
    edge = MARGIN
    headings = [(forest.first, False), *((c.heading, c.numeric) for c in forest.columns)]
    for size, (heading, numeric) in zip(left, headings, strict=True):
        words = break_text(heading, size + 3.0, bold=True, most=3)
        texts.append(Place(edge, edge + size, tuple(words), numeric))
        edge += size + GAP + spare
    after = width - MARGIN - weight
    effect = after - (GAP if weight else 0.0) - both
    words = break_text(title, both + 8.0, bold=True, most=4)
    inner = effect + both - interval
    middle = Place(edge + 4.0, effect - GAP, (), numeric=False)
    tall = max([len(words), *(len(text.heading) for text in texts)])
    return ForestLayout(
        texts=tuple(texts),
        plot=middle,
        value=Place(inner - _BESIDE - value, inner - _BESIDE, tuple(words), numeric=True),
        interval=Place(inner, effect + both, (), numeric=True),
        weight=Place(after, width - MARGIN, ("Weight",) if weight else (), numeric=True),
        head=tall * SIZE * 1.25 + 10.0,
    )
