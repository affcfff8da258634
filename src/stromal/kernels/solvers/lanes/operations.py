"""What generated text may do to vectors: arithmetic, functions, tests and choices, by name.

A test gives 1.0 or 0.0 in every lane; compared and selected right away it costs one instruction.
"""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from llvmlite import ir

from stromal.kernels.solvers.lanes.elementary import (
    emit_exp,
    emit_library,
    emit_log,
    emit_maximum,
    emit_minimum,
    emit_power,
)
from stromal.kernels.solvers.lanes.vector import Vector, call_llvm

FUSED = ("contract",)

Emit = Callable[..., ir.Value]


class Operation(NamedTuple):
    """How many vectors an operation takes, and what writes it: `emit(builder, vector, *values)`."""

    arity: int
    emit: Emit


def is_true(builder: ir.IRBuilder, vector: Vector, test: ir.Value) -> ir.Value:
    """One bit for each lane: whether the test is above zero."""
    return builder.fcmp_ordered(">", test, vector.constant(0.0))


def _add(builder: ir.IRBuilder, _vector: Vector, a: ir.Value, b: ir.Value) -> ir.Value:
    return builder.fadd(a, b, flags=FUSED)


def _subtract(builder: ir.IRBuilder, _vector: Vector, a: ir.Value, b: ir.Value) -> ir.Value:
    return builder.fsub(a, b, flags=FUSED)


def _multiply(builder: ir.IRBuilder, _vector: Vector, a: ir.Value, b: ir.Value) -> ir.Value:
    return builder.fmul(a, b, flags=FUSED)


def _divide(builder: ir.IRBuilder, _vector: Vector, a: ir.Value, b: ir.Value) -> ir.Value:
    return builder.fdiv(a, b, flags=FUSED)


def _minus(builder: ir.IRBuilder, _vector: Vector, a: ir.Value) -> ir.Value:
    return builder.fneg(a)


def _llvm(name: str) -> Emit:
    return lambda builder, vector, x: call_llvm(builder, vector, name, [x])


def _library(name: str) -> Emit:
    return lambda builder, vector, *values: emit_library(builder, vector, name, values)


def _truth(builder: ir.IRBuilder, vector: Vector, test: ir.Value) -> ir.Value:
    return builder.select(test, vector.constant(1.0), vector.constant(0.0))


def _select(
    builder: ir.IRBuilder, vector: Vector, test: ir.Value, yes: ir.Value, no: ir.Value
) -> ir.Value:
    return builder.select(is_true(builder, vector, test), yes, no)


def _larger(builder: ir.IRBuilder, _vector: Vector, a: ir.Value, b: ir.Value) -> ir.Value:
    """The larger in one instruction; b where one is not-a-number."""
    return builder.select(builder.fcmp_ordered(">", a, b), a, b)


def _smaller(builder: ir.IRBuilder, _vector: Vector, a: ir.Value, b: ir.Value) -> ir.Value:
    """The smaller in one instruction; b where one is not-a-number."""
    return builder.select(builder.fcmp_ordered("<", a, b), a, b)


def _compare(sign: str) -> Emit:
    def emit(builder: ir.IRBuilder, vector: Vector, a: ir.Value, b: ir.Value) -> ir.Value:
        return _truth(builder, vector, builder.fcmp_ordered(sign, a, b))

    return emit


def _differs(builder: ir.IRBuilder, vector: Vector, a: ir.Value, b: ir.Value) -> ir.Value:
    return _truth(builder, vector, builder.fcmp_unordered("!=", a, b))


def _both(builder: ir.IRBuilder, vector: Vector, a: ir.Value, b: ir.Value) -> ir.Value:
    tests = is_true(builder, vector, a), is_true(builder, vector, b)
    return _truth(builder, vector, builder.and_(*tests))


def _either(builder: ir.IRBuilder, vector: Vector, a: ir.Value, b: ir.Value) -> ir.Value:
    tests = is_true(builder, vector, a), is_true(builder, vector, b)
    return _truth(builder, vector, builder.or_(*tests))


def _negate(builder: ir.IRBuilder, vector: Vector, a: ir.Value) -> ir.Value:
    test = is_true(builder, vector, a)
    return builder.select(test, vector.constant(0.0), vector.constant(1.0))


_OWN: Mapping[str, Operation] = {
    "add": Operation(2, _add),
    "subtract": Operation(2, _subtract),
    "multiply": Operation(2, _multiply),
    "divide": Operation(2, _divide),
    "minus": Operation(1, _minus),
    "exp": Operation(1, emit_exp),
    "log": Operation(1, emit_log),
    "power": Operation(2, emit_power),
    "sqrt": Operation(1, _llvm("sqrt")),
    "absolute": Operation(1, _llvm("fabs")),
    "floor": Operation(1, _llvm("floor")),
    "ceil": Operation(1, _llvm("ceil")),
    "minimum": Operation(2, emit_minimum),
    "maximum": Operation(2, emit_maximum),
    "larger": Operation(2, _larger),
    "smaller": Operation(2, _smaller),
    "select": Operation(3, _select),
    "lt": Operation(2, _compare("<")),
    "le": Operation(2, _compare("<=")),
    "gt": Operation(2, _compare(">")),
    "ge": Operation(2, _compare(">=")),
    "eq": Operation(2, _compare("==")),
    "ne": Operation(2, _differs),
    "both": Operation(2, _both),
    "either": Operation(2, _either),
    "negate": Operation(1, _negate),
}

# Names of generated text that go to the C library, lane by lane, and the name there.
_LIBRARY: Mapping[str, str] = {
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "sinh": "sinh",
    "cosh": "cosh",
    "tanh": "tanh",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "gamma": "tgamma",
}

OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {**_OWN, **{name: Operation(1, _library(theirs)) for name, theirs in _LIBRARY.items()}}
)
"""Every operation by the name that generated text calls it by; those of signs among them."""
