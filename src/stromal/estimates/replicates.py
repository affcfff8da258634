"""What replicates of a trial say: a mean, where most of them lie, and what makes them differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

REPLICATES_SOURCES = ("searle1992", "hyndman1996")
METHOD = (
    "mean of simulated trials, quantiles by linear interpolation (type 7); variance components of "
    "a nested analysis of variance"
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Replicates:
    """A number over simulated trials.

    Parameters
    ----------
    value
        Mean of the trials.
    low, high, level
        Where the middle `level` of the trials lie: an interval for one trial of this size.
    error
        Monte-Carlo error of `value`: its standard error.
    sd_patients
        Standard deviation between trials of one study with other patients.
    sd_studies
        Standard deviation between studies that share parameters, beyond that of their patients.
    sd_parameters
        Standard deviation between draws of uncertain parameters, beyond that of their studies.
    n
        Trials with a number.

    A standard deviation is None where the trials are too few to tell, or are not grouped.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    error: float | None = None
    sd_patients: float | None = None
    sd_studies: float | None = None
    sd_parameters: float | None = None
    n: int = 0
    method: str = METHOD
    sources: tuple[str, ...] = REPLICATES_SOURCES


def estimate_replicates(
    values: ArrayLike, studies: ArrayLike, draws: ArrayLike, level: float = 0.9
) -> Replicates:
    """Estimate what simulated trials say of a number.

    Trials are nested in studies, and studies in draws of uncertain parameters. Mean squares are set
    equal to what they are expected to be, for groups of any size; components below 0 are 0.
    [searle1992]

    Parameters
    ----------
    values
        The number in each trial, (R,), NaN where it has none; such trials are left out.
    studies, draws
        Which study each trial is of, and which draw of parameters, (R,).
    level
        Share of the trials within the interval.

    Returns
    -------
    Replicates
        In the unit of the numbers.

    Examples
    --------
    >>> found = estimate_replicates([1, 3, 5, 7], studies=[0, 0, 1, 1], draws=[0, 0, 0, 0])
    >>> found.value, round(found.sd_patients, 3), round(found.sd_studies, 3), found.sd_parameters
    (4.0, 1.414, 2.646, None)

    Witness: R anova of nested linear models and lme4, tests/reference/replicates.
    """
    given = np.asarray(values, np.float64)
    kept = np.isfinite(given)
    found = given[kept]
    if not len(found):
        return Replicates(None)
    study = np.unique(np.asarray(studies)[kept], return_inverse=True)[1]
    draw = np.unique(np.asarray(draws)[kept], return_inverse=True)[1]
    # Sums are rounded, and must not depend on the order in which trials are given.
    order = np.lexsort((found, study, draw))
    found, study, draw = found[order], study[order], draw[order]
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    patients, between, parameters = _components(found, study, draw)
    return Replicates(
        float(found.mean()),
        float(low),
        float(high),
        level,
        _error(found, study, draw),
        patients,
        between,
        parameters,
        len(found),
    )


def _components(
    values: Floats, study: NDArray[np.intp], draw: NDArray[np.intp]
) -> tuple[float | None, float | None, float | None]:
    """Standard deviations between trials, studies and draws, from outside in."""
    total, size = len(values), np.bincount(study)
    means = np.bincount(study, values) / size
    of = np.zeros(len(size), np.intp)
    of[study] = draw
    per_draw = np.bincount(draw)
    draw_means = np.bincount(draw, values) / per_draw
    studies, draws = len(size), len(per_draw)
    squared = np.bincount(of, size.astype(np.float64) ** 2)
    within = _mean_square(np.sum((values - means[study]) ** 2), total - studies)
    among = _mean_square(np.sum(size * (means - draw_means[of]) ** 2), studies - draws)
    apart = _mean_square(np.sum(per_draw * (draw_means - values.mean()) ** 2), draws - 1)
    s_patients = within
    s_studies = None
    if within is not None and among is not None:
        weight = (total - np.sum(squared / per_draw)) / (studies - draws)
        s_studies = max(0.0, (among - within) / weight)
    s_draws = None
    if apart is not None and s_studies is not None and s_patients is not None:
        weight = (np.sum(squared / per_draw) - np.sum(squared) / total) / (draws - 1)
        whole = (total - np.sum(per_draw.astype(np.float64) ** 2) / total) / (draws - 1)
        s_draws = max(0.0, (apart - s_patients - weight * s_studies) / whole)
    return _root(s_patients), _root(s_studies), _root(s_draws)


def _mean_square(squares: float, degrees: int) -> float | None:
    return float(squares) / degrees if degrees > 0 else None


def _root(variance: float | None) -> float | None:
    return None if variance is None else float(np.sqrt(variance))


def _error(values: Floats, study: NDArray[np.intp], draw: NDArray[np.intp]) -> float | None:
    """Standard error of the mean: of independent draws, else of studies, else of trials."""
    for groups in (draw, study, np.arange(len(values))):
        size = np.bincount(groups)
        if len(size) < 2:
            continue
        # The mean of all is a weighted mean of the groups' means, and groups are independent.
        parts = np.bincount(groups, values - values.mean())
        count = len(size)
        return float(np.sqrt(np.sum(parts**2) * count / (count - 1)) / len(values))
    return None
