"""Which grade each sign gives, read from criteria."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import polars as pl
from pydantic import BaseModel, ConfigDict

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Need


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(_Section):
    """The grade of a number up to a limit."""

    at_most: float
    grade: int


class Gate(_Section):
    """Signs without which there is no grade, the grade that they give alone, and signs of no need.

    The latter (`unless`) give their grade where none of the others was there too.
    """

    scale: str
    any_of: tuple[str, ...]
    grade: int
    unless: tuple[str, ...] = ()


class Together(_Section):
    """Signs that give a grade where all of them are there, beside what each gives alone."""

    scale: str
    all_of: tuple[str, ...]
    grade: int


class SignRule(_Section):
    """Which grade each sign gives.

    Parameters
    ----------
    scales, ranges
        Grade of each value of a sign, and of a number up to each limit, by scale and item.
    rarely_recorded
        Signs that are recorded only where they were there.
    needs
        Signs without which there is no grade.
    together
        Signs that give a grade only with each other.
    recorded
        By scale, the item that holds the grade itself; where it was recorded, signs that were not
        leave nothing open.
    events
        Events that show a sign without its grade: the least and the most that it can be.
    """

    scales: dict[str, dict[str, dict[str, int]]]
    ranges: dict[str, dict[str, tuple[Step, ...]]] = {}
    rarely_recorded: dict[str, tuple[str, ...]] = {}
    needs: Gate | None = None
    together: tuple[Together, ...] = ()
    recorded: dict[str, str] = {}
    events: dict[str, tuple[int, int]] = {}

    def items(self) -> list[tuple[str, str]]:
        """Return scale and item of every sign that gives a grade."""
        groups: tuple[Mapping[str, Mapping[str, object]], ...] = (self.scales, self.ranges)
        signs = [(scale, item) for each in groups for scale, own in each.items() for item in own]
        return [*signs, *self.recorded.items()]

    def said(self) -> list[str]:
        """Return the items that are read as yes or no beside their grade."""
        gate = () if self.needs is None else self.needs.any_of
        return list(dict.fromkeys([*gate, *(i for each in self.together for i in each.all_of)]))

    def most(self, scale: str, item: str) -> int:
        """Return the highest grade that a sign can give where nobody recorded it."""
        if self.recorded.get(scale) == item:
            return 0
        if item in self.rarely_recorded.get(scale, ()):
            return 0
        if scale in self.scales:
            return max(self.scales[scale][item].values())
        return max(step.grade for step in self.ranges[scale][item])

    def grade(self, scale: str, item: str) -> pl.Expr:
        """Return the grade of recorded values; null for a value that is none."""
        value = pl.col("value")
        if self.recorded.get(scale) == item:
            return value.cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
        if scale in self.scales:
            return value.replace_strict(
                self.scales[scale][item], default=None, return_dtype=pl.Int64
            )
        number = value.cast(pl.Float64, strict=False)
        steps = sorted(self.ranges[scale][item], key=lambda step: step.at_most)
        chosen = pl.coalesce(
            *(pl.when(number <= step.at_most).then(pl.lit(step.grade)) for step in steps), pl.lit(0)
        )
        return pl.when(number.is_not_null()).then(chosen).cast(pl.Int64)


@cache
def read_sign_rule(criteria: str) -> SignRule:
    """Read which grade each sign gives.

    Examples
    --------
    >>> read_sign_rule("crs_astct_2019").needs.any_of
    ('fever', 'fever_masked')
    """
    return SignRule.model_validate(read_criteria(criteria).rules)


def list_needs(criteria: str) -> tuple[Need, ...]:
    """Return what a grading by signs reads: any of its items.

    Examples
    --------
    >>> "ice.score" in list_needs("icans_astct_2019")[0].names
    True
    """
    rule = read_sign_rule(criteria)
    return (Need("assessments", tuple(f"{scale}.{item}" for scale, item in rule.items())),)
