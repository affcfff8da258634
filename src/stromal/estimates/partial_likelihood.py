"""The partial likelihood of a regression on hazards, with Efron's handling of ties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stromal.estimates.intervals import FloatArray
from stromal.estimates.risk_sets import RiskSets, add_up
from stromal.estimates.tied_events import TiedEvents, Ties, find_ties
from stromal.estimates.times import IntArray


@dataclass(frozen=True, slots=True)
class Slots:
    """Sums over each slot at some coefficients, from which all derivatives follow.

    `at_risk` and `dying` (slots, terms) are weighted covariates of those at risk and of those with
    the event. With q = S - (l/d) D, where S and D are the weights of both, `inverse` (slots, 2)
    holds the sums over turns of 1/q and (l/d)/q, and `squared` (slots, 3) those of 1/q^2, (l/d)/q^2
    and (l/d)^2/q^2.
    """

    at_risk: FloatArray
    dying: FloatArray
    inverse: FloatArray
    squared: FloatArray


@dataclass(frozen=True, slots=True)
class PartialLikelihood:
    """The log partial likelihood of covariates, as a function of coefficients (terms,)."""

    risk: RiskSets
    died: FloatArray
    tied: TiedEvents
    columns: FloatArray
    """Ones and covariates of each cell (cells, 1 + terms), column after column."""
    ill: IntArray
    """Cells with the event (ill,)."""
    ill_columns: FloatArray
    """Columns of these times their patients (ill, 1 + terms), column after column."""
    known: dict[bytes, tuple[float, FloatArray, FloatArray]]
    """What was worked out before, by coefficients: the start is asked for several times."""

    @classmethod
    def of(cls, risk: RiskSets, event: IntArray, ties: Ties) -> PartialLikelihood:
        """Return the likelihood of the cells with the event, marked by 1 in `event` (cells,)."""
        cells = risk.cells
        died = cells.count * event
        deaths = add_up(died[:, None], cells.slot, cells.slots)[:, 0]
        columns = np.ones((died.size, 1 + cells.values.shape[1]), order="F")
        columns[:, 1:] = cells.values
        ill = np.flatnonzero(died)
        ill_columns = np.asfortranarray(columns[ill] * died[ill, None])
        return cls(risk, died, find_ties(deaths, ties), columns, ill, ill_columns, {})

    @property
    def deaths(self) -> FloatArray:
        """Events of each slot (slots,)."""
        deaths = np.zeros(self.risk.cells.slots)
        deaths[self.tied.places] = self.tied.deaths
        return deaths

    def weigh(self, beta: FloatArray) -> tuple[FloatArray, float]:
        """Return weights exp(x beta - c) of one patient of each cell (cells,), and c."""
        score = self.risk.cells.values @ beta
        largest = float(score.max(initial=0.0))
        return np.exp(score - largest), largest

    def sum_slots(self, weight: FloatArray) -> tuple[Slots, float]:
        """Return the sums of all slots, and the sum of log q over all turns."""
        cells = self.risk.cells
        counted = weight * cells.count
        at_risk = self.risk.gather(counted[:, None] * self.columns)
        ill = self.ill
        dying = add_up(weight[ill, None] * self.ill_columns, cells.slot[ill], cells.slots)
        inverse, squared, logs = self.tied.sum_turns(at_risk[:, 0], dying[:, 0])
        return Slots(at_risk[:, 1:], dying[:, 1:], inverse, squared), logs

    def __call__(self, beta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Return the log-likelihood, its gradient and its information."""
        asked = (beta + 0.0).tobytes()
        if asked not in self.known:
            self.known[asked] = self._evaluate(beta)
        return self.known[asked]

    def _evaluate(self, beta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        cells = self.risk.cells
        weight, largest = self.weigh(beta)
        slots, logs = self.sum_slots(weight)
        value = float(self.died @ (cells.values @ beta - largest)) - logs
        expected = slots.inverse[:, 0] @ slots.at_risk - slots.inverse[:, 1] @ slots.dying
        gradient = self.ill_columns[:, 1:].sum(axis=0) - expected
        return value, gradient, self.inform(weight, slots)

    def inform(
        self, weight: FloatArray, slots: Slots, time: FloatArray | None = None
    ) -> FloatArray:
        """Return the information (terms, terms), each slot taken `time` (slots,) times.

        The squares of covariates are not summed over risk sets: every cell adds its own as often as
        it is at risk, which is one product of matrices.
        """
        cells = self.risk.cells
        often = np.ones(cells.slots) if time is None else time
        inverse, squared = slots.inverse * often[:, None], slots.squared * often[:, None]
        at_risk = self.risk.spread(inverse[:, :1])[:, 0]
        hazard = cells.count * at_risk - self.died * inverse[cells.slot, 1]
        whole = cells.values.T @ (cells.values * (weight * hazard)[:, None])
        first, cross, last = squared.T
        mixed = slots.at_risk.T @ (slots.dying * cross[:, None])
        means = (
            slots.at_risk.T @ (slots.at_risk * first[:, None])
            - mixed
            - mixed.T
            + slots.dying.T @ (slots.dying * last[:, None])
        )
        information: FloatArray = whole - means
        return information

    def schoenfeld(self, slots: Slots) -> FloatArray:
        """Return covariates of those with the event less what was expected (slots, terms)."""
        cells = self.risk.cells
        seen = add_up(self.died[:, None] * cells.values, cells.slot, cells.slots)
        inverse = slots.inverse
        residuals: FloatArray = seen - inverse[:, :1] * slots.at_risk + inverse[:, 1:] * slots.dying
        return residuals

    def score_residuals(self, weight: FloatArray, slots: Slots) -> tuple[FloatArray, FloatArray]:
        """Return what one patient of each cell adds to the gradient (cells, terms).

        The first are of patients without the event, the second of those with it: a patient who has
        the event in a tie is at risk by less in each turn. [lin1989, therneau2000]
        """
        cells = self.risk.cells
        first, cross, last = (slots.squared[:, [index]] for index in range(3))
        means = first * slots.at_risk - cross * slots.dying
        tied = cross * slots.at_risk - last * slots.dying
        inverse = slots.inverse
        lived = self.risk.spread(np.column_stack([inverse[:, :1], means]))
        free = -weight[:, None] * (cells.values * lived[:, :1] - lived[:, 1:])
        deaths = self.deaths
        # The mean of the turns' means: what a patient with the event is compared with.
        total = inverse[:, :1] * slots.at_risk - inverse[:, 1:] * slots.dying
        average = np.divide(total, deaths[:, None], out=np.zeros_like(total), where=total != 0)
        spared = cells.values * inverse[cells.slot, 1:] - tied[cells.slot]
        own = cells.values - average[cells.slot] + weight[:, None] * spared
        return free, free + own
