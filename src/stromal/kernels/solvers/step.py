"""PI step-size control: the rules and numbers that every back end follows.

All functions take numbers or arrays, so that one text serves each patient alone and many at once.
Lanes, and devices without NumPy, have the rules as text of their own, with the numbers from here;
tests hold them to these functions.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Numbers = TypeVar("Numbers", float, NDArray[np.float64])

SAFETY = 0.9
MOST_GROWTH = 5.0
LEAST_GROWTH = 0.2
LEAST_SHRINKAGE = 0.1
ERROR_POWER = -0.19
ERROR_BEFORE_POWER = 0.02
"""Powers of the error and of the one before in the change of step after a step was accepted.

Chosen among eight pairs by steps at equal largest error, on two models of blood formation with
doses and 40 patients each: 3 to 6 % fewer than with -0.17 and 0.04 where the error is 3e-5.
"""

REJECTED_POWER = -0.2
NO_ERROR_BEFORE = 1e-4
"""Error of the step before, where there is none: at the start and after a change."""

LEAST_ERROR = 1e-10
MOST_ERROR = 1e10

REACH = 1.01
"""A step that comes this close to a change, or to the end, is stretched to land on it."""

LEAST_STATE = 1e-290
LEAST_STATE_F32 = 1e-30
"""States smaller than this become zero: numbers below the smallest normal one are slow."""

LEAST_RELATIVE_STEP = 1e-15
LEAST_STEP = 1e-30
OWN_SHARE = 2.0**-20
"""Share of the largest that a state has been, about a millionth, below which it is held to no
relative tolerance of its own, unless the caller gives an absolute one. A drug that decays costs
some twenty steps down to it; cells that come back from a hundred-millionth are right to a
hundredth. A power of two, so that its products are exact."""

RENEWING_SHARE = 2.0**-60
"""The same for states that grow from what is left of them: a tumour of 1e11 cells is followed to
far less than one, for all that comes back comes from there."""

OUTGROWN = (2.0, 8.0, 64.0)
LET_PASS = (8.0, 512.0, np.inf)
"""How many times the largest that it has been a state is after one step, and by how much its
tolerance is then multiplied, about the cube; it is never more than the state itself. A state that
outgrows itself is still far from what it will be: the last of a chain of fifty compartments begins
as t^49, and no step would be small enough to follow that. One that changes its sign does not grow:
where a drug meets its target, a first step that is far too long makes both negative."""

LEAST_TOLERANCE = {"f64": 1e-40, "f32": 1e-33}
"""Smallest absolute tolerance that is taken by default: far smaller states are as good as zero."""

NOISE = {"f64": 1e-14, "f32": 1e-9}
"""Share of all that flows through a state during a run that rounding may leave behind in one step:
what is fed by nothing but the difference of flows that should be equal must not be followed."""

COMES_BACK = 100.0
"""Times its tolerance that a state must be to count as come back from below it."""

FIRST_SHARE = 1e-4
"""First step as a share of the time to integrate."""


FRESH_SHARE = 1e-6
"""First step where a state has been zero until now, as a share of the usual one. What such a state
will be is not known, so that it is let pass: from zero to its full size, with an error as large, if
the step were long enough for that. From here it is known before the step is."""


def bound_error(mean_square: Numbers) -> Numbers:
    """Weighted error of a step, 1 at the tolerance; NaN counts as very large."""
    chosen: Numbers = np.fmin(np.sqrt(mean_square) + LEAST_ERROR, MOST_ERROR)
    return chosen


def choose_growth(error: Numbers, error_before: Numbers) -> Numbers:
    """Factor to the next step after one that was accepted (proportional-integral control)."""
    wanted = SAFETY * error**ERROR_POWER * error_before**ERROR_BEFORE_POWER
    chosen: Numbers = np.minimum(MOST_GROWTH, np.maximum(LEAST_GROWTH, wanted))
    return chosen


def choose_shrinkage(error: Numbers) -> Numbers:
    """Factor to the next attempt after a step that was rejected."""
    chosen: Numbers = np.maximum(LEAST_SHRINKAGE, SAFETY * error**REJECTED_POWER)
    return chosen


def least_step(time: Numbers) -> Numbers:
    """Smallest step that still moves time on."""
    chosen: Numbers = np.maximum(LEAST_STEP, LEAST_RELATIVE_STEP * np.abs(time))
    return chosen


def choose_first_step(start: float, end: float) -> float:
    """First step of a run, and the largest first step after a change.

    It does not look at the output grid, so that the numbers do not depend on what else is read. It
    moves time on, however far from zero a short run is.

    Examples
    --------
    >>> choose_first_step(0.0, 100.0)
    0.01
    """
    least = 2.0 * least_step(max(abs(start), abs(end)))
    return max(FIRST_SHARE * (end - start), least) if end > start else FIRST_SHARE
