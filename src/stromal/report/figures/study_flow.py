"""The flow of studies: how many the record holds, which are left out and why, which answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from stromal.report.figures.canvas import render_svg
from stromal.report.figures.forest_plot import open_sheet
from stromal.report.figures.lettering import SIZE, break_text
from stromal.report.figures.palette import ACCENT, FAINT, INK, MUTED, RULE
from stromal.report.words import count_noun

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

WIDTH = 7.4 * 72
_MAIN, _SIDE, _BETWEEN = 210.0, 260.0, 34.0
_LINE, _PAD, _STEP = 12.0, 9.0, 24.0


@dataclass(frozen=True, slots=True)
class FlowStep:
    """A step: what is left, counted, and what was left out on the way to the next step, and why.

    `reasons` are words with their counts; counts of reasons need not add up to what was left out
    where one thing may be left out for two.
    """

    label: str
    count: int
    noun: str = "study"
    plural: str = "studies"
    detail: str = ""
    reasons: tuple[tuple[str, int], ...] = ()


def frame_flow(steps: tuple[FlowStep, ...]) -> pl.DataFrame:
    """Return the steps of a flow and their reasons as a table.

    Examples
    --------
    >>> steps = (FlowStep("In the record", 75, reasons=(("animals", 2),)), FlowStep("Answer", 73))
    >>> frame_flow(steps)["count"].to_list()
    [75, 2, 73]
    """
    rows: list[tuple[str, str, int]] = []
    for step in steps:
        rows.append(("kept", step.label, step.count))
        rows += [("left out", reason, count) for reason, count in step.reasons]
    schema = {"kind": pl.String, "what": pl.String, "count": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def describe_flow(steps: tuple[FlowStep, ...]) -> str:
    """Return the flow in words.

    Examples
    --------
    >>> steps = (FlowStep("In the record", 75, reasons=(("animals", 2),)), FlowStep("Answer", 73))
    >>> describe_flow(steps)
    'In the record: 75 studies; left out: animals (2). Answer: 73 studies.'
    """
    said: list[str] = []
    for step in steps:
        text = f"{step.label}: {_count(step)}"
        if step.reasons:
            text += "; left out: " + ", ".join(f"{why} ({n})" for why, n in step.reasons)
        said.append(f"{text}.")
    return " ".join(said)


def _count(step: FlowStep) -> str:
    return count_noun(step.count, step.noun, step.plural)


def plot_flow(steps: tuple[FlowStep, ...], *, name: str, title: str) -> str:
    """Plot the steps as boxes below each other, what is left out as boxes beside them.

    Parameters
    ----------
    steps
        From the first to the last.
    name, title
        Prefix of the ids in the picture; what it shows, for a screen reader.

    Returns
    -------
    str
        SVG text.

    Examples
    --------
    >>> steps = (FlowStep("In the record", 75, reasons=(("animals", 2),)), FlowStep("Answer", 73))
    >>> "75 studies" in plot_flow(steps, name="f", title="Flow")
    True
    """
    boxes = [_Box.of(step) for step in steps]
    height = 2 * 4.0 + sum(box.height for box in boxes)

    def paint(drawing: Drawing) -> None:
        axes = open_sheet(drawing, WIDTH, height)
        top = 4.0
        for place, box in enumerate(boxes):
            box.draw(axes, top, last=place == len(boxes) - 1)
            top += box.height

    return render_svg(
        paint, name=name, title=title, description=describe_flow(steps), height=height / 72
    )


@dataclass(frozen=True, slots=True)
class _Box:
    """A step as lines of text; lengths are points."""

    main: tuple[str, ...]
    side: tuple[tuple[str, str], ...]
    bold: int

    @classmethod
    def of(cls, step: FlowStep) -> _Box:
        heads = break_text(step.label, _MAIN - 2 * _PAD, bold=True, most=3)
        texts = [_count(step)]
        texts += break_text(step.detail, _MAIN - 2 * _PAD, most=3) if step.detail else []
        side: list[tuple[str, str]] = []
        for reason, count in step.reasons:
            first, *others = break_text(reason, _SIDE - 2 * _PAD - 32, most=3)
            side += [(first, str(count)), *((line, "") for line in others)]
        return cls((*heads, *texts), tuple(side), len(heads))

    @property
    def own(self) -> float:
        """Height of the box of what is kept."""
        return len(self.main) * _LINE + 2 * _PAD

    @property
    def beside(self) -> float:
        """Height of the box of what is left out."""
        return (len(self.side) + 1) * _LINE + 2 * _PAD if self.side else 0.0

    @property
    def height(self) -> float:
        """From the top of this box to the top of the next."""
        return self.own + (self.beside + 20.0 if self.side else _STEP)

    def draw(self, axes: Axes, top: float, *, last: bool) -> None:
        middle = _MAIN / 2 + 2
        _draw_box(axes, 2, top, _MAIN, self.own, edge=ACCENT)
        for place, text in enumerate(self.main):
            head = place < self.bold
            y = top + _PAD + (place + 0.5) * _LINE
            _write(axes, middle, y, text, weight="bold" if head else "normal", ha="center")
        end = top + self.own
        if not last:
            _draw_arrow(axes, (middle, end), (middle, top + self.height))
        if self.side:
            self._draw_side(axes, end + 10.0, middle)

    def _draw_side(self, axes: Axes, top: float, middle: float) -> None:
        left = middle + _MAIN / 2 + _BETWEEN
        right = left + _SIDE
        _draw_box(axes, left, top, _SIDE, self.beside, edge=RULE)
        y = top + self.beside / 2
        _draw_arrow(axes, (middle, y), (left, y))
        head = top + _PAD + 0.5 * _LINE
        _write(axes, left + _PAD, head, "Left out", weight="bold", color=MUTED)
        for place, (text, count) in enumerate(self.side):
            y = head + (place + 1) * _LINE
            _write(axes, left + _PAD, y, text)
            _write(axes, right - _PAD, y, count, ha="right")


def _write(axes: Axes, x: float, y: float, text: str, **how: Any) -> None:  # noqa: ANN401 - matplotlib
    style = {"va": "center", "ha": "left", "fontsize": SIZE, "color": INK, **how}
    axes.text(x, y, text, zorder=3, **style)


def _draw_box(axes: Axes, x: float, y: float, width: float, height: float, edge: str) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415

    face = FAINT if edge == RULE else "white"
    axes.add_patch(
        Rectangle((x, y), width, height, facecolor=face, edgecolor=edge, linewidth=1.0, zorder=2)
    )


def _draw_arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    from matplotlib.patches import Polygon  # noqa: PLC0415

    axes.plot([start[0], end[0]], [start[1], end[1]], color=MUTED, lw=0.9, zorder=1)
    x, y = end
    down = start[0] == end[0]
    points = (
        [(x, y), (x - 3, y - 5), (x + 3, y - 5)]
        if down
        else [(x, y), (x - 5, y - 3), (x - 5, y + 3)]
    )
    axes.add_patch(Polygon(points, closed=True, facecolor=MUTED, zorder=2))
