"""All checks over a record, and what they find of a list of contradictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from stromal.evidence.check.counts import check_numerators, check_subgroups
from stromal.evidence.check.grim import check_grim
from stromal.evidence.check.intervals import check_intervals
from stromal.evidence.check.p_values import check_p_values
from stromal.evidence.check.parts import check_parts
from stromal.evidence.check.printed import Flag, list_printed
from stromal.evidence.check.ranges import check_doses, check_ranges, check_years
from stromal.evidence.check.retold import check_arms_retold, check_retold
from stromal.evidence.check.survival import check_survival
from stromal.evidence.library.reader import Library

CHECKS = (
    "grim",
    "interval",
    "numerator",
    "p_value",
    "parts",
    "ranges",
    "retold",
    "subgroup",
    "survival",
)
"""Names that flags bear."""


def check_record(library: Library) -> tuple[Flag, ...]:
    """Every flag that the checks raise over a record.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> flags = check_record(read_library())
    >>> {flag.check for flag in flags} <= set(CHECKS)
    True
    """
    rows = list_printed(library)
    over_rows = (
        check_grim,
        check_numerators,
        check_subgroups,
        check_parts,
        check_ranges,
        check_retold,
        check_survival,
        check_intervals,
        check_p_values,
    )
    over_arms = (check_doses, check_years, check_arms_retold)
    return (
        *(flag for check in over_rows for flag in check(rows)),
        *(flag for check in over_arms for flag in check(library)),
    )


@dataclass(frozen=True, slots=True)
class Findings:
    """Flags set beside a list of contradictions.

    `found` and `missed` are contradictions that a check must find; `false_alarms` are flags on rows
    that no contradiction gives to their check.
    """

    found: tuple[str, ...]
    missed: tuple[str, ...]
    false_alarms: tuple[Flag, ...]


def compare_findings(flags: Sequence[Flag], contradictions: pl.DataFrame) -> Findings:
    """Set flags beside a list of contradictions.

    A contradiction is found where every check that it names flags one of its rows.

    Examples
    --------
    >>> listed = pl.DataFrame({"contradiction": ["C05"], "rows": ["E31 E32"], "checks": ["ranges"]})
    >>> compare_findings([Flag("ranges", ("E31",), "3.6e8")], listed).found
    ('C05',)
    """
    hits = {(flag.check, row) for flag in flags for row in flag.rows}
    found: list[str] = []
    missed: list[str] = []
    known: set[tuple[str, str]] = set()
    for name, rows, checks in contradictions.select("contradiction", "rows", "checks").iter_rows():
        pairs = [[(check, row) for row in (rows or "").split()] for check in (checks or "").split()]
        known.update(pair for each in pairs for pair in each)
        if pairs:
            (found if all(hits & set(each) for each in pairs) else missed).append(name)
    false = [flag for flag in flags if not {(flag.check, row) for row in flag.rows} & known]
    return Findings(tuple(found), tuple(missed), tuple(false))
