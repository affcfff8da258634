"""Numbers and lists as clinicians write them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from re import sub

MISSING = "–"
MINUS = "\u2212"
SPACE = "\u00a0"
_SHARED_DECIMALS = 2
_MANY = 1000
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


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
    return f"{100 * share:.{1 if (n or 0) >= _MANY else 0}f} %"


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
    """Both ends with an en dash, or `to` where one of them is negative; as many decimals in both.

    Examples
    --------
    >>> render_range(2, 17), render_range(-3, 5), render_range(8.75, 12.25)
    ('2–17', '−3 to 5', '8.75–12.25')
    """
    if low is None and high is None:
        return MISSING
    ends = [render_number(value, digits) for value in (low, high)]
    decimals = [len(end.partition(".")[2]) for end in ends]
    if digits is None and 0 < max(decimals) <= _SHARED_DECIMALS and min(decimals) < max(decimals):
        # An end that is a whole number stays one: `7 to 12.5` is how ranges are printed.
        whole = any(value is not None and value == round(value) for value in (low, high))
        ends = ends if whole else [render_number(value, max(decimals)) for value in (low, high)]
    return " to ".join(ends) if MINUS in "".join(ends) or MISSING in ends else "–".join(ends)


def render_sentence(text: str) -> str:
    """Return the text with a capital and a full stop.

    Examples
    --------
    >>> render_sentence("child 31 is missing")
    'Child 31 is missing.'
    """
    stripped = text.strip()
    end = "" if stripped.endswith((".", "?", "!")) else "."
    return f"{stripped[:1].upper()}{stripped[1:]}{end}"


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


def render_interval(
    low: float | None, high: float | None, unit: str | None, n: int | None = None
) -> str:
    """An interval in words, per cent where it is one of a share; an end that is open is named.

    Examples
    --------
    >>> render_interval(0.376, 0.736, "1"), render_interval(192.0, None, "day")
    ('38 to 74', '192 to not reached')
    """
    if low is None and high is None:
        return MISSING
    ends = [low, high]
    if unit == "1" and all(end is None or 0 <= end <= 1 for end in ends):
        digits = 1 if (n or 0) >= _MANY else 0
        texts = [None if end is None else render_number(100 * end, digits) for end in ends]
    else:
        texts = [None if end is None else render_number(end) for end in ends]
    return " to ".join("not reached" if text is None else text for text in texts)


def capitalise(text: str) -> str:
    """The text with its first letter as a capital, the others as they are.

    Examples
    --------
    >>> capitalise("overall GVHD grade")
    'Overall GVHD grade'
    """
    return text[:1].upper() + text[1:]


def name_statistic(row: Mapping[str, object]) -> str:
    """Return what an estimate is of: its label or its statistic, and the day.

    Examples
    --------
    >>> name_statistic({"statistic": "proportion", "label": "CR", "day": None})
    'CR'
    >>> name_statistic({"statistic": "survival probability", "label": None, "day": 100.0})
    'survival probability, day 100'
    """
    statistic = str(row["statistic"])
    text = render_name(statistic)
    if row["label"]:
        name = render_name(str(row["label"]))
        text = name if statistic == "proportion" else f"{text}, {name}"
    day = row["day"]
    return f"{text}, day {render_number(float(str(day)))}" if day is not None else text


def decapitalise(text: str) -> str:
    """The text with its first letter small, unless it begins with an abbreviation or a name.

    Examples
    --------
    >>> decapitalise("Acute GVHD"), decapitalise("GVHD"), decapitalise("HLA match")
    ('acute GVHD', 'GVHD', 'HLA match')
    """
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def render_powers(text: str) -> str:
    """Text with powers of ten as they are printed, and a multiplication sign before them.

    Examples
    --------
    >>> render_powers("0.5 to 1 x 10^8 cells"), render_powers("10^9/L")
    ('0.5 to 1\u00a0×\u00a010⁸ cells', '10⁹/L')
    """
    return sub(
        r"(?:\s*(?:(?<=[\d\s])x|×)\s*)?10\^(-?\d+)",
        lambda found: (
            (f"{SPACE}×{SPACE}" if found[0][:1] != "1" else "") + "10" + found[1].translate(_RAISED)
        ),
        text,
    )


def typeset(text: str) -> str:
    """Words of a protocol as they are printed: powers, cells, and numbers kept with their units.

    Examples
    --------
    >>> typeset("1.2 x 10^6 cell/kg (50 %), n = 3")
    '1.2\u00a0×\u00a010⁶\u00a0cells/kg (50\u00a0%), n\u00a0=\u00a03'
    """
    text = sub(r"\bcell/(?=k?g\b|[µmu]?L\b|mm)", "cells/", render_powers(text))
    text = sub(r"([⁰¹²³⁴⁵⁶⁷⁸⁹]) (?=cells)", rf"\1{SPACE}", text)
    text = sub(r"(?<=\d) (?=(?:%|days?\b|mg|g/|kg|Gy))", SPACE, text)
    text = sub(r"(?<=[\wα-ωχ²]) ([=<>≥≤]) (?=[\d−])", rf"{SPACE}\1{SPACE}", text)
    return sub(r"(?<=\b[Dd]ay) (?=[\d−])", SPACE, text)


def render_unit(unit: str) -> str:
    """A unit as it is printed.

    Examples
    --------
    >>> render_unit("10^9/L"), render_unit("10^6 cell/kg"), render_unit("1e9/L")
    ('10⁹/L', '10⁶\u00a0cells/kg', '10⁹/L')
    """
    return typeset(unit.replace("1e9/", "10^9/"))


def join_unit(number: str, unit: str | None, *, plural: bool = False) -> str:
    """A number, or a range of them, with its unit.

    Examples
    --------
    >>> join_unit("51", "10^9/L"), join_unit("12", "day", plural=True), join_unit("3", "1")
    ('51\u00a0×\u00a010⁹/L', '12\u00a0days', '3')
    """
    if not unit or unit == "1" or number == MISSING:
        return number
    if unit in ("day", "month", "year"):
        return f"{number}{SPACE}{unit}{'s' if plural else ''}"
    printed = render_unit(unit)
    times = f"×{SPACE}" if printed.startswith("10") else ""
    return f"{number}{SPACE}{times}{printed}"


def render_value(value: float | None, unit: str | None, n: int | None = None) -> str:
    """An estimate with its unit; proportions as per cent.

    Examples
    --------
    >>> render_value(0.5625, "1", 32), render_value(418.0, "day")
    ('56 %', '418\u00a0days')
    """
    if value is None:
        return MISSING
    if unit == "1" and 0 <= value <= 1:
        return render_percent(value, n)
    return join_unit(render_number(value), unit, plural=value != 1)
