"""Fine and Gray's regression on the hazard of a subdistribution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from stromal.estimates.estimate import Estimate
from stromal.estimates.hazard_regression import Question, ask_hazards
from stromal.estimates.intervals import FloatArray
from stromal.estimates.newton import maximise
from stromal.estimates.partial_likelihood import PartialLikelihood
from stromal.estimates.regression import (
    Regression,
    begin_regression,
    end_regression,
    no_effects,
)
from stromal.estimates.risk_sets import (
    AtRisk,
    Cells,
    add_up,
    count_cells,
    standardise_cells,
    up_to_here,
)
from stromal.estimates.times import share_at_risk

FINE_GRAY_SOURCES = ("fine1999",)

_METHOD = "Fine-Gray regression, Wald interval with the variance of the censoring"


@dataclass(frozen=True, slots=True)
class StillCounted:
    """Risk sets of a subdistribution: whoever had a competing event stays at risk.

    Such a patient would have been censored one day, nobody knows when; from the competing event on
    the patient counts by the probability of being still under observation, G(t)/G(T). [fine1999]
    `uncensored` (slots,) is G just before each day.
    """

    cells: Cells
    uncensored: FloatArray
    competing: FloatArray

    def gather(self, values: FloatArray) -> FloatArray:
        """Sum values of cells over those at risk in each slot."""
        return AtRisk(self.cells).gather(values) + self.uncensored[:, None] * self.gone(values)

    def gone(self, values: FloatArray) -> FloatArray:
        """Sum values, over G at the competing event, of those who had it before each slot."""
        cells = self.cells
        share = self.competing / self.uncensored[cells.slot]
        on = add_up(values * share[:, None], cells.slot, cells.slots)
        return up_to_here(on, cells) - on

    def spread(self, values: FloatArray) -> FloatArray:
        """Sum values of slots over those at which each cell is at risk."""
        cells = self.cells
        later = values * self.uncensored[:, None]
        passed = up_to_here(later, cells)
        after = passed[-1] - passed
        share = self.competing / self.uncensored[cells.slot]
        spread: FloatArray = AtRisk(cells).spread(values) + share[:, None] * after[cells.slot]
        return spread


def fit_fine_gray(
    outcomes: pl.DataFrame,
    covariates: pl.DataFrame,
    event: int = 1,
    *,
    level: float = 0.95,
    references: Mapping[str, str] | None = None,
) -> Regression:
    """Estimate ratios of subdistribution hazards by Fine and Gray's regression.

    A ratio above 1 says that the cumulative incidence of the event is higher; it is no ratio of
    rates among those who are still free of every event, for which a Cox regression of the cause is
    asked. Competing events are weighted by the Kaplan-Meier curve of the censoring, of all patients
    together; the variance knows that this curve was estimated. Tied events are taken by Breslow's
    method. [fine1999]

    Parameters
    ----------
    outcomes
        One row per patient: `day` [d] and `status` (0 censored, 1.. causes). Late entries are not
        provided for.
    covariates
        Covariates in the order of the rows, as for `build_design`, shape (patients, covariates).
    event
        Status that is the event; other statuses above 0 compete.
    level
        Level of the intervals, between 0 and 1.
    references
        Reference level of each category, as for `build_design`.

    Returns
    -------
    Regression
        Subdistribution hazard ratios in the order of the terms; Wald test. Where somebody entered
        late nothing is estimated, with the reason.

    Examples
    --------
    >>> outcomes = pl.DataFrame({"day": [4.0, 3, 1, 1, 2, 2, 3], "status": [1, 2, 1, 0, 1, 2, 0]})
    >>> found = fit_fine_gray(outcomes, pl.DataFrame({"x": [0, 2, 1, 1, 1, 0, 0]}))
    >>> round(found.effects[0].coefficient, 4), found.n, found.events
    (0.0576, 7, 3)

    Witness: R cmprsk::crr, tests/reference/fine_gray.
    """
    question = ask_hazards(outcomes, covariates, event, references=references)
    whole = Estimate(
        None,
        level=level,
        n=question.times.n,
        events=int(question.happened.sum()),
        method=_METHOD,
        sources=FINE_GRAY_SOURCES,
        interval="Wald",
        never_at_risk=question.times.never_at_risk,
    )
    answer = begin_regression(whole, question.left_out)
    reason = _refuse(question)
    if reason or not question.design.usable.size:
        return replace(answer, effects=no_effects(question.design, whole, reason), reason=reason)
    counted = count_cells(question.times, question.values[:, question.design.usable])
    cells, spread = standardise_cells(counted)
    risk = StillCounted(cells, _uncensored(question), _competing(cells, event))
    likelihood = PartialLikelihood.of(risk, question.happened[cells.row], "breslow")
    found = maximise(likelihood, np.zeros(spread.size))
    covariance = found.covariance
    if not found.reason and not any(found.infinite):
        covariance = _sandwich(likelihood, risk, found.coefficients, found.covariance)
    ended = end_regression(answer, question.design, likelihood, found, covariance, spread, whole)
    # Likelihoods are weighted, and only Wald's test has the covariance above.
    return replace(ended, tests=tuple(test for test in ended.tests if test.name == "Wald"))


def _refuse(question: Question) -> str:
    if question.times.delayed:
        return "patients who came under observation late are not provided for"
    return "" if question.happened.any() else "nobody had the event"


def _competing(cells: Cells, event: int) -> FloatArray:
    """Return 1 for cells whose patients had a competing event (cells,)."""
    competing: FloatArray = ((cells.status > 0) & (cells.status != event)).astype(np.float64)
    return competing


def _uncensored(question: Question) -> FloatArray:
    """Return the probability of no censoring before each day (days,), by Kaplan and Meier."""
    times = question.times
    stays = np.cumprod(1 - share_at_risk(times.count(times.status == 0), times.at_risk))
    return np.concatenate([[1.0], stays[:-1]])


def _sandwich(
    likelihood: PartialLikelihood, risk: StillCounted, beta: FloatArray, naive: FloatArray
) -> FloatArray:
    """Return the covariance of the coefficients (terms, terms), formulas 7 and 8 of the paper."""
    cells = risk.cells
    weight, _ = likelihood.weigh(beta)
    slots, _ = likelihood.sum_slots(weight)
    free, died = likelihood.score_residuals(weight, slots)
    each = np.where((likelihood.died > 0)[:, None], died, free)
    hazard, mean = slots.inverse[:, :1], slots.squared[:, :1] * slots.at_risk
    each = each + _of_censoring(risk, weight, hazard, mean)
    spread = each.T @ (each * cells.count[:, None])
    covariance: FloatArray = naive @ spread @ naive
    return covariance


def _of_censoring(
    risk: StillCounted, weight: FloatArray, hazard: FloatArray, mean: FloatArray
) -> FloatArray:
    """Return what one patient of each cell adds because G was estimated (cells, terms).

    `hazard` (slots, 1) are increments of the baseline subdistribution hazard, and `mean` (slots,
    terms) these times the mean covariates of the risk set.
    """
    cells = risk.cells
    counted = weight * cells.count
    columns = np.column_stack([np.ones_like(weight), cells.values])
    gone = risk.gone(counted[:, None] * columns)
    later = np.column_stack([hazard, mean]) * risk.uncensored[:, None]
    # A censoring acts on events of its own day and later, as the paper writes it: t >= u > T.
    passed = up_to_here(later, cells)
    ahead = passed[-1] - passed + later
    owed = gone[:, 1:] * ahead[:, :1] - gone[:, :1] * ahead[:, 1:]
    at_risk = AtRisk(cells).gather(cells.count[:, None])
    share = np.divide(owed, at_risk, out=np.zeros_like(owed), where=at_risk > 0)
    censored = (cells.status == 0).astype(np.float64)
    left = add_up((cells.count * censored)[:, None], cells.slot, cells.slots)
    drift = np.divide(share * left, at_risk, out=np.zeros_like(owed), where=at_risk > 0)
    own: FloatArray = censored[:, None] * share[cells.slot]
    return own - up_to_here(drift, cells)[cells.slot]
