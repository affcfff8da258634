"""Cells that a spreadsheet would take for a formula, and CSV files without such cells."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import polars as pl

# A formula begins with one of = + - @ (also in full width), whatever blanks stand before it; a tab
# or a carriage return at the beginning can push a cell's text into the next cell or row.
_FORMULA = r"^[\s\x1c-\x1f\u200b\ufeff]*[=+\-@＝＋－＠]|^ *[\t\r]"


def escape_cell(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would take it for a formula.

    Examples
    --------
    >>> escape_cell("=1+1"), escape_cell("  @SUM(A1)"), escape_cell("CR at day 28")
    ("'=1+1", "'  @SUM(A1)", 'CR at day 28')
    """
    return f"'{text}" if re.search(_FORMULA, text) else text


def write_csv(frame: pl.DataFrame, path: Path | BytesIO) -> None:
    r"""Write a table as CSV: UTF-8, lines end with LF, formulas escaped in text and in the header.

    Numbers stay numbers, written with the fewest digits that give the same number back; a number
    that is not one (NaN) is an empty cell, and minus zero is zero.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "estimates.csv"
    ...     write_csv(pl.DataFrame({"label": ["=CR"], "value": [-0.5]}), path)
    ...     path.read_text()
    "label,value\n'=CR,-0.5\n"
    """
    cells = [
        _escaped(name)
        if dtype in (pl.String, pl.Categorical, pl.Enum)
        else _number(name)
        if dtype.is_float()
        else pl.col(name)
        for name, dtype in frame.schema.items()
    ]
    named = {name: escape_cell(name) for name in frame.columns}
    frame.select(cells).rename(named).write_csv(path, line_terminator="\n")


def _number(name: str) -> pl.Expr:
    number = pl.col(name).fill_nan(None)
    return pl.when(number == 0).then(0.0).otherwise(number).alias(name)


def _escaped(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String)
    marked = pl.concat_str(pl.lit("'"), text)
    return pl.when(text.str.contains(_FORMULA)).then(marked).otherwise(text).alias(name)
