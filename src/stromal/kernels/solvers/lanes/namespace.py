"""The names that generated text calls, for one width: load, store, arithmetic's functions, tests.

A test gives 1.0 or 0.0 in every lane; compared and selected right away it costs one instruction.
"""

# mypy: disable-error-code="no-untyped-call"
# ruff: noqa: ANN401 - numba's and LLVM's own values carry no types

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.core.typing.templates import signature
from numba.extending import intrinsic

from stromal.kernels.solvers.lanes.elementary import (
    emit_exp,
    emit_library,
    emit_log,
    emit_maximum,
    emit_minimum,
    emit_power,
)
from stromal.kernels.solvers.lanes.vector import (
    FUSED,
    Vector,
    as_vectors,
    call_llvm,
    emit_pick,
    spread,
    widened,
)
from stromal.kernels.solvers.lanes.width import Width

Emit = Callable[..., ir.Value]

# Names of generated text that go to the C library, lane by lane.
LIBRARY: Mapping[str, Any] = MappingProxyType(
    {
        "sin": math.sin,
        "cos": math.cos,
        "tan": math.tan,
        "arcsin": math.asin,
        "arccos": math.acos,
        "arctan": math.atan,
        "sinh": math.sinh,
        "cosh": math.cosh,
        "tanh": math.tanh,
        "arcsinh": math.asinh,
        "arccosh": math.acosh,
        "arctanh": math.atanh,
        "gamma": math.gamma,
    }
)


@cache
def make_namespace(width: Width) -> Mapping[str, Any]:
    """Every name that generated text of lanes may use, bound to one width.

    `load(array, i)` and `store(array, i, x)` take row i of a C-contiguous array (n, lanes);
    `add_to(array, i, x)` adds to it; `number(array, i)` has element i of a plain array in all
    lanes; `pick(array, i, picks)` has in each lane row i at the place that `picks` says. An array
    may be a pointer. `widen(array, i)` and `narrow(array, i, x)` are load and store of rows of f64
    or f32, whatever the width; `mark(array, i, test)` sets element i of an array of integers to
    the bits of lanes whose test is above zero. Any argument may be a number, which then stands in
    all lanes.

    Examples
    --------
    >>> sorted(make_namespace(Width(64, 4)))[:5]
    ['absolute', 'add_to', 'arccos', 'arccosh', 'arcsin']
    """
    vector = Vector(width)
    functions: dict[str, Any] = {
        name: _function(vector, emit, count)
        for count, group in ((1, _ONE), (2, _TWO), (3, {"select": _select}))
        for name, emit in group.items()
    }
    functions |= {name: _library(vector, function) for name, function in LIBRARY.items()}
    functions |= {
        "power": _power(vector),
        "load": _load(vector),
        "number": _number(vector),
        "store": _store(vector, adds=False),
        "add_to": _store(vector, adds=True),
        "pick": _pick(vector),
        "widen": _widen(vector),
        "narrow": _narrow(vector),
        "mark": _mark(vector),
    }
    return MappingProxyType(functions)


def _accept(vector: Vector, arguments: Sequence[types.Type]) -> Any:
    """Signature for vectors and numbers; None, which numba reports, for anything else."""
    if all(each == vector or isinstance(each, types.Number) for each in arguments):
        return signature(vector, *widened(arguments, vector))
    return None


def _lowered(vector: Vector, emit: Emit) -> Callable[..., ir.Value]:
    def lower(_context: Any, builder: ir.IRBuilder, sig: Any, values: Sequence[ir.Value]) -> Any:
        return emit(builder, vector, *as_vectors(builder, vector, sig.args, values))

    return lower


def _function(vector: Vector, emit: Emit, count: int) -> Any:
    """A function of `count` vectors that works lane by lane."""
    lower = _lowered(vector, emit)
    if count == 1:

        @intrinsic
        def one(_typing, x):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
            sig = _accept(vector, (x,))
            return sig and (sig, lower)

        return one
    if count == 2:

        @intrinsic
        def two(_typing, x, y):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
            sig = _accept(vector, (x, y))
            return sig and (sig, lower)

        return two

    @intrinsic
    def three(_typing, x, y, z):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        sig = _accept(vector, (x, y, z))
        return sig and (sig, lower)

    return three


def _library(vector: Vector, function: Any) -> Any:
    def lower(context: Any, builder: ir.IRBuilder, sig: Any, values: Sequence[ir.Value]) -> Any:
        vectors = as_vectors(builder, vector, sig.args, values)
        return emit_library(context, builder, vector, function, vectors)

    @intrinsic
    def one(_typing, x):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        sig = _accept(vector, (x,))
        return sig and (sig, lower)

    return one


def _power(vector: Vector) -> Any:
    def lower(context: Any, builder: ir.IRBuilder, sig: Any, values: Sequence[ir.Value]) -> Any:
        base, exponent = as_vectors(builder, vector, sig.args, values)
        return emit_power(context, builder, vector, base, exponent)

    @intrinsic
    def power(_typing, base, exponent):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        sig = _accept(vector, (base, exponent))
        return sig and (sig, lower)

    return power


def _row(context: Any, builder: ir.IRBuilder, sig: Any, values: Sequence[ir.Value]) -> ir.Value:
    """Address of row `values[1]` of the array `values[0]`."""
    vector = sig.return_type
    lanes = ir.Constant(ir.IntType(64), vector.width.lanes)
    start = _start(context, builder, sig.args[0], values[0])
    place = builder.gep(start, [builder.mul(values[1], lanes)])
    return builder.bitcast(place, vector.ir.as_pointer())


def _start(context: Any, builder: ir.IRBuilder, kind: types.Type, value: ir.Value) -> ir.Value:
    """Address of the first element of an array or of what a pointer points at."""
    if isinstance(kind, types.CPointer):
        return value
    return context.make_array(kind)(context, builder, value).data


def _is_rows(array: types.Type, vector: Vector) -> bool:
    return array == types.CPointer(vector.scalar) or (
        isinstance(array, types.Array)
        and array.ndim == 2
        and array.layout == "C"
        and array.dtype == vector.scalar
    )


def _load(vector: Vector) -> Any:
    def lower(context: Any, builder: ir.IRBuilder, sig: Any, values: Sequence[ir.Value]) -> Any:
        address = _row(context, builder, sig, values)
        return builder.load(address, align=vector.width.bits // 8)

    @intrinsic
    def load(_typing, array, index):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        if not (_is_rows(array, vector) and isinstance(index, types.Integer)):
            return None
        return signature(vector, array, types.int64), lower

    return load


def _other_row(
    builder: ir.IRBuilder, vector: Vector, kind: Any, values: Sequence[ir.Value]
) -> tuple[ir.Value, Any]:
    """Address of a row of f64 or f32, with as many lanes as the vector, and its type."""
    element = ir.DoubleType() if kind.dtype == types.float64 else ir.FloatType()
    form = ir.VectorType(element, vector.width.lanes)
    place = builder.mul(values[1], ir.Constant(ir.IntType(64), vector.width.lanes))
    return builder.bitcast(builder.gep(values[0], [place]), form.as_pointer()), form


def _is_other_row(array: types.Type) -> bool:
    return array in (types.CPointer(types.float64), types.CPointer(types.float32))


def _widen(vector: Vector) -> Any:
    def lower(_context: Any, builder: ir.IRBuilder, sig: Any, values: Sequence[ir.Value]) -> Any:
        address, form = _other_row(builder, vector, sig.args[0], values)
        row = builder.load(address, align=4)
        return row if form == vector.ir else builder.fpext(row, vector.ir)

    @intrinsic
    def widen(_typing, array, index):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        if not (_is_other_row(array) and isinstance(index, types.Integer)):
            return None
        return signature(vector, array, types.int64), lower

    return widen


def _narrow(vector: Vector) -> Any:
    def lower(context: Any, builder: ir.IRBuilder, sig: Any, values: Sequence[ir.Value]) -> Any:
        address, form = _other_row(builder, vector, sig.args[0], values)
        value = as_vectors(builder, vector, sig.args[2:], values[2:])[0]
        builder.store(
            value if form == vector.ir else builder.fptrunc(value, form), address, align=4
        )
        return context.get_dummy_value()

    @intrinsic
    def narrow(_typing, array, index, value):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        if not (_is_other_row(array) and isinstance(index, types.Integer)):
            return None
        return signature(types.void, array, types.int64, *widened((value,), vector)), lower

    return narrow


def _mark(vector: Vector) -> Any:
    def lower(context: Any, builder: ir.IRBuilder, sig: Any, values: Sequence[ir.Value]) -> Any:
        test = as_vectors(builder, vector, sig.args[2:], values[2:])[0]
        lanes = ir.IntType(vector.width.lanes)
        bits = builder.bitcast(_positive(builder, vector, test), lanes)
        place = builder.gep(values[0], [values[1]])
        builder.store(builder.zext(bits, ir.IntType(64)), place)
        return context.get_dummy_value()

    @intrinsic
    def mark(_typing, array, index, test):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        if array != types.CPointer(types.int64) or not isinstance(index, types.Integer):
            return None
        return signature(types.void, array, types.int64, *widened((test,), vector)), lower

    return mark


def _number(vector: Vector) -> Any:
    def lower(context: Any, builder: ir.IRBuilder, sig: Any, values: Sequence[ir.Value]) -> Any:
        start = _start(context, builder, sig.args[0], values[0])
        return spread(builder, vector, builder.load(builder.gep(start, [values[1]])))

    @intrinsic
    def number(_typing, array, index):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        plain = isinstance(array, types.Array) and array.ndim == 1 and array.layout == "C"
        kind = getattr(array, "dtype", None)
        if not (plain or isinstance(array, types.CPointer)) or kind != types.float64:
            return None
        return isinstance(index, types.Integer) and (
            signature(vector, array, types.int64),
            lower,
        )

    return number


def _pick(vector: Vector) -> Any:
    def lower(context: Any, builder: ir.IRBuilder, sig: Any, values: Sequence[ir.Value]) -> Any:
        rows, index, picks = values
        row = _row(context, builder, sig, (rows, index))
        return emit_pick(builder, vector, row, picks)

    @intrinsic
    def pick(_typing, array, index, picks):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        places = types.CPointer(types.int64 if vector.width.bits == 64 else types.int32)
        if not (array == types.CPointer(vector.scalar) and picks == places):
            return None
        return isinstance(index, types.Integer) and (
            signature(vector, array, types.int64, picks),
            lower,
        )

    return pick


def _store(vector: Vector, *, adds: bool) -> Any:
    def lower(context: Any, builder: ir.IRBuilder, sig: Any, values: Sequence[ir.Value]) -> Any:
        align = vector.width.bits // 8
        # the value decides the vector type of the address, so it is spread first
        value = as_vectors(builder, vector, sig.args[2:], values[2:])[0]
        placed = signature(vector, *sig.args[:2])
        address = _row(context, builder, placed, values)
        if adds:
            value = builder.fadd(value, builder.load(address, align=align), flags=FUSED)
        builder.store(value, address, align=align)
        return context.get_dummy_value()

    @intrinsic
    def store(_typing, array, index, value):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        fits = value == vector or isinstance(value, types.Number)
        if not (fits and _is_rows(array, vector) and isinstance(index, types.Integer)):
            return None
        return signature(types.void, array, types.int64, *widened((value,), vector)), lower

    return store


def _llvm(name: str) -> Emit:
    return lambda builder, vector, x: call_llvm(builder, vector, name, [x])


def _positive(builder: ir.IRBuilder, vector: Vector, x: ir.Value) -> ir.Value:
    return builder.fcmp_ordered(">", x, vector.constant(0.0))


def _truth(builder: ir.IRBuilder, vector: Vector, test: ir.Value) -> ir.Value:
    return builder.select(test, vector.constant(1.0), vector.constant(0.0))


def _select(
    builder: ir.IRBuilder, vector: Vector, test: ir.Value, yes: ir.Value, no: ir.Value
) -> ir.Value:
    return builder.select(_positive(builder, vector, test), yes, no)


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
    tests = _positive(builder, vector, a), _positive(builder, vector, b)
    return _truth(builder, vector, builder.and_(*tests))


def _either(builder: ir.IRBuilder, vector: Vector, a: ir.Value, b: ir.Value) -> ir.Value:
    tests = _positive(builder, vector, a), _positive(builder, vector, b)
    return _truth(builder, vector, builder.or_(*tests))


def _negate(builder: ir.IRBuilder, vector: Vector, a: ir.Value) -> ir.Value:
    test = _positive(builder, vector, a)
    return builder.select(test, vector.constant(0.0), vector.constant(1.0))


_ONE: Mapping[str, Emit] = {
    "exp": emit_exp,
    "log": emit_log,
    "sqrt": _llvm("sqrt"),
    "absolute": _llvm("fabs"),
    "floor": _llvm("floor"),
    "ceil": _llvm("ceil"),
    "negate": _negate,
    "splat": lambda _builder, _vector, x: x,
}
_TWO: Mapping[str, Emit] = {
    "minimum": emit_minimum,
    "maximum": emit_maximum,
    "larger": _larger,
    "smaller": _smaller,
    "lt": _compare("<"),
    "le": _compare("<="),
    "gt": _compare(">"),
    "ge": _compare(">="),
    "eq": _compare("=="),
    "ne": _differs,
    "both": _both,
    "either": _either,
}
