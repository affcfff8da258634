"""Numbers of patients in groups, and what a comparison of them returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from stromal.estimates.estimate import Estimate
from stromal.estimates.intervals import FloatArray

FEW_GROUPS = "there are no two groups with a number"
ALL_EQUAL = "all numbers are the same"


@dataclass(frozen=True, slots=True)
class Difference:
    """How the numbers of `group` differ from those of `reference`.

    `estimate` counts the patients of both; where it has no value or no interval `reason` says why.
    """

    group: str
    reference: str
    estimate: Estimate
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NumberComparison:
    """A test that numbers of groups are alike, and how each group differs from the reference.

    `groups` and `n` are in the same order. `statistic`, `degrees`, `rest_degrees` (degrees of
    freedom of a numerator and, where there is one, of a denominator) and `p_value` are None where
    nothing can be tested, and `reason` says why; an exact test has no degrees of freedom. `choice`
    says in words why this test was taken. Intervals of differences are not corrected for the number
    of groups.
    """

    statistic: float | None
    degrees: float | None
    rest_degrees: float | None
    p_value: float | None
    groups: tuple[str, ...]
    n: tuple[int, ...]
    differences: tuple[Difference, ...]
    method: str
    sources: tuple[str, ...]
    reason: str = ""
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Samples:
    """Numbers of each group in ascending order; `reference` is the place of the reference."""

    groups: tuple[str, ...]
    values: tuple[FloatArray, ...]
    reference: int

    @property
    def n(self) -> tuple[int, ...]:
        """Patients of each group."""
        return tuple(sample.size for sample in self.values)

    @property
    def together(self) -> FloatArray:
        """All numbers, one group after another."""
        return np.concatenate(self.values) if self.values else np.zeros(0)

    @property
    def others(self) -> tuple[int, ...]:
        """Places of the groups that are compared with the reference."""
        return tuple(place for place in range(len(self.groups)) if place != self.reference)


def split_numbers(values: pl.Series, groups: pl.Series, reference: str | None = None) -> Samples:
    """Return the numbers of each group; patients without a number or a group are left out.

    Parameters
    ----------
    values
        Numbers in any unit, shape (patients,); null, nan and infinite numbers are left out.
    groups
        Group of each patient, shape (patients,).
    reference
        Group that the others are compared with; by default, and where it has no patients, the first
        of an enumeration, else the first in the alphabet.

    Examples
    --------
    >>> samples = split_numbers(pl.Series([3.0, 1.0, None, 2.0]), pl.Series(list("baab")))
    >>> samples.groups, samples.n, samples.values[1].tolist()
    (('a', 'b'), (1, 2), [2.0, 3.0])
    """
    numbers = values.cast(pl.Float64)
    known = (numbers.is_finite() & groups.is_not_null()).fill_null(value=False)
    rows = pl.DataFrame({"value": numbers, "group": groups}).filter(known).sort("group", "value")
    parts = rows.partition_by("group", maintain_order=True)
    names = tuple(str(part["group"][0]) for part in parts)
    return Samples(
        names,
        # Adding 0 turns -0 into 0, so that the order among zeros does not matter.
        tuple(part["value"].to_numpy() + 0.0 for part in parts),
        names.index(reference) if reference in names else 0,
    )
