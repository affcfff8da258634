"""What single studies do to a pooled effect: left out one by one, added one by one, influence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stromal.evidence.pool.effects import Effects, Floats
from stromal.evidence.pool.inverse_variance import Pooled, pool_effects

INFLUENCE_SOURCES = ("viechtbauer2010",)


def leave_one_out(effects: Effects, **how: Any) -> tuple[Pooled, ...]:  # noqa: ANN401 - as pooled
    """Pool the effects without each study in turn.

    Parameters
    ----------
    effects
        k studies.
    how
        Arguments of `pool_effects`.

    Returns
    -------
    tuple of Pooled
        One for each study, in their order.

    Examples
    --------
    >>> studies = Effects(np.array([0.0, 1.0, 5.0]), np.full(3, 0.25), "difference")
    >>> [round(one.value, 2) for one in leave_one_out(studies)]
    [3.0, 2.5, 0.5]

    Witness: R metafor::leave1out, tests/reference/pool.
    """
    k = effects.values.size
    return tuple(pool_effects(_only(effects, np.arange(k) != i), **how) for i in range(k))


def pool_cumulatively(
    effects: Effects,
    order: Sequence[int],
    **how: Any,  # noqa: ANN401 - as pooled
) -> tuple[Pooled, ...]:
    """Pool the effects again as each study comes: by year, by size.

    Parameters
    ----------
    effects
        k studies.
    order
        Places of the studies, the first to come first.
    how
        Arguments of `pool_effects`.

    Examples
    --------
    >>> studies = Effects(np.array([0.0, 1.0, 5.0]), np.full(3, 0.25), "difference")
    >>> [round(one.value, 2) for one in pool_cumulatively(studies, [0, 1, 2])]
    [0.0, 0.5, 2.0]

    Witness: R metafor::cumul, tests/reference/pool.
    """
    found = []
    for last in range(1, len(order) + 1):
        kept = np.zeros(effects.values.size, bool)
        kept[list(order[:last])] = True
        found.append(pool_effects(_only(effects, kept), **how))
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """Measures of each study, (k,), NaN where a study has no effect.

    `residuals` are studentised and deleted; `dffits`, `cook` and `covariance_ratio` compare the
    pooled effect with that of the other studies; `tau2` is that of the other studies; `hat` the
    weight.
    """

    residuals: Floats
    dffits: Floats
    cook: Floats
    covariance_ratio: Floats
    tau2: Floats
    hat: Floats
    sources: tuple[str, ...] = INFLUENCE_SOURCES


def measure_influence(effects: Effects, **how: Any) -> Influence:  # noqa: ANN401 - as pooled
    """Measure how much each study moves the pooled effect.

    Residuals are studentised and deleted. [viechtbauer2010]

    Parameters
    ----------
    effects
        k studies.
    how
        Arguments of `pool_effects`; the measures use Wald errors, as R does.

    Examples
    --------
    >>> studies = Effects(np.array([0.0, 1.0, 5.0]), np.full(3, 0.25), "difference")
    >>> int(np.argmax(np.abs(measure_influence(studies).residuals)))
    2

    Witness: R metafor::influence, tests/reference/pool.
    """
    how["interval"] = "wald"
    whole = pool_effects(effects, **how)
    parts = leave_one_out(effects, **how)
    measures = np.full((6, effects.values.size), np.nan)
    for place in np.flatnonzero(effects.known):
        measures[:, place] = _measure(effects, whole, parts[place], int(place))
    return Influence(*measures)


def _measure(effects: Effects, whole: Pooled, part: Pooled, place: int) -> tuple[float, ...]:
    if part.value is None or part.error is None or whole.value is None or whole.error is None:
        return (np.nan,) * 6
    value, variance = float(effects.values[place]), float(effects.variances[place])
    tau2 = part.heterogeneity.tau2 if part.heterogeneity else 0.0
    hat = float(whole.weights[place]) / 100
    moved = whole.value - part.value
    return (
        (value - part.value) / float(np.sqrt(variance + tau2 + part.error**2)),
        moved / float(np.sqrt(hat * (tau2 + variance))),
        moved**2 / whole.error**2,
        part.error**2 / whole.error**2,
        tau2,
        hat,
    )


def _only(effects: Effects, kept: Floats) -> Effects:
    """The effects with the others missing, so that places stay what they are."""
    return replace(effects, values=np.where(kept, effects.values, np.nan))
