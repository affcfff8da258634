"""Effects of groups against a reference, as words and cells: a ratio or a difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stromal.analyses.kind import Answer
from stromal.report.groups import label_group
from stromal.report.words import MISSING, render_number
from stromal.tables.statistics import ORDERED_PAIRS, SHARE_SLOPE, STATISTICS

Row = Mapping[str, Any]

TRENDS = (SHARE_SLOPE.name, ORDERED_PAIRS.name)
"""Effects over all groups in their order; the row names the first and the last of them."""


def name_contrast(answer: Answer[Any], row: Row) -> str:
    """Return what an effect compares: `MSC against control`; of a trend `low to high`."""
    term, reference = (
        label_group(answer.protocol, row[name], row["by"]) for name in ("term", "reference")
    )
    if row["statistic"] in TRENDS:
        return f"{reference} to {term}"
    return f"{term} against {reference}"


def render_effect(row: Row) -> tuple[str, str]:
    """Return value and interval of an effect; differences of shares in percentage points.

    Examples
    --------
    >>> row = {"statistic": "hazard ratio", "value": 0.56, "low": 0.3, "high": None}
    >>> render_effect(row)
    ('0.56', '0.30 to –')
    """
    points = STATISTICS[row["statistic"]].scale == "difference"
    scale = 100 if points else 1
    value, low, high = (
        None if row[name] is None else scale * row[name] for name in ("value", "low", "high")
    )
    unit = " points" if points and value is not None else ""
    if STATISTICS[row["statistic"]].scale == "time" and value is not None:
        unit = " day" if value == 1 else " days"
    ends = MISSING
    if low is not None or high is not None:
        ends = " to ".join(MISSING if end is None else _digits(end) for end in (low, high))
    return f"{_digits(value)}{unit}" if value is not None else MISSING, ends


def describe_effect(answer: Answer[Any], row: Row) -> str:
    """Return an effect as a sentence without its end: `Hazard ratio of MSC against control: ...`.

    An effect that could not be estimated is not said.
    """
    if row["value"] is None:
        return ""
    value, ends = render_effect(row)
    level = f"{100 * (row['level'] or 0.95):g}"
    words = STATISTICS[row["statistic"]].words
    interval = "" if ends == MISSING else f" ({level} % CI {ends})"
    if row["statistic"] in TRENDS:
        middle = 0 if row["statistic"] == SHARE_SLOPE.name else 0.5
        way = "rises" if row["value"] > middle else "falls" if row["value"] < middle else "is level"
        return f"{words}, {name_contrast(answer, row)}: {value}{interval}, which {way}"
    return f"{words} of {name_contrast(answer, row)}: {value}{interval}"


def _digits(value: float) -> str:
    return render_number(value, 1 if abs(value) >= 10 else 2)
