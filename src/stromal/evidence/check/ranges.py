"""Numbers out of the range that they can have: doses, infusions, years, days, haemoglobin."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stromal.evidence.check.printed import Flag, Printed
from stromal.evidence.library.reader import Library

DOSE = (1e4, 1e7)
"""Cells/kg of one infusion; trials of such cells give 1e5 to 9e6, and below the upper end."""

HAEMOGLOBIN = (20.0, 250.0)
"""g/L in a living patient; 3 to 20 is what g/dL look like."""

YEARS = (1990, 2035)
DAYS = (-100.0, 40 * 365.25)


def check_doses(library: Library) -> tuple[Flag, ...]:
    """Flag doses for each kg out of range and numbers of infusions that are not whole.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> [flag.message for flag in check_doses(read_library())][0]
    '3.6e8 cells/kg, outside 1e4 to 1e7'
    """
    flags = []
    key = ("study", "arm", "subgroup", "read_in")
    homes: dict[tuple[object, ...], list[str]] = {}
    for row in library.outcomes.select("row", *key).iter_rows():
        homes.setdefault(row[1:], []).append(row[0])
    for arm in library.arms.iter_rows(named=True):
        rows = tuple(homes.get(tuple(arm[name] for name in key), ()))
        doses = re.findall(r"\d+(?:\.\d+)?e\d+", arm["dose_printed"] or "")
        broken = re.findall(r"\d+\.\d+", arm["infusions_printed"] or "")
        said = [f"{d} cells/kg, outside 1e4 to 1e7" for d in doses if not _is_dose(float(d))]
        said += [f"{number} infusions" for number in broken]
        flags += [Flag("ranges", rows, message) for message in said]
    return tuple(flags)


def _is_dose(cells: float) -> bool:
    return DOSE[0] <= cells < DOSE[1]


def check_ranges(rows: Sequence[Printed]) -> tuple[Flag, ...]:
    """Flag days out of range, and haemoglobin in g/L that looks like g/dL.

    Examples
    --------
    >>> hb = Printed("E1", "A", outcome="haemoglobin_before", value="4.9", unit="g/L")
    >>> check_ranges([hb])[0].message
    'haemoglobin 4.9 g/L, outside 20 to 250; it looks like g/dL'
    """
    flags = []
    for row in rows:
        if row.day is not None and not DAYS[0] <= row.day <= DAYS[1]:
            flags.append(Flag("ranges", (row.row,), f"day {row.day:g}"))
        if row.unit != "g/L" or row.value is None or not row.outcome.startswith("haemoglobin"):
            continue
        if not HAEMOGLOBIN[0] <= float(row.value) <= HAEMOGLOBIN[1]:
            tail = "; it looks like g/dL" if 3 <= float(row.value) < HAEMOGLOBIN[0] else ""
            message = f"haemoglobin {row.value} g/L, outside 20 to 250{tail}"
            flags.append(Flag("ranges", (row.row,), message))
    return tuple(flags)


def check_years(library: Library) -> tuple[Flag, ...]:
    """Flag years of papers out of range.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> check_years(read_library())
    ()
    """
    return tuple(
        Flag("ranges", (study,), f"the year {year}")
        for study, year in library.studies.select("study", "year").iter_rows()
        if year is not None and not YEARS[0] <= year <= YEARS[1]
    )
