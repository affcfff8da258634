"""One number told twice: the same arm and outcome with other values, patients or infusions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from stromal.evidence.check.printed import Flag, Printed, gather
from stromal.evidence.library.reader import Library


def check_retold(rows: Sequence[Printed]) -> tuple[Flag, ...]:
    """Flag pairs of rows on one arm, outcome and day whose numbers differ beyond rounding.

    A day that is not given may be any. Values agree where one rounds to the other.

    Examples
    --------
    >>> one = Printed("E0108", "Kurtzberg2014", scale="survival", events=35, total=75)
    >>> two = Printed("E0110", "Kurtzberg2014", scale="survival", value="57.3")
    >>> check_retold([one, two])[0].message
    '46.67 in one place, 57.3 in another'
    """
    flags = []
    same = ("study", "arm", "subgroup", "outcome", "scale", "unit", "range_end")
    for group in gather(rows, *same).values():
        for one, two in combinations(group, 2):
            if None not in (one.day, two.day) and one.day != two.day:
                continue
            first, second = one.number, two.number
            if first is None or second is None:
                continue
            if abs(first - second) > max(one.slack, two.slack) + 1e-9:
                message = f"{first:.4g} in one place, {second:.4g} in another"
                flags.append(Flag("retold", (one.row, two.row), message))
            elif None not in (one.n, two.n) and one.n != two.n:
                message = f"of {one.n} patients in one place, of {two.n} in another"
                flags.append(Flag("retold", (one.row, two.row), message))
    return tuple(flags)


def check_arms_retold(library: Library) -> tuple[Flag, ...]:
    """Flag arms that two sources tell with other patients or other numbers of infusions.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> [flag.message for flag in check_arms_retold(read_library())]
    ['35 patients in one source, 37 in another', '2-2 infusions in one source, 1-5 in another']
    """
    flags = []
    arms = library.arms.rows(named=True)
    rows = library.outcomes.select("row", "study", "arm", "subgroup").rows()
    for one, two in combinations(arms, 2):
        key = [one[name] for name in ("study", "arm", "subgroup")]
        if key != [two[name] for name in ("study", "arm", "subgroup")]:
            continue
        about = tuple(row[0] for row in rows if list(row[1:]) == key)
        if None not in (one["n"], two["n"]) and one["n"] != two["n"]:
            message = f"{one['n']} patients in one source, {two['n']} in another"
            flags.append(Flag("retold", about, message))
        low, high = _infusions(one), _infusions(two)
        if low and high and low != high:
            message = f"{low} infusions in one source, {high} in another"
            flags.append(Flag("retold", about, message))
    return tuple(flags)


def _infusions(arm: dict[str, object]) -> str:
    if arm["infusions_low"] is None:
        return ""
    return f"{arm['infusions_low']}-{arm['infusions_high']}"
