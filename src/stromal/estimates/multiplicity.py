"""P values of several tests together, corrected after Holm or Benjamini and Hochberg."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Correction = Literal["holm", "benjamini-hochberg"]

CORRECTION_SOURCES: dict[Correction, tuple[str, ...]] = {
    "holm": ("holm1979",),
    "benjamini-hochberg": ("benjamini1995",),
}
_METHODS: dict[Correction, str] = {
    "holm": "P corrected after Holm for the rate of any false finding",
    "benjamini-hochberg": "P corrected after Benjamini and Hochberg for the rate of false findings",
}


@dataclass(frozen=True, slots=True)
class CorrectedP:
    """Corrected P values in the order of the tests; None where a test gave none.

    `tests` counts those that gave one, and for which the others were corrected.
    """

    p_values: tuple[float | None, ...]
    tests: int
    method: str
    sources: tuple[str, ...]


def correct_p_values(
    p_values: Sequence[float | None], correction: Correction = "holm"
) -> CorrectedP:
    """Correct the P values of several tests, so that many tests do not make a finding by chance.

    Holm's step-down method holds the probability of any false finding at the level, whatever the
    tests have to do with each other. [holm1979] Benjamini and Hochberg's step-up method holds the
    expected share of false findings among all findings, for tests that are independent or
    positively dependent. [benjamini1995]

    Parameters
    ----------
    p_values
        P of each test, between 0 and 1; None where a test could not be done, which is not counted.
    correction
        Which method.

    Returns
    -------
    CorrectedP
        A finding at level 0.05 is one whose corrected P is at most 0.05.

    Raises
    ------
    ValueError
        A P value is not between 0 and 1.

    Examples
    --------
    >>> correct_p_values([0.01, None, 0.03, 0.02]).p_values
    (0.03, None, 0.04, 0.04)
    >>> correct_p_values([0.01, 0.04, 0.03], "benjamini-hochberg").p_values
    (0.03, 0.04, 0.04)

    Witness: R p.adjust, tests/reference/multiplicity.
    """
    places = [place for place, value in enumerate(p_values) if value is not None]
    given = np.array([p_values[place] for place in places], np.float64)
    if given.size and not ((given >= 0) & (given <= 1)).all():
        raise ValueError("a P value is not between 0 and 1")
    order = np.argsort(given, kind="stable")
    ordered, count = given[order], given.size
    if correction == "holm":
        stepped = np.maximum.accumulate(ordered * (count - np.arange(count)))
    else:
        stepped = np.minimum.accumulate((ordered * count / np.arange(1, count + 1))[::-1])[::-1]
    corrected: list[float | None] = [None] * len(p_values)
    for index, value in zip(order, np.minimum(stepped, 1.0), strict=True):
        corrected[places[int(index)]] = float(value)
    return CorrectedP(tuple(corrected), count, _METHODS[correction], CORRECTION_SOURCES[correction])
