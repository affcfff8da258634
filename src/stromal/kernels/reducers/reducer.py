"""What every reducer has and is asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from stromal.errors import Issue
from stromal.kernels.reducers.checks import CHECKS
from stromal.kernels.reducers.per_patient import PerPatient, find_per_patient, part_of
from stromal.kernels.track import Track

Floats = NDArray[np.float64]

RESERVED = ("patient", "status", "steps", "note")
"""Columns of a table of patients beside those of reducers."""


@dataclass(frozen=True, slots=True)
class Reducer(ABC):
    """What every reducer has: the output it reads, and the name of what it gives.

    A reducer reads an output on a grid of times while a chunk of patients is at hand. Values on
    days stand on the grid themselves; everything else is exact on the cubics between its points.

    Parameters
    ----------
    output
        Name of the output.
    """

    output: str

    @property
    @abstractmethod
    def name(self) -> str:
        """Name of the result: `minimum(ANC)`."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the numbers, as a table of patients has them."""
        return (self.name,)

    @property
    def width(self) -> int:
        """How many numbers a patient gets."""
        return len(self.columns)

    @property
    def whole_grid(self) -> bool:
        """Whether the grid between the asked times is read, and not only `points`."""
        return True

    @property
    @abstractmethod
    def points(self) -> tuple[float, ...]:
        """Times that must stand on the grid of every patient."""

    @abstractmethod
    def reduce(self, track: Track) -> Floats:
        """Return the result for each patient of a chunk: (n,), or (n, width)."""

    def own_points(self) -> list[Floats]:
        """Return times that must stand on the grids of single patients, each (N,); NaN for none."""
        found = [np.atleast_2d(one.times.T).T for one in self._per_patient()]
        columns = [column for times in found for column in times.T]
        return [np.where(np.isfinite(column), column, np.nan) for column in columns]

    def part(self, rows: slice) -> Self:
        """Return the reducer of some of the patients."""
        if not self._per_patient():
            return self
        cut = {field.name: part_of(getattr(self, field.name), rows) for field in fields(self)}
        return replace(self, **cut)

    def patients(self) -> set[int]:
        """Return how many patients it gives times for; nothing where all share them."""
        return {len(one) for one in self._per_patient()}

    def check(self) -> list[Issue]:
        """Return what is wrong with the reducer itself."""
        issues = [issue for field in fields(self) for issue in self._check_field(field.name)]
        # Nothing else can be said of a reducer with a part of the wrong kind, not even its name.
        return issues or self._check_names()

    def _check_names(self) -> list[Issue]:
        if any(name in RESERVED for name in self.columns):
            message = f"`{self.name}` is a column of every table of patients"
            return [Issue(message, hint="give another `label`")]
        if len(set(self.columns)) < len(self.columns) or not self.columns:
            hint = "give at least one, and times that differ in their first six digits"
            return [Issue(f"{self.name}: times do not make columns of their own", hint=hint)]
        return self._check_together()

    def _check_together(self) -> list[Issue]:
        """Return what is wrong with parts that are right by themselves."""
        return []

    def _check_field(self, name: str) -> list[Issue]:
        value: Any = getattr(self, name)
        return list(CHECKS[name](type(self).__name__, value))

    def _per_patient(self) -> list[PerPatient]:
        return [
            one for field in fields(self) for one in find_per_patient(getattr(self, field.name))
        ]


def read_all(reducers: Iterable[Reducer]) -> bool:
    """Say whether some reducer reads the whole run, and not only points of its own.

    Examples
    --------
    >>> from stromal.kernels.reducers import Minimum, ValueAt
    >>> read_all([ValueAt("ANC", (14.0,))]), read_all([ValueAt("ANC", (14.0,)), Minimum("ANC")])
    (False, True)
    """
    return any(reducer.whole_grid for reducer in reducers)
