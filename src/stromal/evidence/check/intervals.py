"""Intervals that do not hold their value."""

from __future__ import annotations

from collections.abc import Sequence

from stromal.evidence.check.printed import Flag, Printed


def check_intervals(rows: Sequence[Printed]) -> tuple[Flag, ...]:
    """Flag intervals whose ends are exchanged or that lie beside the value they are of.

    Examples
    --------
    >>> check_intervals([Printed("E1", "A", value="27.4", low=28.2, high=38.6)])[0].message
    '27.4 is not within 28.2 to 38.6'
    """
    flags = []
    for row in rows:
        if row.low is None or row.high is None:
            continue
        if row.low > row.high:
            message = f"an interval from {row.low:g} down to {row.high:g}"
            flags.append(Flag("interval", (row.row,), message))
        elif (
            row.value is not None
            and not row.low - row.slack <= float(row.value) <= row.high + row.slack
        ):
            message = f"{row.value} is not within {row.low:g} to {row.high:g}"
            flags.append(Flag("interval", (row.row,), message))
    return tuple(flags)
