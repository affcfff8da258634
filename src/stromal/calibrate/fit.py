"""Fit what is not known of the parameters to targets of role C, by an ensemble of trials."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from stromal.calibrate.comparisons import Comparison, read_comparisons
from stromal.calibrate.ensemble import Floats, update_ensemble
from stromal.calibrate.likeness import list_data, scale_observed, scale_scores
from stromal.calibrate.score import score_trial
from stromal.calibrate.trials import prepare
from stromal.simulate.trial import Trial
from stromal.simulate.uncertain import Members

MEMBERS, ASSIMILATIONS, AT_REST = 100, 2, 60

SIZES: Mapping[str, dict[str, Any]] = {
    "car-t-258": {"largest": 100, "end_day": 61},
    "refractory-gvhd": {"largest": 100},
    "prophylaxis": {"largest": 62},
    "first-line-gvhd": {"largest": 200},
    "marrow-by-cells": {"largest": 40},
    "haploidentical": {"largest": 30},
    "mobilised-blood": {"largest": 30},
}
"""Trials that are smaller in a fit than they were: chance is then more, never less."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A fit: the sample before and after, and the data that moved it.

    `spreads` has the standard deviation of each log factor before, by its name; `misfit` the mean
    squared distance of data from the middle of the ensemble, in standard deviations of the noise,
    before each assimilation.
    """

    prior: Members
    posterior: Members
    spreads: Mapping[str, float]
    data: tuple[str, ...]
    misfit: tuple[float, ...]


def fit_posterior(
    *,
    members: int = MEMBERS,
    assimilations: int = ASSIMILATIONS,
    seed: int = 1,
    tell: Callable[[str], None] = print,
) -> Fit:
    """Fit by an ensemble smoother with multiple data assimilation.

    Parameters
    ----------
    members
        Vectors of log factors.
    assimilations
        How often the ensemble is simulated and moved.
    seed
        Of the prior, of the patients and of the perturbations.
    tell
        Told how far it is.

    Returns
    -------
    Fit
        The posterior is a set of equal weights. It reads targets of role C alone.
    """
    data = list_data(read_comparisons(("C",)))
    generator = np.random.default_rng(seed)
    names, spreads = _list_parameters(data)
    widths = np.array([spreads[name] for name in names])
    even = np.full(members, 1.0 / members)
    prior = Members(
        names, generator.normal(size=(members, len(names))) * widths, even, in_order=True
    )
    still = replace(prior, shifts=np.zeros((AT_REST, len(names))), weights=np.ones(AT_REST))
    rest, sizes = _foretell(data, still, seed + 1000)
    noise = estimate_noise(rest, [each.trial for each in data])
    observed = np.array([scale_observed(each, n) for each, n in zip(data, sizes, strict=True)])
    own, misfit = prior, []
    for step in range(assimilations):
        predicted, _ = _foretell(data, own, seed + step)
        misfit.append(_measure_misfit(predicted, observed, noise))
        tell(f"assimilation {step + 1} of {assimilations}: misfit {misfit[-1]:.2f}")
        # What the structure cannot meet is no reason to believe more of the parameters: the noise
        # is as large as the prior's middle is away from the data.
        inflation = max(1.0, misfit[0]) * assimilations
        moved = update_ensemble(own.shifts, predicted, observed, noise, inflation, generator)
        own = replace(own, shifts=moved)
    posterior = replace(own, in_order=False)
    ids = tuple(each.id for each in data)
    return Fit(prior, posterior, spreads, ids, tuple(misfit))


def estimate_noise(rest: Floats, trials: Sequence[str]) -> Floats:
    """Estimate the covariance of data around what is true, from trials of the same parameters.

    Data of one trial speak of the same patients and move together; those of different trials are
    independent. Correlations are shrunk by a tenth, so that the matrix can be inverted.
    """
    centred = rest - rest.mean(axis=0)
    found = centred.T @ centred / (len(rest) - 1)
    same = np.array([[one == other for other in trials] for one in trials])
    found = np.where(same, 0.9 * found, 0.0)
    np.fill_diagonal(found, np.maximum(centred.var(axis=0, ddof=1), 1e-4))
    return np.asarray(found, np.float64)


def _prepare(name: str, members: Members, seed: int) -> Trial:
    changes = dict(SIZES.get(name, {}))
    trial = prepare(name, len(members.weights), seed, **changes)
    uncertain = replace(trial.cohort.uncertain, members=members)
    return replace(trial, cohort=replace(trial.cohort, uncertain=uncertain))


def _list_parameters(data: Sequence[Comparison]) -> tuple[tuple[str, ...], dict[str, float]]:
    """Return the uncertain parameters of the trials, and the spread of each before the fit."""
    found: dict[str, float] = {}
    for name in dict.fromkeys(each.trial for each in data):
        trial = prepare(name, 1, 1, largest=1)
        for parameter, spread in trial.cohort.uncertain.spreads.items():
            found[parameter] = max(spread.draw, found.get(parameter, 0.0))
    names = tuple(sorted(found))
    return names, {name: found[name] for name in names}


def _foretell(data: Sequence[Comparison], members: Members, seed: int) -> tuple[Floats, Floats]:
    """Simulate every trial once for each member: data on their scales, and patients of each."""
    parts = []
    for name in dict.fromkeys(each.trial for each in data):
        own = [each for each in data if each.trial == name]
        parts.append(score_trial(_prepare(name, members, seed), own))
    scores = pl.concat(parts)
    found = scale_scores(scores, data, len(members.weights))
    sizes = np.array([scores.filter(pl.col("id") == each.id)["n"].mean() or 0.0 for each in data])
    # a trial that says nothing counts as the middle of the others
    return np.where(np.isnan(found), np.nanmean(found, axis=0), found), sizes


def _measure_misfit(predicted: Floats, observed: Floats, noise: Floats) -> float:
    away = (observed - np.median(predicted, axis=0)) / np.sqrt(np.diag(noise))
    return float(np.mean(away * away))
