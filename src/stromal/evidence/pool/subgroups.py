"""Subgroups of studies: each pooled alone, and a test of the difference between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from stromal.evidence.pool.effects import Effects
from stromal.evidence.pool.inverse_variance import Pooled, pool_effects

FEWEST = 2
TOO_FEW = "fewer than two groups have an effect: there is nothing to compare"


@dataclass(frozen=True, slots=True, eq=False)
class Subgroups:
    """Groups of studies in the order in which they first occur, and the test between them.

    `pooled` are random effects of each group, with a tau squared of its own. `q` with `degrees`
    says how far the means of the groups are apart; all None, with `reason`, where there are no two
    groups. `left_out` are the places of studies whose group is not known.
    """

    names: tuple[str, ...]
    pooled: tuple[Pooled, ...]
    q: float | None
    degrees: int | None
    p: float | None
    left_out: tuple[int, ...]
    method: str
    sources: tuple[str, ...]
    reason: str | None = None


def pool_subgroups(effects: Effects, names: Sequence[str | None], level: float = 0.95) -> Subgroups:
    """Pool groups of studies, and test whether their means differ.

    Each group has its own tau squared by REML and Wald's interval; a group of one study is that
    study. The test is of the scatter of the means around their common mean, chi-squared with one
    degree of freedom less than there are groups. [borenstein2013]

    Parameters
    ----------
    effects
        k studies.
    names
        (k,) the group of each study; None where it is not known.
    level
        Of the intervals.

    Raises
    ------
    ValueError
        Another number of names than of studies.

    Examples
    --------
    >>> studies = Effects(np.array([0.1, 0.3, 1.0, 1.4]), np.full(4, 0.04), "difference")
    >>> found = pool_subgroups(studies, ["adults", "adults", "children", "children"])
    >>> [f"{name} {one.value:.2f}" for name, one in zip(found.names, found.pooled)]
    ['adults 0.20', 'children 1.20']
    >>> f"Q = {found.q:.2f}, P = {found.p:.5f}"
    'Q = 16.67, P = 0.00004'

    Witness: R metafor::rma of each group and of their means, tests/reference/subgroups.
    """
    if len(names) != effects.values.size:
        raise ValueError(f"{len(names)} names of groups for {effects.values.size} studies")
    kept = [name for name in dict.fromkeys(names) if name is not None]
    places = {name: [one == name for one in names] for name in kept}
    pooled = {name: _pool(effects, places[name], level) for name in kept}
    told = [name for name in kept if pooled[name].value is not None]
    q, degrees, p = _compare([pooled[name] for name in told])
    return Subgroups(
        names=tuple(told),
        pooled=tuple(pooled[name] for name in told),
        q=q,
        degrees=degrees,
        p=p,
        left_out=tuple(place for place, name in enumerate(names) if name is None),
        method="random effects of each group (REML, Wald), chi-squared test between their means",
        sources=("borenstein2013", "viechtbauer2005"),
        reason=None if q is not None else TOO_FEW,
    )


def _pool(effects: Effects, chosen: list[bool], level: float) -> Pooled:
    own: npt.NDArray[np.bool_] = np.array(chosen, bool)
    part = replace(
        effects, values=effects.values[own], variances=effects.variances[own], reasons=(),
        sizes=None if effects.sizes is None else effects.sizes[own],
    )  # fmt: skip
    return pool_effects(part, interval="wald", level=level)


def _compare(groups: list[Pooled]) -> tuple[float | None, int | None, float | None]:
    """Q between the groups, its degrees of freedom and P."""
    if len(groups) < FEWEST:
        return None, None, None
    values = np.array([one.value for one in groups], float)
    weights = np.array([one.error for one in groups], float) ** -2.0
    mean = np.sum(weights * values) / np.sum(weights)
    q, degrees = float(np.sum(weights * (values - mean) ** 2)), values.size - 1
    return q, degrees, float(chdtrc(degrees, q))
