"""Functions of the namespace on whole arrays: for tests of the vector type."""

from __future__ import annotations

from functools import cache
from typing import Any

import numba
import numpy as np

from stromal.kernels.solvers.lanes.namespace import make_namespace
from stromal.kernels.solvers.lanes.width import Width, choose_width

WIDE = choose_width()
SINGLE = choose_width("f32")
WIDTHS = [each for each in (WIDE, SINGLE) if each is not None]
if Width(64, 8) in WIDTHS:
    WIDTHS.append(Width(64, 4))


def kind_of(width: Width) -> Any:
    return np.float64 if width.bits == 64 else np.float32


@cache
def compiled_over_rows(text: str, width: Width) -> Any:
    """A function of three arrays (n, lanes) that puts the expression of a, b and c in a fourth."""
    scope = dict(make_namespace(width))
    lines = [
        "def over(x, y, z, o):",
        "    for i in range(o.shape[0]):",
        "        a, b, c = load(x, i), load(y, i), load(z, i)",
        f"        store(o, i, {text})",
    ]
    exec("\n".join(lines), scope)  # the text stands in the tests
    return numba.njit(scope["over"], error_model="numpy")


def evaluate(text: str, width: Width, a: Any, b: Any = 0.0, c: Any = 0.0) -> Any:
    """Values of an expression of a, b and c, computed in registers."""
    values = np.broadcast_arrays(*(np.asarray(each, kind_of(width)) for each in (a, b, c)))
    size = values[0].size
    rows = []
    for each in values:
        padded = np.ones(-(-size // width.lanes) * width.lanes, kind_of(width))
        padded[:size] = each.ravel()
        rows.append(padded.reshape(-1, width.lanes))
    out = np.empty_like(rows[0])
    compiled_over_rows(text, width)(*rows, out)
    return out.ravel()[:size]
