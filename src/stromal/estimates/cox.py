"""Cox's proportional hazards regression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from stromal.estimates.estimate import Estimate
from stromal.estimates.hazard_regression import Question, ask_hazards
from stromal.estimates.intervals import FloatArray
from stromal.estimates.newton import Maximum, maximise
from stromal.estimates.partial_likelihood import PartialLikelihood
from stromal.estimates.regression import (
    Regression,
    begin_regression,
    end_regression,
    mark_idle,
    no_effects,
)
from stromal.estimates.risk_sets import AtRisk, add_up, count_cells, standardise_cells
from stromal.estimates.tied_events import Ties
from stromal.estimates.times import name_entry

COX_SOURCES = ("cox1972",)
ROBUST_SOURCES = ("lin1989",)
TIES_SOURCES: Mapping[Ties, tuple[str, ...]] = {
    "efron": ("efron1977",),
    "breslow": ("breslow1974",),
}


def fit_cox(  # noqa: PLR0913 - a regression is asked in one place
    outcomes: pl.DataFrame,
    covariates: pl.DataFrame,
    event: int | None = None,
    *,
    level: float = 0.95,
    ties: Ties = "efron",
    strata: pl.Series | None = None,
    clusters: pl.Series | None = None,
    robust: bool = False,
    references: Mapping[str, str] | None = None,
) -> Regression:
    """Estimate hazard ratios by Cox's proportional hazards regression.

    The hazard of each patient is taken to be the hazard of a patient with all covariates zero times
    exp(x b), on all days alike; nothing is assumed of how hazards change with time. [cox1972]
    Patients who came under observation late are at risk from then on, so that a covariate that
    changes is written as several rows of one patient. Intervals and tests are Wald's.

    Parameters
    ----------
    outcomes
        One row per patient: `day` [d], `status` (0 censored, 1.. causes), and `entry_day` [d]
        where patients entered late.
    covariates
        Covariates in the order of the rows, as for `build_design`, shape (patients, covariates).
    event
        Status that is the event; others are then censored. Without it every status above 0 is.
    level
        Level of the intervals, between 0 and 1.
    ties
        Efron's method [efron1977] or Breslow's [breslow1974].
    strata
        Stratum of each patient: hazards differ between strata in any way, ratios do not.
    clusters
        Patients of one cluster, or rows of one patient, are not independent: the variance is the
        robust one of clusters. [lin1989]
    robust
        The robust variance, each row a cluster of its own.
    references
        Reference level of each category, as for `build_design`.

    Returns
    -------
    Regression
        Hazard ratios in the order of the terms; likelihood-ratio, Wald and score test.

    Examples
    --------
    >>> outcomes = pl.DataFrame({"day": [4.0, 3, 1, 1, 2, 2, 3], "status": [1, 1, 1, 0, 1, 1, 0]})
    >>> found = fit_cox(outcomes, pl.DataFrame({"x": [0, 2, 1, 1, 1, 0, 0]}))
    >>> round(found.effects[0].coefficient, 4), found.n, found.events
    (0.4608, 7, 5)

    Witness: R survival::coxph, tests/reference/cox.
    """
    question = ask_hazards(
        outcomes, covariates, event, strata=strata, clusters=clusters, references=references
    )
    is_robust = robust or clusters is not None
    whole = _describe(question, ties, level, is_robust=is_robust)
    answer = begin_regression(whole, question.left_out)
    reason = "" if question.happened.any() else "nobody had the event"
    if reason or not question.design.usable.size:
        return replace(answer, effects=no_effects(question.design, whole, reason), reason=reason)
    question, likelihood, spread = pose(question, ties)
    if not question.design.usable.size:
        return replace(answer, effects=no_effects(question.design, whole, reason))
    found = maximise(likelihood, np.zeros(spread.size))
    covariance = found.covariance
    if is_robust and not found.reason and not any(found.infinite):
        covariance = sandwich(likelihood, question, found)
    return end_regression(answer, question.design, likelihood, found, covariance, spread, whole)


def pose(question: Question, ties: Ties) -> tuple[Question, PartialLikelihood, FloatArray]:
    """Return the likelihood of usable terms in standard deviations, and these deviations.

    Terms that never differ among those at risk are marked in the question that is returned, and
    stand in no likelihood.
    """
    likelihood, spread = _pose(question, ties)
    _, _, information = likelihood(np.zeros(spread.size))
    design = mark_idle(question.design, information, int(question.happened.sum()))
    if design.usable.size == spread.size:
        return question, likelihood, spread
    marked = replace(question, design=design)
    return marked, *_pose(marked, ties)


def _pose(question: Question, ties: Ties) -> tuple[PartialLikelihood, FloatArray]:
    usable = question.design.usable
    values = question.values
    values = values if usable.size == values.shape[1] else values[:, usable]
    counted = count_cells(question.times, values, question.stratum, apart=question.cluster)
    cells, spread = standardise_cells(counted)
    return PartialLikelihood.of(AtRisk(cells), question.happened[cells.row], ties), spread


def sandwich(likelihood: PartialLikelihood, question: Question, found: Maximum) -> FloatArray:
    """Return the robust covariance: the outer products of what each cluster adds to the estimate.

    Parameters
    ----------
    likelihood, question, found
        The regression and its maximum.
    """
    cells = likelihood.risk.cells
    weight, _ = likelihood.weigh(found.coefficients)
    slots, _ = likelihood.sum_slots(weight)
    free, died = likelihood.score_residuals(weight, slots)
    with_event = (likelihood.died > 0)[:, None]
    each = np.where(with_event, died, free) @ found.covariance
    if question.cluster is None:
        return each.T @ (each * cells.count[:, None])
    member = question.cluster[cells.row]
    together = add_up(each * cells.count[:, None], member, int(member.max()) + 1)
    covariance: FloatArray = together.T @ together
    return covariance


def _describe(question: Question, ties: Ties, level: float, *, is_robust: bool) -> Estimate:
    """Return what is said of every ratio: level, n, events, method, sources."""
    interval = "robust Wald" if is_robust else "Wald"
    method, sources = name_entry(
        f"Cox regression, {ties.capitalize()}'s method for ties, {interval} interval",
        (*COX_SOURCES, *TIES_SOURCES[ties], *(ROBUST_SOURCES if is_robust else ())),
        delayed=question.times.delayed,
    )
    return Estimate(
        None,
        level=level,
        n=question.times.n,
        events=int(question.happened.sum()),
        method=method,
        sources=sources,
        interval=interval,
        never_at_risk=question.times.never_at_risk,
    )
