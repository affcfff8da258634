"""Calls of a program's functions by their address, so that one compiled loop serves all programs.

The loop over patients and steps is compiled once per machine; a program brings only its own
functions. Each is a C function of pointers to numbers, and `factor` takes one number besides.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from stromal.kernels.solvers.compiled import compiled

Floats = NDArray[np.float64]
Addresses = NDArray[np.int64]

CONSTANTS, INITIAL, RATES, FACTOR, RESOLVE, OBSERVE, FIRST_JUMP = range(7)
"""Places in the array of addresses; the jumps of the model's own changes come last."""


def _call_address(_context: Any, address: Any, arguments: Any) -> Any:  # noqa: ANN401 - types of numba
    """Call the C function at an address with a tuple of arrays (as pointers) and numbers."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ANN401
        where, packed = values
        passed = []
        for place, kind in enumerate(signature.args[1]):
            value = builder.extract_value(packed, place)
            if isinstance(kind, types.Array):
                value = context.make_array(kind)(context, builder, value).data
            passed.append(value)
        function = ir.FunctionType(ir.VoidType(), [value.type for value in passed])
        builder.call(builder.inttoptr(where, function.as_pointer()), passed)
        return context.get_dummy_value()

    return types.void(address, arguments), generate


call_address: Any = intrinsic(_call_address)


@compiled
def constants(program: Addresses, p: Floats, c: Floats) -> None:
    """Constants of a patient."""
    call_address(program[CONSTANTS], (p, c))


@compiled
def initial(program: Addresses, c: Floats, y: Floats) -> None:
    """States at the start."""
    call_address(program[INITIAL], (c, y))


@compiled
def rates(program: Addresses, y: Floats, c: Floats, f: Floats) -> None:
    """dy/dt."""
    call_address(program[RATES], (y, c, f))


@compiled
def factor(program: Addresses, y: Floats, c: Floats, d: float, f: Floats, w: Floats) -> None:
    """dy/dt, and LU factors of d*I - J."""
    call_address(program[FACTOR], (y, c, d, f, w))


@compiled
def resolve(program: Addresses, w: Floats, x: Floats) -> None:
    """Solve (d*I - J) x = b in place."""
    call_address(program[RESOLVE], (w, x))


@compiled
def observe(program: Addresses, y: Floats, c: Floats, o: Floats) -> None:
    """Outputs."""
    call_address(program[OBSERVE], (y, c, o))


@compiled
def jump(program: Addresses, number: int, y: Floats, c: Floats, x: Floats) -> None:
    """States after a change of the model's own."""
    call_address(program[FIRST_JUMP + number], (y, c, x))
