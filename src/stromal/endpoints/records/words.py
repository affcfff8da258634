"""Numbers, amounts, days and windows in words: one way to write each, in every reason."""

from __future__ import annotations

import polars as pl

from stromal.tables.windows import Window

DIGITS = 6


def number_text(number: pl.Expr | str) -> pl.Expr:
    """Write numbers or days: at most six significant digits, no trailing `.0`.

    Examples
    --------
    >>> pl.Series([12.0, 4.9]).to_frame("x").select(number_text("x"))["x"].to_list()
    ['12', '4.9']
    """
    column = pl.col(number) if isinstance(number, str) else number
    rounded = column.cast(pl.Float64).round_sig_figs(DIGITS)
    return rounded.cast(pl.String).str.strip_suffix(".0")


def write_number(number: float) -> str:
    """Write one number as `number_text` writes a column.

    Examples
    --------
    >>> write_number(28.0), write_number(12.3456789), write_number(36500)
    ('28', '12.3457', '36500')
    """
    return repr(float(f"{number:.{DIGITS}g}")).removesuffix(".0")


def amount_text(number: pl.Expr | str, unit: pl.Expr | str) -> pl.Expr:
    """Write numbers with their units.

    Examples
    --------
    >>> frame = pl.DataFrame({"x": [12.0, 9.5], "unit": ["10^9/L", "g/dL"]})
    >>> frame.select(amount_text("x", "unit"))["x"].to_list()
    ['12 x 10^9/L', '9.5 g/dL']
    """
    named = pl.col(unit) if isinstance(unit, str) else unit
    written = named.str.replace(r"^10\^", "x 10^").fill_null("without a unit")
    return pl.concat_str(number_text(number), written, separator=" ")


def window_words(first: float | None, last: float | None) -> str:
    """Write a period of days; None is an open end.

    Examples
    --------
    >>> window_words(-3, 3), window_words(0, 0), window_words(0, None), window_words(None, 100)
    ('from day -3 to day 3', 'on day 0', 'from day 0 on', 'up to day 100')
    """
    if first is None and last is None:
        return "on any day"
    if first is None:
        return f"up to day {write_number(last or 0.0)}"
    if last is None:
        return f"from day {write_number(first)} on"
    if first == last:
        return f"on day {write_number(first)}"
    return f"from day {write_number(first)} to day {write_number(last)}"


def after_words(start: str, last: float | None) -> str:
    """Write a period that begins after something.

    Examples
    --------
    >>> after_words("baseline", 28), after_words("day 0", None)
    ('after baseline up to day 28', 'after day 0')
    """
    return f"after {start}" if last is None else f"after {start} {window_words(None, last)}"


def name_window(window: Window) -> str:
    """Write the days of a window.

    Examples
    --------
    >>> name_window(Window(day=28, before=3, after=3))
    'from day 25 to day 31'
    """
    return window_words(window.first, window.last)
