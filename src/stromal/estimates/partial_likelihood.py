"""The partial likelihood of a regression on hazards, with Efron's handling of ties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stromal.estimates.intervals import FloatArray
from stromal.estimates.risk_sets import RiskSets, add_up
from stromal.estimates.tied_events import TiedEvents, Ties, find_ties
from stromal.estimates.times import IntArray
from stromal.estimates.weighed import EachCell, Weighed, count_patterns, weigh


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
    each_cell: EachCell
    quickest: Weighed
    """Whose weights are summed for the likelihood: of patterns of covariates, if they are few."""
    known: dict[bytes, tuple[float, FloatArray, FloatArray]]
    """What was worked out before, by coefficients: the start is asked for several times."""

    @classmethod
    def of(cls, risk: RiskSets, event: IntArray, ties: Ties) -> PartialLikelihood:
        """Return the likelihood of the cells with the event, marked by 1 in `event` (cells,)."""
        cells = risk.cells
        died = cells.count * event
        deaths = add_up(died[:, None], cells.slot, cells.slots)[:, 0]
        each = EachCell.of(risk, died)
        quickest = count_patterns(risk, died) or each
        return cls(risk, died, find_ties(deaths, ties), each, quickest, {})

    @property
    def deaths(self) -> FloatArray:
        """Events of each slot (slots,)."""
        deaths = np.zeros(self.risk.cells.slots)
        deaths[self.tied.places] = self.tied.deaths
        return deaths

    def weigh(self, beta: FloatArray) -> tuple[FloatArray, float]:
        """Return weights exp(x beta - c) of one patient of each cell (cells,), and c."""
        return weigh(self.each_cell, beta)

    def sum_slots(self, weight: FloatArray, of: Weighed | None = None) -> tuple[Slots, float]:
        """Return the sums of all slots, and the sum of log q over all turns.

        `of` is whose weights these are: each cell's, if nothing is said.
        """
        at_risk, dying = (of or self.each_cell).sum_slots(weight)
        inverse, squared, logs = self.tied.sum_turns(at_risk[:, 0], dying[:, 0])
        return Slots(at_risk[:, 1:], dying[:, 1:], inverse, squared), logs

    def __call__(self, beta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Return the log-likelihood, its gradient and its information."""
        asked = (beta + 0.0).tobytes()
        if asked not in self.known:
            self.known[asked] = self._evaluate(beta)
        return self.known[asked]

    def _evaluate(self, beta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        who = self.quickest
        weight, largest = weigh(who, beta)
        slots, logs = self.sum_slots(weight, who)
        value = float(who.seen @ beta) - who.events * largest - logs
        expected = slots.inverse[:, 0] @ slots.at_risk - slots.inverse[:, 1] @ slots.dying
        return value, who.seen - expected, self.inform(weight, slots, of=who)

    def inform(
        self,
        weight: FloatArray,
        slots: Slots,
        time: FloatArray | None = None,
        of: Weighed | None = None,
    ) -> FloatArray:
        """Return the information (terms, terms), each slot taken `time` (slots,) times.

        The squares of covariates are not summed over risk sets: every cell adds its own as often as
        it is at risk, which is one product of matrices.
        """
        who = of or self.each_cell
        inverse, squared = slots.inverse, slots.squared
        if time is not None:
            inverse, squared = inverse * time[:, None], squared * time[:, None]
        hazard = who.sum_hazards(inverse[:, 0], inverse[:, 1])
        whole = who.values.T @ (who.values * (weight * hazard)[:, None])
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
