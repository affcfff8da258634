"""How far values are from a reference."""

from __future__ import annotations

import numpy as np

from cases import Floats

FLOOR = 1e-3


def errors_of(values: Floats, reference: Floats) -> Floats:
    """Largest error of each patient, (N,), over outputs and days.

    The gap is taken relative to the reference, or to a thousandth of that patient's largest value
    of the output where the reference is smaller. A value that lacks counts as infinitely wrong.
    """
    peak = np.abs(reference).max(axis=1, keepdims=True)
    scale = np.maximum(np.abs(reference), FLOOR * peak)
    gap = np.abs(values - reference)
    relative = np.divide(gap, scale, out=np.where(gap > 0, np.inf, 0.0), where=scale > 0)
    return np.where(np.isfinite(relative), relative, np.inf).max(axis=(1, 2))
