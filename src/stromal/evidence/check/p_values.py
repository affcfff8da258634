"""P values that the counts beside them cannot give, whatever test of two shares was used."""

from __future__ import annotations

from collections.abc import Sequence

from stromal.estimates.equal_proportions import ProportionTestName, compare_proportions
from stromal.evidence.check.printed import Flag, Printed, gather

LEVEL = 0.05
TESTS: tuple[ProportionTestName, ...] = ("pearson", "yates", "fisher")
"""What papers use; exact unconditional tests would pass almost any number as somebody's."""


def list_p_values(one: tuple[int, int], two: tuple[int, int]) -> dict[str, float]:
    """P of two shares by each test: chi-squared without and with correction, Fisher's.

    Examples
    --------
    >>> {name: round(p, 4) for name, p in list_p_values((21, 28), (8, 19)).items()}
    {'pearson': 0.0228, 'yates': 0.0487, 'fisher': 0.0336}
    """
    found = {name: compare_proportions([one, two], name).p_value for name in TESTS}
    return {name: p for name, p in found.items() if p is not None}


def find_tests(printed: str, one: tuple[int, int], two: tuple[int, int]) -> tuple[str, ...]:
    """Tests that give a printed P value at its digits; `NS` and `<0.05` are read too.

    Examples
    --------
    >>> find_tests("0.023", (21, 28), (8, 19)), find_tests("0.043", (82, 99), (70, 99))
    (('pearson',), ('pearson',))
    """
    return tuple(name for name, p in list_p_values(one, two).items() if _agrees(printed, p))


def _agrees(printed: str, p: float) -> bool:
    text = printed.strip().upper()
    if text == "NS":
        return p >= LEVEL
    if text.startswith("<"):
        return p < float(text[1:])
    # Papers round P and cut it: 0.0435 is printed as 0.043 and as 0.044.
    unit = 10.0 ** -len(text.partition(".")[2])
    return float(text) - unit / 2 - 1e-12 <= p < float(text) + unit


def check_p_values(rows: Sequence[Printed]) -> tuple[Flag, ...]:
    """Flag P values of two arms that no test of their counts gives.

    Estimated shares are left out: their P values are of curves.

    Examples
    --------
    >>> arms = [
    ...     Printed("E1", "A", events=20, total=34, p="0.0678"),
    ...     Printed("E2", "A", arm="control", events=13, total=34, p="0.0678"),
    ... ]
    >>> check_p_values(arms)[0].message
    'P 0.0678 of 20/34 and 13/34: pearson 0.0894, yates 0.1454, fisher 0.1449'
    """
    flags = []
    same = ("study", "subgroup", "read_in", "outcome", "scale", "day", "p")
    for pair in gather([row for row in rows if row.p], *same).values():
        if len(pair) != 2 or pair[0].arm == pair[1].arm or pair[0].scale != "proportion":
            continue
        one, two = ((row.events, row.total) for row in pair)
        if None in (*one, *two):
            continue
        counts = [(row.events or 0, row.total or 0) for row in pair]
        printed = pair[0].p or ""
        if not find_tests(printed, counts[0], counts[1]):
            told = " and ".join(f"{events}/{total}" for events, total in counts)
            found = list_p_values(counts[0], counts[1])
            tests = ", ".join(f"{name} {p:.4f}" for name, p in found.items())
            flags.append(
                Flag("p_value", (pair[0].row, pair[1].row), f"P {printed} of {told}: {tests}")
            )
    return tuple(flags)
