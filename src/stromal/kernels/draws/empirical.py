"""Parameter vectors that are given, such as draws from a posterior."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from stromal.errors import InvalidInput, Issue
from stromal.kernels.arguments import read_numbers
from stromal.kernels.draws.distribution import Distribution, Floats


@dataclass(frozen=True, slots=True, eq=False)
class Empirical(Distribution):
    """Rows of several parameters, drawn whole, so that what belongs together stays together.

    `rows` is a table with a column for each parameter, or arrays by name; `weights` says how likely
    each row is beside the others (alike if none are given). In a population it stands under a name
    of its own, which names its random numbers; the parameters have the names of the columns.
    """

    rows: pl.DataFrame | Mapping[str, ArrayLike]
    weights: ArrayLike | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        rows: object = self.rows
        if isinstance(rows, pl.DataFrame):
            return tuple(rows.columns)
        return tuple(rows) if isinstance(rows, Mapping) else ()

    def quantile(self, probability: Floats) -> Floats:
        """Return numbers of rows, from 0."""
        if self.weights is None:
            sums = np.arange(1.0, len(next(iter(self.read_columns().values()))) + 1)
        else:
            sums = np.cumsum(read_numbers(self.weights, "weights"))
        places = np.searchsorted(sums[:-1] / sums[-1], probability, side="left")
        return places.astype(np.float64)

    def read_columns(self) -> dict[str, Floats]:
        """Return the parameters by name, each of the shape (rows,)."""
        return {name: read_numbers(self.rows[name], f"`{name}`") for name in self.names}

    def check(self) -> list[Issue]:
        """Return issues of columns and weights: no numbers, gaps, lengths that do not agree."""
        hint = 'give a table, or arrays by name such as {"ke": [0.3, 0.4], "kill": [1, 2]}'
        rows: object = self.rows
        if not isinstance(rows, pl.DataFrame | Mapping) or not self.names:
            return [Issue(f"Empirical is of {rows!r}", hint=hint)]
        names: tuple[object, ...] = self.names
        wrong = [name for name in names if not isinstance(name, str)]
        if wrong:
            return [Issue(f"{wrong[0]!r} stands where the name of a parameter is meant", hint=hint)]
        issues: list[Issue] = []
        lengths: dict[str, int] = {}
        given = {f"`{name}`": self.rows[name] for name in self.names}
        if self.weights is not None:
            given["weights"] = self.weights
        for what, values in given.items():
            check = partial(_check_weights if what == "weights" else _check_column, what)
            try:
                numbers = read_numbers(values, what)
            except InvalidInput as error:
                issues += error.issues
                continue
            found = list(check(numbers))
            issues += found
            if not found:
                lengths[what] = len(numbers)
        if len(set(lengths.values())) > 1:
            listed = ", ".join(f"{what} {length}" for what, length in lengths.items())
            message = f"the columns of Empirical are of different lengths: {listed}"
            issues.append(Issue(message, hint="give one number for each row"))
        return issues


def _check_column(what: str, numbers: Floats) -> Iterator[Issue]:
    """Yield issues of what is no list of numbers, has gaps, or is empty."""
    if numbers.ndim != 1 or not numbers.size:
        message = f"{what} of Empirical has the shape {numbers.shape}"
        yield Issue(message, hint="give one number for each row, and at least one row")
    elif not np.isfinite(numbers).all():
        row = int(np.argmin(np.isfinite(numbers)))
        message = f"{what} of Empirical is {numbers[row]} in row {row} (from 0)"
        yield Issue(message, hint="leave out rows with gaps, or fill them")


def _check_weights(what: str, numbers: Floats) -> Iterator[Issue]:
    """Yield issues of weights that are negative, or all zero."""
    found = list(_check_column(what, numbers))
    yield from found
    if not found and (numbers < 0).any():
        message = f"one of the weights of Empirical is {numbers.min():g}"
        yield Issue(message, hint="give weights from 0 on")
    elif not found and not 0 < numbers.sum() < np.inf:
        message = f"the weights of Empirical sum to {numbers.sum():g}"
        yield Issue(message, hint="give at least one weight above 0, and none near the largest")
