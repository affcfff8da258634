"""Words for days that no patient can have: what such a number looks like."""

from __future__ import annotations

from datetime import date, timedelta

from stromal.tables.missing_codes import LOUD_CODES

YEAR = 365.25
FROM_1960, FROM_1970 = date(1960, 1, 1), date(1970, 1, 1)
"""Day 0 of SAS and Stata, and of R and Unix."""

_SPREADSHEET = date(1899, 12, 30)
_COUNTED = "write days counted from day 0"
_NOT_KNOWN = "leave the cell empty where nothing is known"


def explain_day(day: float) -> tuple[str, str]:
    """Return what an impossible day looks like, as a kind, and what to do about it.

    Examples
    --------
    >>> explain_day(45292.0)[1]
    '45292 is 2024-01-01 as a spreadsheet counts days; write days counted from day 0'
    >>> explain_day(20240119.0)[1]
    'this is the date 2024-01-19 without its signs; write days counted from day 0'
    """
    if day in LOUD_CODES:
        return "code", f"{day:g} may be a code for missing; {_NOT_KNOWN}"
    if 20_000 <= day <= 60_000:
        shown = name_date(_SPREADSHEET, day)
        return "serial", f"{day:g} is {shown} as a spreadsheet counts days; {_COUNTED}"
    written = _read_date(day)
    if written is not None:
        return "written", f"this is the date {written} without its signs; {_COUNTED}"
    if 5e8 <= day <= 3e9 or 1e10 <= day <= 2e10 or 5e11 <= day <= 3e12:
        return "seconds", f"this looks like a time in seconds or less; {_COUNTED}"
    return "far", "check the day; days are counted from day 0"


def name_date(origin: date, day: float) -> str:
    """Return the date of a day that is counted from `origin`.

    Examples
    --------
    >>> name_date(FROM_1970, 19723.0)
    '2024-01-01'
    """
    return (origin + timedelta(days=int(day))).isoformat()


def count_years(day: float) -> str:
    """Return how many years a day is after or before day 0.

    Examples
    --------
    >>> count_years(45292.0), count_years(-4e14)
    ('124 years after', '1e+12 years before')
    """
    years = abs(day) / YEAR
    number = f"{years:.0f}" if years < 1e6 else f"{years:.1g}"
    return f"{number} years {'after' if day > 0 else 'before'}"


def _read_date(day: float) -> str | None:
    """Return the date of numbers such as 20240119 and 19012024."""
    if day != int(day) or not 1_000_000 <= day <= 99_999_999:
        return None
    text = f"{int(day):08d}"
    for year, month, of_month in (
        (text[:4], text[4:6], text[6:]),
        (text[4:], text[2:4], text[:2]),
    ):
        if 1900 <= int(year) <= 2100:
            try:
                return date(int(year), int(month), int(of_month)).isoformat()
            except ValueError:
                continue
    return None
