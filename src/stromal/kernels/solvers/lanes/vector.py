"""The vector type: one number of each of several patients, as numba and LLVM see it.

Arithmetic works lane by lane, so what a patient's lane holds depends on that patient alone; only
`emit_pick` moves numbers between lanes, and computes nothing. Products and sums may be fused; no
other freedom is given to the compiler, so that zero, infinity and not-a-number behave as IEEE 754
says.
"""

# mypy: disable-error-code="no-untyped-call"
# ruff: noqa: ANN401 - numba's and LLVM's own values carry no types

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.core.datamodel import models
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import lower_builtin, register_model

from stromal.kernels.solvers.lanes.width import Width, read_host_features

FUSED = ("contract",)

_INDEX = ir.IntType(32)


class Vector(types.Type):
    """`lanes` numbers of `bits` bits each."""

    def __init__(self, width: Width) -> None:
        self.width = width
        super().__init__(name=width.name)

    @property
    def ir(self) -> Any:
        """The LLVM type."""
        element = ir.DoubleType() if self.width.bits == 64 else ir.FloatType()
        return ir.VectorType(element, self.width.lanes)

    @property
    def words(self) -> Any:
        """The LLVM type of the same bits read as integers."""
        return ir.VectorType(ir.IntType(self.width.bits), self.width.lanes)

    @property
    def scalar(self) -> types.Float:
        """The numba type of one lane, which is also the type of the arrays."""
        return types.float64 if self.width.bits == 64 else types.float32

    def constant(self, value: float) -> Any:
        """`value` in every lane."""
        return ir.Constant(self.ir, [value] * self.width.lanes)

    def word(self, value: int) -> Any:
        """The integer `value` in every lane."""
        return ir.Constant(self.words, [value] * self.width.lanes)


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, fe_type: Vector) -> None:
        super().__init__(manager, fe_type, fe_type.ir)


def spread(builder: ir.IRBuilder, vector: Vector, value: ir.Value) -> ir.Value:
    """The f64 `value` in every lane."""
    if vector.width.bits == 32:
        value = builder.fptrunc(value, ir.FloatType())
    undefined = ir.Constant(vector.ir, ir.Undefined)
    first = builder.insert_element(undefined, value, _INDEX(0))
    zeros = ir.Constant(ir.VectorType(_INDEX, vector.width.lanes), [0] * vector.width.lanes)
    return builder.shuffle_vector(first, undefined, zeros)


def lane_by_lane(
    builder: ir.IRBuilder,
    vector: Vector,
    values: Sequence[ir.Value],
    function: Callable[[Sequence[ir.Value]], ir.Value],
) -> ir.Value:
    """`function`, of f64 numbers, of each lane of `values` in turn."""
    result = ir.Constant(vector.ir, ir.Undefined)
    narrow = vector.width.bits == 32
    for lane in range(vector.width.lanes):
        numbers = [builder.extract_element(value, _INDEX(lane)) for value in values]
        if narrow:
            numbers = [builder.fpext(number, ir.DoubleType()) for number in numbers]
        number = function(numbers)
        if narrow:
            number = builder.fptrunc(number, ir.FloatType())
        result = builder.insert_element(result, number, _INDEX(lane))
    return result


def call_llvm(
    builder: ir.IRBuilder, vector: Vector, name: str, arguments: Sequence[ir.Value]
) -> ir.Value:
    """The LLVM intrinsic `name` (`sqrt`, `fma`, ...) of vectors."""
    full = f"llvm.{name}.v{vector.width.lanes}f{vector.width.bits}"
    function = builder.module.globals.get(full)
    if function is None:
        form = ir.FunctionType(vector.ir, [vector.ir] * len(arguments))
        function = ir.Function(builder.module, form, full)
    return builder.call(function, arguments)


_PERMUTATIONS = {
    "f64x8": ("avx512f", "llvm.x86.avx512.permvar.df.512"),
    "f32x16": ("avx512f", "llvm.x86.avx512.permvar.sf.512"),
    "f32x8": ("avx2", "llvm.x86.avx2.permps"),
}
"""By width, the instruction that permutes a register, and what the processor must have for it."""


def emit_pick(builder: ir.IRBuilder, vector: Vector, row: ir.Value, picks: ir.Value) -> ir.Value:
    """A vector with, in each lane, the number of `row` at the place that `picks` says.

    `row` points at a vector, `picks` at as many integers of the width of its numbers. The one
    operation that reads from other lanes: where outputs of one patient fill several of them.
    """
    lanes, bits = vector.width.lanes, vector.width.bits
    feature, name = _PERMUTATIONS.get(vector.width.name, ("", ""))
    if feature in read_host_features():
        function = builder.module.globals.get(name)
        if function is None:
            form = ir.FunctionType(vector.ir, [vector.ir, vector.words])
            function = ir.Function(builder.module, form, name)
        places = builder.load(builder.bitcast(picks, vector.words.as_pointer()), align=bits // 8)
        return builder.call(function, [builder.load(row, align=bits // 8), places])
    result = ir.Constant(vector.ir, ir.Undefined)
    start = builder.bitcast(row, vector.ir.element.as_pointer())
    for lane in range(lanes):
        place = builder.load(builder.gep(picks, [_INDEX(lane)]))
        number = builder.load(builder.gep(start, [place]))
        result = builder.insert_element(result, number, _INDEX(lane))
    return result


def find_vector(arguments: Sequence[types.Type]) -> Vector | None:
    """The vector type among `arguments`; None where none, or more than one, is there."""
    found = {each for each in arguments if isinstance(each, Vector)}
    return found.pop() if len(found) == 1 else None


def widened(arguments: Sequence[types.Type], vector: Vector) -> list[types.Type]:
    """The types that `arguments` are taken as: vectors as they are, numbers as f64."""
    return [each if each == vector else types.float64 for each in arguments]


def as_vectors(
    builder: ir.IRBuilder, vector: Vector, kinds: Sequence[types.Type], values: Sequence[ir.Value]
) -> list[ir.Value]:
    """`values` of `kinds`, numbers spread over all lanes."""
    return [
        value if kind == vector else spread(builder, vector, value)
        for kind, value in zip(kinds, values, strict=True)
    ]


class _Arithmetic(AbstractTemplate):
    """vector op vector, vector op number, number op vector."""

    def generic(self, args: Sequence[types.Type], kws: object) -> Any:
        vector = find_vector(args)
        numbers = (each for each in args if not isinstance(each, Vector))
        if kws or vector is None or not all(isinstance(each, types.Number) for each in numbers):
            return None
        return signature(vector, *widened(args, vector))


def _register(function: Callable[..., object], emit: Callable[..., ir.Value], count: int) -> None:
    """Teach numba that `function` of `count` vectors or numbers is `emit`."""

    def lower(_context: Any, builder: ir.IRBuilder, sig: Any, values: Sequence[ir.Value]) -> Any:
        vector = sig.return_type
        return emit(builder, vector, *as_vectors(builder, vector, sig.args, values))

    infer_global(function)(type("_Template", (_Arithmetic,), {"key": function}))
    kinds: list[Any] = [(Vector,)] if count == 1 else [(Vector, Vector), (Vector, types.Float)]
    if count == 2:
        kinds.append((types.Float, Vector))
    for kind in kinds:
        lower_builtin(function, *kind)(lower)


def _add(builder: ir.IRBuilder, _vector: Vector, a: ir.Value, b: ir.Value) -> ir.Value:
    return builder.fadd(a, b, flags=FUSED)


def _subtract(builder: ir.IRBuilder, _vector: Vector, a: ir.Value, b: ir.Value) -> ir.Value:
    return builder.fsub(a, b, flags=FUSED)


def _multiply(builder: ir.IRBuilder, _vector: Vector, a: ir.Value, b: ir.Value) -> ir.Value:
    return builder.fmul(a, b, flags=FUSED)


def _divide(builder: ir.IRBuilder, _vector: Vector, a: ir.Value, b: ir.Value) -> ir.Value:
    return builder.fdiv(a, b, flags=FUSED)


def _negate(builder: ir.IRBuilder, _vector: Vector, a: ir.Value) -> ir.Value:
    return builder.fneg(a)


for _operators, _emit in (
    ((operator.add, operator.iadd), _add),
    ((operator.sub, operator.isub), _subtract),
    ((operator.mul, operator.imul), _multiply),
    ((operator.truediv, operator.itruediv), _divide),
):
    for _operator in _operators:
        _register(_operator, _emit, 2)
_register(operator.neg, _negate, 1)
