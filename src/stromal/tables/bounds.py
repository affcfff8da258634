"""Bounds: `<0.1` and `>1000` as a value and the side of it on which the truth lies."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.tables.cells import Fault, find_fault
from stromal.tables.schema import BOUND

_SIDES = {
    **dict.fromkeys(("<", "＜", "&lt;"), "below"),
    **dict.fromkeys(("<=", "≤", "≦", "⩽", "&le;"), "at most"),
    **dict.fromkeys((">", "＞", "&gt;"), "above"),
    **dict.fromkeys((">=", "≥", "≧", "⩾", "&ge;"), "at least"),
}
_WORDS = _SIDES | {
    "below": "below",
    "less than": "below",
    "lt": "below",
    "at most": "at most",
    "le": "at most",
    "above": "above",
    "greater than": "above",
    "more than": "above",
    "gt": "above",
    "at least": "at least",
    "ge": "at least",
}
_EXACT = ("=", "exact")

_SIGN = r"<=|>=|[<>≤≥≦≧⩽⩾＜＞]|&[lg][te];"
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_COMMA_NUMBER = r"[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?"


def split_signs(
    text: pl.Series, *, decimal_commas: bool = False
) -> tuple[pl.Series, pl.Series | None]:
    """Take the sign off cells such as `<0.1`; return the cells without it, and the sides.

    The sides are those of `labs.BOUNDS` or null; None where no cell has a sign. A cell with a sign
    and no number stays as it is; `decimal_commas` is whether `0,1` may be a number.

    Examples
    --------
    >>> numbers, sides = split_signs(pl.Series(["<0.1", "7", "≥ 1000", "<LOD"]))
    >>> numbers.to_list(), sides.to_list()
    (['0.1', '7', '1000', '<LOD'], ['below', None, 'at least', None])
    """
    # Plain numbers are found ten times faster than signs are.
    plain = text.cast(pl.Float64, strict=False).is_not_null() | text.is_null()
    if plain.all():
        return text, None
    number = _COMMA_NUMBER if decimal_commas else _NUMBER
    signed = text.str.contains(rf"^\s*(?:{_SIGN})\s*{number}\s*$").fill_null(value=False)
    if not signed.any():
        return text, None
    sign = text.str.extract(rf"^\s*({_SIGN})")
    sides = sign.replace_strict(_SIDES, default=None, return_dtype=pl.String)
    bare = text.str.replace(rf"^\s*(?:{_SIGN})\s*", "")
    empty = pl.Series([None], dtype=pl.String).new_from_index(0, text.len())
    return bare.zip_with(signed, text), sides.zip_with(signed, empty)


def join_bounds(
    sides: pl.Series | None,
    written: pl.Series | None,
    values: pl.Series,
    rows: NDArray[np.int64],
) -> tuple[pl.Series | None, tuple[Fault, ...]]:
    """Return the column `bound`, from the signs of the values and from what was written in it.

    A word that is no bound, a bound without a value, and a sign and a word that contradict each
    other are faults, and the bound is then null.

    Parameters
    ----------
    sides, written
        What `split_signs` gave, and the column of the file; None where there is none.
    values
        The numbers.
    rows
        File row of each record.

    Examples
    --------
    >>> sides, written = pl.Series(["below", None]), pl.Series([None, ">"])
    >>> join_bounds(sides, written, pl.Series([0.1, 1000.0]), np.array([2, 3]))[0].to_list()
    ['below', 'above']
    """
    if written is None or written.null_count() == written.len():
        return None if sides is None else sides.alias(BOUND), ()
    small = written.str.to_lowercase()
    said = small.replace_strict(_WORDS, default=None, return_dtype=pl.String)
    unknown = written.is_not_null() & said.is_null() & ~small.is_in(_EXACT).fill_null(value=False)
    faults = find_fault("bound", BOUND, written, unknown, rows)
    faults += find_fault("unbound", BOUND, written, said.is_not_null() & values.is_null(), rows)
    if sides is None:
        return said.alias(BOUND), tuple(faults)
    against = (sides != said).fill_null(value=False)
    faults += find_fault("contradiction", BOUND, written, against, rows)
    both = sides.to_frame("sign").with_columns(said.alias("said"))
    joined = both.select(pl.coalesce("sign", "said")).to_series()
    return joined.set(against, None).alias(BOUND), tuple(faults)
