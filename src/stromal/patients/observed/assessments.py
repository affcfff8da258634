"""`assessments` as read: scales, items and values that the house knows."""

from __future__ import annotations

import re

import polars as pl

from stromal.errors import Issue
from stromal.patients.observed.words import list_choices
from stromal.tables.fold import fold_values
from stromal.tables.patients import TableFile
from stromal.tables.vocabulary.scales import Item
from stromal.tables.vocabulary.vocabulary import SHARED, Vocabulary

_KEYS = ("scale", "item", "value")


def read_assessments(
    frame: pl.DataFrame, file: TableFile, vocabulary: Vocabulary = SHARED
) -> tuple[pl.DataFrame, tuple[Issue, ...]]:
    """Assessments in the spelling of their scale; a value off its scale is an issue and null.

    Examples
    --------
    >>> frame = pl.DataFrame(
    ...     {"scale": ["acute_gvhd_stage"] * 2, "item": ["skin"] * 2, "value": ["3.0", "5"]}
    ... )
    >>> read, issues = read_assessments(frame, TableFile("assessments.csv", 2))
    >>> read["value"].to_list()
    ['3', None]
    >>> print(issues[0])
    assessments.csv row 3 column value: acute_gvhd_stage skin is `5`.
    hint: write a whole number from 0 to 4
    """
    kinds = frame.select(_KEYS).unique(maintain_order=True)
    verdicts = pl.DataFrame(
        [
            (*row, *_judge(vocabulary, *row, decimal_commas=file.decimal_commas))
            for row in kinds.iter_rows()
        ],
        schema={name: pl.String() for name in (*_KEYS, "read", "wrong", "hint")},
        orient="row",
    )
    judged = frame.join(verdicts, on=_KEYS, how="left", nulls_equal=True, maintain_order="left")
    issues: list[Issue] = []
    for column in _KEYS:

        def say(_text: str, position: int, column: str = column) -> Issue:
            row = judged.row(position, named=True)
            message = _message(column, row["scale"], row["item"], row["value"])
            return Issue(message, file.name, file.row(position), column, row["hint"])

        texts = judged.select(pl.concat_str(_KEYS, separator=" ", ignore_nulls=True)).to_series()
        issues += fold_values(judged["wrong"] == column, texts, say)
    return frame.with_columns(judged["read"].alias("value")), tuple(issues)


def _message(column: str, scale: str, item: str, value: str) -> str:
    if column == "scale":
        return f"`{scale[:60]}` is not a scale"
    if column == "item":
        return f"`{item[:60]}` is not an item of {scale}"
    return f"{scale} {item} is `{value[:40]}`"


def _judge(
    vocabulary: Vocabulary,
    scale: str | None,
    item: str | None,
    value: str | None,
    *,
    decimal_commas: bool,
) -> tuple[str | None, str | None, str | None]:
    """The value in the scale's spelling; or which column is wrong, and the hint."""
    if scale is None or item is None:
        return None, None, None
    if scale not in vocabulary.scales:
        return None, "scale", list_choices(scale, tuple(vocabulary.scales))
    items = vocabulary.scales[scale].items
    if item not in items:
        return None, "item", list_choices(item, tuple(items))
    if value is None:
        return None, None, None
    # Three digits after a comma could also be thousands, so such a value is not read.
    if decimal_commas and re.fullmatch(r"[+-]?\d*,(\d{1,2}|\d{4,})", value):
        value = value.replace(",", ".")
    read = _read_value(value, items[item])
    return (read, None, None) if read is not None else (None, "value", _describe(items[item]))


def _read_value(value: str, item: Item) -> str | None:
    if item.labels:
        return {label.lower(): label for label in item.labels}.get(value.lower())
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", value):
        return None
    number = float(value)
    low = item.low is None or number >= item.low
    high = item.high is None or number <= item.high
    if not (low and high) or (item.whole and not number.is_integer()):
        return None
    return str(int(number)) if number.is_integer() else str(number)


def _describe(item: Item) -> str:
    if item.labels:
        return f"write one of {', '.join(item.labels)}"
    kind = "a whole number" if item.whole else "a number"
    if item.high is None:
        return f"write {kind} from {item.low:g} up" if item.low is not None else f"write {kind}"
    return f"write {kind} from {item.low or 0:g} to {item.high:g}"
