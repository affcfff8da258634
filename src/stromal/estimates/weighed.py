"""Who is weighed in a partial likelihood: each cell of patients, or each pattern of covariates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from stromal.estimates.intervals import FloatArray
from stromal.estimates.risk_sets import AtRisk, RiskSets, add_up, from_here_on
from stromal.estimates.times import IntArray

WIDEST = 2
"""Places of a table of slots and patterns for each cell, up to which it is quicker than cells."""


class Weighed(Protocol):
    """Patients who share a weight, row by row."""

    @property
    def values(self) -> FloatArray:
        """Their covariates (rows, terms)."""

    @property
    def seen(self) -> FloatArray:
        """Covariates of all with the event, added up (terms,)."""

    @property
    def events(self) -> float:
        """How many have the event."""

    def sum_slots(self, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Sum weights (rows,) and weighted covariates of those at risk and of those with the event.

        Both are (slots, 1 + terms).
        """

    def sum_hazards(self, at_risk: FloatArray, dying: FloatArray) -> FloatArray:
        """Sum what slots (slots,) add to each row at risk, less what they add to those dying."""


def weigh(rows: Weighed, beta: FloatArray) -> tuple[FloatArray, float]:
    """Return weights exp(x beta - c) of each row (rows,), and c, by which none overflows."""
    score = rows.values @ beta
    largest = float(score.max(initial=0.0))
    return np.exp(score - largest), largest


@dataclass(frozen=True, slots=True)
class EachCell:
    """Cell after cell: right for all risk sets.

    `columns` (cells, 1 + terms) are ones and covariates; `ill` (ill,) are the cells with the event,
    `ill_columns` (ill, 1 + terms) their columns times their patients. Both go column after column.
    """

    risk: RiskSets
    died: FloatArray
    columns: FloatArray
    ill: IntArray
    ill_columns: FloatArray

    @classmethod
    def of(cls, risk: RiskSets, died: FloatArray) -> EachCell:
        """Return the cells of risk sets, of which so many (cells,) have the event."""
        values = risk.cells.values
        columns = np.ones((died.size, 1 + values.shape[1]), order="F")
        columns[:, 1:] = values
        ill = np.flatnonzero(died)
        ill_columns = np.asfortranarray(columns[ill] * died[ill, None])
        return cls(risk, died, columns, ill, ill_columns)

    @property
    def values(self) -> FloatArray:
        """Covariates of cells (cells, terms)."""
        return self.risk.cells.values

    @property
    def seen(self) -> FloatArray:
        """Covariates of all with the event, added up (terms,)."""
        summed: FloatArray = self.ill_columns[:, 1:].sum(axis=0)
        return summed

    @property
    def events(self) -> float:
        """How many have the event."""
        return float(self.died.sum())

    def sum_slots(self, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Sum over cells."""
        cells, ill = self.risk.cells, self.ill
        at_risk = self.risk.gather((weight * cells.count)[:, None] * self.columns)
        dying = add_up(weight[ill, None] * self.ill_columns, cells.slot[ill], cells.slots)
        return at_risk, dying

    def sum_hazards(self, at_risk: FloatArray, dying: FloatArray) -> FloatArray:
        """Sum over the slots of each cell."""
        cells = self.risk.cells
        spread: FloatArray = cells.count * self.risk.spread(at_risk[:, None])[:, 0]
        return spread - self.died * dying[cells.slot]


@dataclass(frozen=True, slots=True)
class EachPattern:
    """Pattern after pattern of covariates, with who is at risk counted once and for all.

    `columns` (patterns, 1 + terms) are ones and covariates; `at_risk` and `died` (slots, patterns)
    count patients. A sum over risk sets is then one product of matrices.
    """

    columns: FloatArray
    at_risk: FloatArray
    died: FloatArray

    @property
    def values(self) -> FloatArray:
        """Covariates of patterns (patterns, terms)."""
        return self.columns[:, 1:]

    @property
    def seen(self) -> FloatArray:
        """Covariates of all with the event, added up (terms,)."""
        summed: FloatArray = self.died.sum(axis=0) @ self.values
        return summed

    @property
    def events(self) -> float:
        """How many have the event."""
        return float(self.died.sum())

    def sum_slots(self, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Sum over patterns."""
        weighted = weight[:, None] * self.columns
        return self.at_risk @ weighted, self.died @ weighted

    def sum_hazards(self, at_risk: FloatArray, dying: FloatArray) -> FloatArray:
        """Sum over slots."""
        summed: FloatArray = at_risk @ self.at_risk - dying @ self.died
        return summed


def count_patterns(risk: RiskSets, died: FloatArray) -> EachPattern | None:
    """Count who is at risk and who has the event by covariates; None where that takes longer.

    Parameters
    ----------
    risk
        Risk sets; only those that weigh nobody, and that all enter at the start, are counted.
    died
        Patients with the event of each cell, shape (cells,).

    Examples
    --------
    >>> from stromal.estimates.risk_sets import count_cells
    >>> from stromal.estimates.times import read_times
    >>> import polars as pl
    >>> times = read_times(pl.DataFrame({"day": [5.0, 5.0, 8.0], "status": [1, 1, 0]}))
    >>> cells = count_cells(times, np.zeros((3, 1)))
    >>> count_patterns(AtRisk(cells), cells.count * cells.status).at_risk.tolist()
    [[3.0], [3.0], [1.0]]
    """
    cells = risk.cells
    if cells.pattern is None or not isinstance(risk, AtRisk) or (cells.entry >= 0).any():
        return None
    patterns = int(cells.pattern.max()) + 1
    if cells.slots * patterns > WIDEST * cells.count.size:
        return None
    columns = np.ones((patterns, 1 + cells.values.shape[1]))
    columns[cells.pattern, 1:] = cells.values
    place = cells.slot * patterns + cells.pattern
    everybody, ill = add_up(
        np.column_stack([cells.count, died]), place, cells.slots * patterns
    ).T.reshape(2, cells.slots, patterns)
    return EachPattern(columns, from_here_on(everybody, cells), ill)
