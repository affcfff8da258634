"""Correlated parameters: a Gaussian copula over whatever each is distributed as [nelsen2006].

Normal numbers are correlated, and each parameter takes the quantile of its own. So each keeps its
distribution, and the correlations are those on the normal scale: of the logarithms, for two
log-normal parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.errors import Issue, join_words
from stromal.kernels.arguments import is_finite, is_listed
from stromal.likeness import find_similar

Floats = NDArray[np.float64]
Correlation = Mapping[Any, Any] | Iterable[tuple[str, str, float]] | pl.DataFrame
Entry = tuple[Any, Any, Any]

PAIR = ("first", "second", "correlation")
"""Columns of a table of pairs."""

ROUNDING = 1e-9
"""How far numbers may differ that are meant to be the same, since most are computed."""

LEAST_EIGENVALUE = -1e-9
LEAST_PIVOT = 1e-12
SLICE = 8192
"""Patients at a time, so that their numbers stay in the processor's cache."""

FORMS = (
    'give pairs, such as {("ke", "kill"): 0.5}, rows by name, such as {"ke": {"kill": 0.5}}, '
    "or a table with the columns first, second and correlation"
)


@dataclass(frozen=True, slots=True)
class Block:
    """Parameters that are correlated with each other, in the order of their names.

    `factor` is the Cholesky factor of their correlations, (K, K): rows of the length 1.
    """

    names: tuple[str, ...]
    factor: Floats

    def correlate(self, normals: Floats) -> None:
        """Turn independent normal numbers (K, N) into correlated ones, in place.

        Sums are written out: a matrix product may round otherwise for another number of patients.
        """
        for begin in range(0, normals.shape[1], SLICE):
            part = normals[:, begin : begin + SLICE]
            # From the last row up, since a row needs the numbers above it as they were.
            for row in range(len(self.names) - 1, -1, -1):
                total = part[row] * self.factor[row, row]
                for column in range(row):
                    if self.factor[row, column]:
                        total += part[column] * self.factor[row, column]
                part[row] = total


def read_correlation(
    given: Correlation | None, known: Iterable[str]
) -> tuple[tuple[Block, ...], list[Issue]]:
    """Read correlations into blocks of parameters that depend on each other.

    Parameters
    ----------
    given
        Pairs of names with their correlation, as a mapping or a list; a mapping of mappings; a
        table of pairs (`first`, `second`, `correlation`) or a square table with a column of names.
        Pairs that are not named are not correlated.
    known
        Names of the parameters.

    Returns
    -------
    blocks
        Parameters that stand alone are in none.
    issues
        Unknown names, numbers beyond -1 and 1, a diagonal that is not 1, two numbers for one pair,
        a matrix that is not positive semidefinite. Nothing is repaired.
    """
    if given is None:
        return (), []
    entries, issues = _list_entries(given)
    pairs, found = _read_pairs(entries, tuple(known))
    issues += found
    if issues:
        return (), issues
    blocks = []
    for names in _find_groups(pairs):
        matrix = np.eye(len(names))
        place = {name: row for row, name in enumerate(names)}
        for (first, second), number in pairs.items():
            if first in place:
                matrix[place[first], place[second]] = matrix[place[second], place[first]] = number
        found = list(_check_definite(names, matrix))
        issues += found
        if not found:
            blocks.append(Block(names, _factorise(matrix)))
    return tuple(blocks), issues


def _list_entries(given: object) -> tuple[list[Entry], list[Issue]]:
    """Every (first, second, correlation) that is given, in whatever form."""
    if isinstance(given, pl.DataFrame):
        return _list_table(given)
    if isinstance(given, Mapping):
        entries: list[Entry] = []
        for key, value in given.items():
            if isinstance(value, Mapping):
                entries += [(key, other, number) for other, number in value.items()]
            elif isinstance(key, tuple) and len(key) == 2:
                entries.append((*key, value))
            else:
                return [], [Issue(f"{key!r}: {value!r} is no correlation", hint=FORMS)]
        return entries, []
    if is_listed(given) and not isinstance(given, str | np.ndarray):
        rows = list(given)
        wrong = [row for row in rows if not (isinstance(row, tuple | list) and len(row) == 3)]
        if not wrong:
            return [(first, second, number) for first, second, number in rows], []
        return [], [Issue(f"{wrong[0]!r} is no correlation", hint=FORMS)]
    return [], [Issue(f"correlation is {given!r}", hint=FORMS)]


def _list_table(table: pl.DataFrame) -> tuple[list[Entry], list[Issue]]:
    """Entries of a table of pairs, or of a square one."""
    if set(PAIR) <= set(table.columns):
        return list(table.select(PAIR).iter_rows()), []
    words = [name for name, kind in table.schema.items() if kind == pl.String]
    if len(words) != 1:
        message = f"the table of correlations has the columns {join_words(table.columns)}"
        hint = f"name them {join_words(PAIR)}, or give one column of names and one for each name"
        return [], [Issue(message, hint=hint)]
    others = [name for name in table.columns if name != words[0]]
    return [
        (row[words[0]], other, row[other])
        for row in table.iter_rows(named=True)
        for other in others
    ], []


def _read_pairs(
    entries: list[Entry], known: tuple[str, ...]
) -> tuple[dict[tuple[str, str], float], list[Issue]]:
    """Numbers of each pair of names, and what is wrong with any."""
    pairs: dict[tuple[str, str], float] = {}
    issues: list[Issue] = []
    named = [str(name) for entry in entries for name in entry[:2]]
    for name in dict.fromkeys(name for name in named if name not in known):
        near = find_similar(name, known)
        hint = f"did you mean `{near}`?" if near else "give it a distribution, or leave it out"
        issues.append(Issue(f"correlation of `{name}`, which has no distribution", hint=hint))
    for first, second, number in entries:
        if not (str(first) in known and str(second) in known):
            continue
        what = f"the correlation of {first} and {second} is {number!r}"
        if not is_finite(number) or abs(float(number)) > 1 + ROUNDING:
            issues.append(Issue(what, hint="give a number from -1 to 1"))
        elif first == second:
            if abs(float(number) - 1) > ROUNDING:
                issues.append(Issue(what, hint="give 1 on the diagonal: no covariances"))
        else:
            pair = (first, second) if first < second else (second, first)
            if abs(pairs.setdefault(pair, float(number)) - float(number)) > ROUNDING:
                message = f"{what}, and {pairs[pair]:g} the other way"
                issues.append(Issue(message, hint="give both alike, or one of them"))
    return pairs, issues


def _find_groups(pairs: Mapping[tuple[str, str], float]) -> Iterator[tuple[str, ...]]:
    """Yield names that are joined by correlations other than 0, each group sorted."""
    groups: list[set[str]] = []
    for (first, second), number in pairs.items():
        if number:
            touched = [group for group in groups if group & {first, second}]
            groups = [group for group in groups if group not in touched]
            groups.append({first, second}.union(*touched))
    yield from sorted(tuple(sorted(group)) for group in groups)


def _check_definite(names: tuple[str, ...], matrix: Floats) -> Iterator[Issue]:
    """Yield an issue of correlations that no numbers can have, with the names that matter most."""
    values, vectors = np.linalg.eigh(matrix)
    if values[0] < LEAST_EIGENVALUE:
        shares = vectors[:, 0] ** 2
        weighty = [names[place] for place in np.argsort(-shares, kind="stable")[:4]]
        message = (
            f"no parameters can have these correlations: the matrix has the eigenvalue "
            f"{values[0]:.3g}, most of it from {join_words(sorted(weighty))}"
        )
        hint = "take correlations from one table of complete rows, or bring them nearer to 0"
        yield Issue(message, hint=hint)


def _factorise(matrix: Floats) -> Floats:
    """Cholesky factor of a matrix that may be singular; rows have the length 1 [higham1990]."""
    size = len(matrix)
    factor = np.zeros((size, size))
    for column in range(size):
        rest = matrix[column:, column] - factor[column:, :column] @ factor[column, :column]
        # A parameter that follows from those before it adds nothing of its own.
        if rest[0] > LEAST_PIVOT:
            factor[column:, column] = rest / np.sqrt(rest[0])
    return np.asarray(factor / np.sqrt((factor**2).sum(axis=1))[:, None])
