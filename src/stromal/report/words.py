"""Numbers and lists as clinicians write them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import isfinite
from re import sub

MISSING = "–"
MINUS = "\u2212"


def render_number(value: float | None, digits: int | None = None) -> str:
    """A number with a true minus sign; without `digits`, three significant figures at most.

    Examples
    --------
    >>> render_number(-3.14159, 2), render_number(1602.0), render_number(None)
    ('−3.14', '1602', '–')
    """
    if value is None or not isfinite(value):
        return MISSING
    if digits is not None:
        text = f"{round(value, digits) + 0.0:.{digits}f}"
    elif value == round(value) or abs(value) >= 1000:
        text = f"{value:.0f}"
    else:
        text = f"{Decimal(f'{value:.3g}'):f}"
    return text.replace("-", MINUS)


def render_percent(share: float | None, n: int | None = None) -> str:
    """A share as per cent, without decimals below a thousand patients.

    Examples
    --------
    >>> render_percent(0.5625), render_percent(0.21216, 1200)
    ('56 %', '21.2 %')
    """
    if share is None or not isfinite(share):
        return MISSING
    return f"{100 * share:.{1 if (n or 0) >= 1000 else 0}f} %"


def render_count(events: int, n: int) -> str:
    """A count with its per cent.

    Examples
    --------
    >>> render_count(18, 32), render_count(0, 0)
    ('18/32 (56 %)', '0/0')
    """
    return f"{events}/{n} ({render_percent(events / n, n)})" if n else f"{events}/{n}"


def render_p_value(p: float | None) -> str:
    """A P value with as many digits as are worth reading.

    Examples
    --------
    >>> [render_p_value(p) for p in (0.5, 0.0421, 0.0011, 0.00001)]
    ['P = 0.50', 'P = 0.042', 'P = 0.001', 'P < 0.001']
    """
    if p is None or not isfinite(p):
        return MISSING
    if p < 0.001:
        return "P < 0.001"
    if p > 0.99:
        return "P > 0.99"
    return f"P = {p:.3f}" if p < 0.095 else f"P = {p:.2f}"


def render_range(low: float | None, high: float | None, digits: int | None = None) -> str:
    """Both ends with an en dash, or `to` where one of them is negative.

    Examples
    --------
    >>> render_range(2, 17), render_range(-3, 5)
    ('2–17', '−3 to 5')
    """
    if low is None and high is None:
        return MISSING
    ends = [render_number(value, digits) for value in (low, high)]
    return " to ".join(ends) if MINUS in "".join(ends) or MISSING in ends else "–".join(ends)


def render_list(parts: Sequence[str]) -> str:
    """Words with commas and a last `and`.

    Examples
    --------
    >>> render_list(["skin", "liver", "gut"]), render_list([])
    ('skin, liver and gut', '')
    """
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def render_name(name: str) -> str:
    """A name of the protocol as words.

    Examples
    --------
    >>> render_name("overall_response")
    'overall response'
    """
    return name.replace("_", " ").strip()


def count_noun(number: int, noun: str, plural: str | None = None) -> str:
    """A number and its noun.

    Examples
    --------
    >>> count_noun(1, "patient"), count_noun(2, "patient")
    ('1 patient', '2 patients')
    """
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def capitalise(text: str) -> str:
    """The text with its first letter as a capital, the others as they are.

    Examples
    --------
    >>> capitalise("overall GVHD grade")
    'Overall GVHD grade'
    """
    return text[:1].upper() + text[1:]


def render_powers(text: str) -> str:
    """Text with powers of ten as they are printed.

    Examples
    --------
    >>> render_powers("0.5 to 1 x 10^8 cells")
    '0.5 to 1 × 10⁸ cells'
    """
    raised = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
    return sub(
        r"(?:\bx )?10\^(-?\d+)",
        lambda found: (
            ("× " if found[0].startswith("x") else "") + "10" + found[1].translate(raised)
        ),
        text,
    )
