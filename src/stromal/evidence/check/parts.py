"""Responses that do not add up: a part above the whole, categories that miss patients."""

from __future__ import annotations

from collections.abc import Sequence

from stromal.evidence.check.printed import Flag, Printed, gather

WHOLE = "overall_response"
PARTS = ("complete_response", "partial_response")
REST = ("no_response", "no_change")
CATEGORIES = (*PARTS, "mixed_response", "minor_partial_response", *REST)


def check_parts(rows: Sequence[Printed]) -> tuple[Flag, ...]:
    """Flag complete or partial responses above the response, and categories that miss patients.

    Categories add up to the arm only where one of them holds those without a response.

    Examples
    --------
    >>> arm = [
    ...     Printed("E1", "A", outcome="complete_response", events=11, total=25),
    ...     Printed("E2", "A", outcome="partial_response", events=6, total=25),
    ...     Printed("E3", "A", outcome="no_response", events=7, total=25),
    ... ]
    >>> check_parts(arm)[0].message
    'the responses add up to 24 of 25 patients'
    """
    flags = []
    for arm in gather(rows, "study", "arm", "subgroup", "read_in").values():
        flags += _above(arm)
        flags += _missing(arm)
    return tuple(flags)


def _above(arm: Sequence[Printed]) -> list[Flag]:
    wholes = [row for row in arm if row.outcome == WHOLE and row.scale == "proportion"]
    flags = []
    for whole in wholes:
        for part in arm:
            if part.outcome not in PARTS or part.day != whole.day or part.scale != whole.scale:
                continue
            more, less = part.number, whole.number
            if more is None or less is None or more - part.slack <= less + whole.slack:
                continue
            message = f"{part.outcome} {more:.4g} % above {WHOLE} {less:.4g} %"
            flags.append(Flag("parts", (part.row, whole.row), message))
    return flags


def _missing(arm: Sequence[Printed]) -> list[Flag]:
    flags = []
    for group in gather([r for r in arm if r.outcome in CATEGORIES], "day", "total").values():
        counts = [row.events for row in group if row.events is not None]
        total = group[0].total
        if total is None or len(counts) < len(group):
            continue
        if any(row.outcome in REST for row in group) and sum(counts) != total:
            message = f"the responses add up to {sum(counts)} of {total} patients"
            flags.append(Flag("parts", tuple(row.row for row in group), message))
    return flags
