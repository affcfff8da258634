"""Counts that cannot be: a numerator above its denominator, a part above its whole."""

from __future__ import annotations

from collections.abc import Sequence

from stromal.evidence.check.printed import Flag, Printed, gather


def check_numerators(rows: Sequence[Printed]) -> tuple[Flag, ...]:
    """Flag more events than patients, and percentages above 100.

    Examples
    --------
    >>> check_numerators([Printed("E1", "A", events=12, total=9)])[0].message
    '12 events of 9 patients'
    """
    flags = []
    for row in rows:
        if row.events is not None and row.total is not None and row.events > row.total:
            message = f"{row.events} events of {row.total} patients"
            flags.append(Flag("numerator", (row.row,), message))
        elif row.unit == "%" and row.value and not 0 <= float(row.value) <= 100:
            flags.append(Flag("numerator", (row.row,), f"{row.value} % of patients"))
    return tuple(flags)


def check_subgroups(rows: Sequence[Printed]) -> tuple[Flag, ...]:
    """Flag subgroups, and denominators, of more patients than their arm has in the same source.

    Examples
    --------
    >>> whole = Printed("E1", "A", n=40)
    >>> check_subgroups([whole, Printed("E2", "A", subgroup="grade IV", n=44)])[0].message
    '44 patients of `grade IV` in an arm of 40'
    """
    flags = []
    for arm in gather(rows, "study", "arm", "read_in").values():
        sizes = [row.n for row in arm if row.subgroup is None and row.n is not None]
        if not sizes:
            continue
        whole = max(sizes)
        for row in arm:
            size = max(row.n or 0, row.total or 0)
            if size > whole:
                part = row.subgroup or row.outcome
                message = f"{size} patients of `{part}` in an arm of {whole}"
                flags.append(Flag("subgroup", (row.row,), message))
    return tuple(flags)
