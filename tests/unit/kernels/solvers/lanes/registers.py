"""Expressions of generated text on whole arrays, and calls of compiled functions: for tests."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np

from stromal.kernels.solvers.lanes.machine_code import MachineCode, Unit, compile_units
from stromal.kernels.solvers.lanes.width import Width, choose_width

WIDE = choose_width()
SINGLE = choose_width("f32")
WIDTHS = [each for each in (WIDE, SINGLE) if each is not None]
if Width(64, 8) in WIDTHS:
    WIDTHS.append(Width(64, 4))
ROWS = 64


def kind_of(width: Width) -> Any:
    return np.float64 if width.bits == 64 else np.float32


def call(code: MachineCode, name: str, *arrays: Any) -> None:
    """Call a compiled function with the addresses of arrays."""
    form = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * len(arrays))
    form(code.addresses[name])(*(each.ctypes.data for each in arrays))


@cache
def compiled_over_rows(text: str, width: Width) -> MachineCode:
    """A function of three arrays (rows, lanes) that puts the expression of a, b, c in a fourth."""
    lines = [
        "def over(x, y, z, o):",
        f"    for i in range({ROWS}):",
        *(f"        {name} = load({array}, i)" for name, array in zip("abc", "xyz", strict=True)),
        f"        store(o, i, {text})",
    ]
    return compile_units("tests/over", [Unit("\n".join(lines), width)])


def evaluate(text: str, width: Width, a: Any, b: Any = 0.0, c: Any = 0.0) -> Any:
    """Values of an expression of a, b and c, computed in registers."""
    values = np.broadcast_arrays(*(np.asarray(each, kind_of(width)) for each in (a, b, c)))
    size, block = values[0].size, ROWS * width.lanes
    blocks = []
    for each in values:
        padded = np.ones(-(-size // block) * block, kind_of(width))
        padded[:size] = each.ravel()
        blocks.append(padded.reshape(-1, ROWS, width.lanes))
    out = np.empty_like(blocks[0])
    code = compiled_over_rows(text, width)
    for x, y, z, o in zip(*blocks, out, strict=True):
        call(code, "over", x, y, z, o)
    return out.ravel()[:size]
