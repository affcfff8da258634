"""Where a model rests: a state whose rates are all zero, near to where it starts."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping

import numpy as np
import sympy
from numpy.typing import NDArray
from scipy.optimize import root

from stromal.models.check.subject import Subject
from stromal.models.odes import TIME
from stromal.models.shared import name_shared

_STILL = 1e-6
_NUMERIC = ["numpy", "scipy"]
Vector = NDArray[np.float64]


def find_resting_point(subject: Subject) -> Mapping[sympy.Symbol, float] | None:
    """States and constants at rest, found from the start; None where no rest is found.

    States that no rate speaks of (cumulated hazards) stay at their start value. Rates that change
    with time have no rest.

    Examples
    --------
    >>> from stromal.models.parse import read_model
    >>> rest = find_resting_point(Subject(read_model("k = 2; x = 1; x' = k - x")))
    >>> {name.name: round(value, 9) for name, value in rest.items()}
    {'k': 2.0, 'x': 2.0}
    """
    odes, region = subject.odes, subject.region
    if odes is None or region is None or any(TIME in rate.free_symbols for rate in odes.rates):
        return None
    spoken = set().union(*(rate.free_symbols for rate in odes.rates)) if odes.rates else set()
    moving = [name for name in odes.states if name in spoken]
    fixed = {name: value for name, value in subject.start.items() if name not in moving}
    if not moving:
        return subject.start
    rates = [subject.rate(name) for name in moving]
    function = sympy.lambdify([moving, list(fixed)], rates, _NUMERIC, cse=name_shared)
    known = [np.float64(value) for value in fixed.values()]
    scale = np.array([region.scale[name] for name in moving])

    def speed(states: Vector) -> Vector:
        with np.errstate(all="ignore"):
            found = np.array(function(states * scale, known), dtype=np.float64) / scale
        finite: Vector = np.nan_to_num(found, nan=1e6, posinf=1e6, neginf=-1e6)
        return finite

    begin = np.array([subject.start[name] for name in moving]) / scale
    found = _solve(speed, begin)
    if found is None:
        return None
    values = dict(zip(moving, map(float, found * scale), strict=True))
    inside = all(
        region.box[name].low - _STILL * region.scale[name] <= value
        for name, value in values.items()
    )
    return {**fixed, **values} if inside else None


def _solve(speed: Callable[[Vector], Vector], begin: Vector) -> Vector | None:
    if not np.isfinite(begin).all():
        return None
    if np.abs(speed(begin)).max() < _STILL:
        return begin
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = root(speed, begin, method="lm")
    point: Vector = found.x
    return point if found.success and np.abs(speed(point)).max() < _STILL else None
