"""What a forest plot shows: studies, pooled effects, and the lines in which they are set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from stromal.report.figures.effect_axis import EffectScale
from stromal.report.words import MINUS, MISSING, render_number

NOT_ESTIMABLE = "not estimable"
UNPOOLED = "(not pooled)"


@dataclass(frozen=True, slots=True)
class ForestColumn:
    """A column of descriptors: its heading; numbers are set flush right."""

    heading: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class ForestRow:
    """A study: its name, its descriptors under the columns, its effect and its weight.

    `value`, `low` and `high` are as readers know them: a share as a part of 1, a ratio. `weight` is
    of any size; only how it compares matters. Where there is no value, `reason` says why; one that
    has a value and a reason is shown, and not pooled.
    """

    label: str
    cells: tuple[str, ...] = ()
    value: float | None = None
    low: float | None = None
    high: float | None = None
    weight: float | None = None
    group: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ForestPool:
    """A pooled effect: a diamond; that of a `group` stands below the studies of the group.

    `prediction` is the interval in which the true effect of a new study lies; `note` says how
    studies differ, `reason` why there is no value.
    """

    label: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    prediction: tuple[float, float] | None = None
    note: str = ""
    group: str = ""
    kind: Literal["random", "common"] = "random"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Forest:
    """A forest plot: its studies and pooled effects, and what the numbers are.

    Parameters
    ----------
    measure
        What the effects are: `Share with a response`, `Risk ratio`.
    rows
        Studies, in order; those of a group stand together, in the order in which groups come.
    pools
        Pooled effects, of groups and of all.
    columns
        Of the descriptors.
    scale
        `share` (written in per cent), `ratio` (on a logarithmic axis), `difference` or `amount`.
    level
        Of the intervals.
    favours
        What the left and the right side of no effect speak for.
    unit
        Of differences and amounts.
    digits
        Decimals of differences and amounts.
    remark
        A last line, such as the test whether groups differ.
    first
        Heading of the names of the rows.

    Raises
    ------
    ValueError
        A row with more or fewer cells than there are columns.
    """

    measure: str
    rows: tuple[ForestRow, ...]
    pools: tuple[ForestPool, ...] = ()
    columns: tuple[ForestColumn, ...] = ()
    scale: EffectScale = "share"
    level: float = 0.95
    favours: tuple[str, str] | None = None
    unit: str = ""
    digits: int = 2
    remark: str = ""
    first: str = "Study"

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row.cells) != len(self.columns):
                message = f"{row.label}: {len(row.cells)} cells under {len(self.columns)} columns"
                raise ValueError(message)

    @property
    def null(self) -> float | None:
        """The value of no effect; None for shares, which have none."""
        return {"ratio": 1.0, "difference": 0.0}.get(self.scale)

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups in the order in which they come."""
        return tuple(dict.fromkeys(row.group for row in self.rows))

    def weigh(self) -> tuple[float | None, ...]:
        """Return the weight of each row in per cent of all rows."""
        total = sum(row.weight or 0.0 for row in self.rows)
        return tuple(
            None if row.weight is None or not total else 100 * row.weight / total
            for row in self.rows
        )


LineKind = Literal["group", "study", "pool", "prediction", "note"]


@dataclass(frozen=True, slots=True)
class ForestLine:
    """A line of the picture; `row` or `pool` is what it shows, `text` what else is said."""

    kind: LineKind
    text: str = ""
    row: ForestRow | None = None
    pool: ForestPool | None = None
    weight: float | None = None


def list_lines(forest: Forest) -> tuple[ForestLine, ...]:
    """Return the lines of a forest plot from top to bottom.

    Examples
    --------
    >>> rows = (ForestRow("A", value=0.5, low=0.3, high=0.7, weight=2.0),)
    >>> pools = (ForestPool("Random effects", 0.5, 0.3, 0.7, prediction=(0.1, 0.9), note="Q = 1"),)
    >>> [line.kind for line in list_lines(Forest("Share", rows, pools))]
    ['study', 'pool', 'prediction', 'note']
    """
    weights = dict(zip(forest.rows, forest.weigh(), strict=True))
    lines: list[ForestLine] = []
    for group in forest.groups:
        own = [row for row in forest.rows if row.group == group]
        if group:
            lines.append(ForestLine("group", group))
        lines += [ForestLine("study", row.label, row=row, weight=weights[row]) for row in own]
        lines += _list_pools(forest, group) if group else []
    lines += _list_pools(forest, "")
    if forest.remark:
        lines.append(ForestLine("note", forest.remark))
    return tuple(lines)


def _list_pools(forest: Forest, group: str) -> list[ForestLine]:
    """The diamonds of a group or of all: each followed by its prediction interval and its note."""
    lines: list[ForestLine] = []
    for pool in (pool for pool in forest.pools if pool.group == group):
        lines.append(ForestLine("pool", pool.label, pool=pool))
        if pool.prediction is not None:
            lines.append(ForestLine("prediction", "Prediction interval", pool=pool))
        lines += [ForestLine("note", text) for text in (pool.reason, pool.note) if text]
    return lines


def frame_forest(forest: Forest) -> pl.DataFrame:
    """Return the numbers of a forest plot, a row for each study, pooled effect and prediction.

    Examples
    --------
    >>> rows = (ForestRow("A", ("9",), reason="no events"),)
    >>> frame = frame_forest(Forest("Share", rows, columns=(ForestColumn("n"),)))
    >>> frame.select("kind", "label", "n", "value", "reason").row(0)
    ('study', 'A', '9', None, 'no events')
    """
    names = [column.heading for column in forest.columns]
    # a heading of two columns, or of one of ours, would hide the other
    names = [f"{name} ({place})" if name in names[:place] or name in _OWN else name
             for place, name in enumerate(names)]  # fmt: skip
    found: list[dict[str, object]] = []
    for line in list_lines(forest):
        if line.row is not None:
            row = line.row
            cells = dict(zip(names, row.cells, strict=True))
            found.append(
                {"kind": "study", "group": row.group or None, "label": row.label, **cells,
                 "value": row.value, "low": row.low, "high": row.high, "weight": line.weight,
                 "reason": row.reason or None}
            )  # fmt: skip
        elif line.pool is not None:
            pool = line.pool
            ends = (pool.low, pool.high) if line.kind == "pool" else pool.prediction or (None, None)
            value = pool.value if line.kind == "pool" else None
            found.append(
                {"kind": line.kind, "group": pool.group or None, "label": line.text,
                 "value": value, "low": ends[0], "high": ends[1], "reason": pool.reason or None}
            )  # fmt: skip
    texts = dict.fromkeys(("kind", "group", "label", *names), pl.String)
    schema = {**texts, **dict.fromkeys(("value", "low", "high", "weight"), pl.Float64)}
    return pl.DataFrame(found, schema={**schema, "reason": pl.String})


_OWN = ("kind", "group", "label", "value", "low", "high", "weight", "reason")


def name_unit(forest: Forest) -> str:
    """Return the unit of a plot's numbers, empty where they have none.

    Examples
    --------
    >>> name_unit(Forest("Share", ())), name_unit(Forest("Time", (), scale="amount", unit="day"))
    ('%', 'days')
    """
    if forest.scale in ("share", "log-odds"):
        return "%"
    return f"{forest.unit}s" if forest.unit in ("day", "month", "year") else forest.unit


def write_effect(value: float | None, forest: Forest) -> str:
    """Return a value as the plot writes it: a share in per cent, a ratio with two decimals.

    Examples
    --------
    >>> write_effect(0.681, Forest("Share", ())), write_effect(0.66, Forest("x", (), scale="ratio"))
    ('68', '0.66')
    """
    if value is None:
        return MISSING
    if forest.scale in ("share", "log-odds"):
        return render_number(100 * value, 0)
    if forest.scale == "ratio":
        return _write_ratio(value)
    return render_number(value, forest.digits)


def _write_ratio(value: float) -> str:
    """A ratio with two decimals; small and large ones as far as they are worth reading."""
    if value >= 1000:
        return "> 1000"
    if value >= 10:
        return render_number(value, 1 if value < 100 else 0)
    if value >= 0.095:
        return render_number(value, 2)
    return render_number(value, 3) if value >= 0.0005 else "< 0.001"


def write_interval(ends: Sequence[float | None], forest: Forest) -> str:
    """Return an interval as the plot writes it.

    Examples
    --------
    >>> write_interval((-1.5, 0.25), Forest("Days", (), scale="difference"))
    '(−1.50 to 0.25)'
    """
    texts = [write_effect(end, forest) for end in ends]
    apart = any(mark in "".join(texts) for mark in (MINUS, MISSING, "<", ">"))
    joined = (" to " if apart else "–").join(texts)
    return f"({joined})" if texts != [MISSING, MISSING] else ""
