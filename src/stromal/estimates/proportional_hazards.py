"""The check that hazards are proportional: that effects do not change with time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl
from scipy.special import chdtrc

from stromal.estimates.cox import pose
from stromal.estimates.hazard_regression import Question, ask_hazards
from stromal.estimates.intervals import FloatArray
from stromal.estimates.newton import maximise
from stromal.estimates.partial_likelihood import PartialLikelihood
from stromal.estimates.regression import ModelTest
from stromal.estimates.tied_events import Ties
from stromal.estimates.times import share_at_risk

LEAST_SHARE = 1e-10
PROPORTIONAL_SOURCES = ("grambsch1994",)

_WORDS: Mapping[str, str] = {
    "km": "1 less the Kaplan-Meier curve",
    "identity": "the day",
    "log": "the logarithm of the day",
}

TimeScale = Literal["km", "identity", "log"]


@dataclass(frozen=True, slots=True)
class ProportionalHazards:
    """Tests that effects do not change with time.

    `tests` has one for each covariate, under its name, and the last, `all`, for all together; it is
    empty where the regression could not be done.
    """

    tests: tuple[ModelTest, ...]
    n: int
    events: int
    method: str
    sources: tuple[str, ...] = PROPORTIONAL_SOURCES
    never_at_risk: int = 0


def check_proportional_hazards(
    outcomes: pl.DataFrame,
    covariates: pl.DataFrame,
    event: int | None = None,
    *,
    time: TimeScale = "km",
    ties: Ties = "efron",
    strata: pl.Series | None = None,
    references: Mapping[str, str] | None = None,
) -> ProportionalHazards:
    """Test the hypothesis that hazard ratios are the same on all days.

    Each effect is let change with a function of time, and the score test asks whether it does; the
    same for all terms of a category together, and for all covariates. [grambsch1994] A small P says
    that one hazard ratio does not describe the difference; a large P does not show that it does.

    Parameters
    ----------
    outcomes, covariates, event, ties, strata, references
        As for `fit_cox`.
    time
        Function of time: 1 less the Kaplan-Meier curve (`km`), so that early and late events count
        alike, the day, or its logarithm.

    Returns
    -------
    ProportionalHazards
        A score test for each covariate, and one for all.

    Examples
    --------
    >>> outcomes = pl.DataFrame({"day": [4.0, 3, 1, 1, 2, 2, 3], "status": [1, 1, 1, 0, 1, 1, 0]})
    >>> found = check_proportional_hazards(outcomes, pl.DataFrame({"x": [0, 2, 1, 1, 1, 0, 0]}))
    >>> [test.name for test in found.tests]
    ['x', 'all']

    Witness: R survival::cox.zph, tests/reference/cox.
    """
    question = ask_hazards(outcomes, covariates, event, strata=strata, references=references)
    answer = ProportionalHazards(
        (),
        question.times.n,
        int(question.happened.sum()),
        f"score test of effects that change with {_WORDS[time]}",
        never_at_risk=question.times.never_at_risk,
    )
    if not question.happened.any() or not question.design.usable.size:
        return answer
    question, likelihood, spread = pose(question, ties)
    if not question.design.usable.size:
        return answer
    found = maximise(likelihood, np.zeros(spread.size))
    if found.reason or any(found.infinite):
        return answer
    score, variance = _score(likelihood, found.coefficients, _time_of_slots(question, time))
    names = [question.design.terms[index].covariate for index in question.design.usable]
    groups = {name: [i for i, own in enumerate(names) if own == name] for name in names}
    groups["all"] = list(range(len(names)))
    tests = tuple(_test(name, places, score, variance) for name, places in groups.items())
    return replace(answer, tests=tests)


def _time_of_slots(question: Question, time: TimeScale) -> FloatArray:
    """Return the function of time on each day (days,)."""
    times = question.times
    events = times.count(question.happened == 1)
    if time == "km":
        # The curve just before the day: what an event on it was up against.
        after = np.cumprod(1 - share_at_risk(events, times.at_risk))
        return 1.0 - np.concatenate([[1.0], after[:-1]])
    if time == "log":
        return np.log(np.where(times.days > 0, times.days, 1.0))
    return times.days


def _score(
    likelihood: PartialLikelihood, beta: FloatArray, time: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the score of effects that change with time, and its variance given the effects."""
    cells = likelihood.risk.cells
    weight, _ = likelihood.weigh(beta)
    slots, _ = likelihood.sum_slots(weight)
    deaths = likelihood.deaths
    often = np.tile(time, cells.strata)
    # Any shift of time leaves the test as it is; centred, little is lost to rounding.
    often = often - float(deaths @ often) / deaths.sum()
    score = often @ likelihood.schoenfeld(slots)
    information, mixed, squared = (
        likelihood.inform(weight, slots, often**power) for power in (0, 1, 2)
    )
    variance = squared - mixed @ np.linalg.solve(information, mixed)
    # Where all events come at one time, what is left is rounding.
    rounding = np.diag(variance) <= LEAST_SHARE * np.maximum(np.diag(squared), np.diag(information))
    variance[rounding], variance[:, rounding] = 0.0, 0.0
    return score, variance


def _test(name: str, places: list[int], score: FloatArray, variance: FloatArray) -> ModelTest:
    """Return the score test of some terms; without a number where time leaves them no freedom."""
    part, block = score[places], variance[np.ix_(places, places)]
    if np.linalg.matrix_rank(block, hermitian=True) < len(places):
        return ModelTest(name, None, len(places), None)
    statistic = float(part @ np.linalg.solve(block, part))
    return ModelTest(name, statistic, len(places), float(chdtrc(len(places), statistic)))
