"""The vector type: one number of each of several patients, as LLVM sees it.

Arithmetic works lane by lane, so what a patient's lane holds depends on that patient alone; only
`emit_pick` moves numbers between lanes, and computes nothing. Products and sums may be fused; no
other freedom is given to the compiler, so that zero, infinity and not-a-number behave as IEEE 754
says.
"""

# mypy: disable-error-code="no-untyped-call"
# ruff: noqa: ANN401 - LLVM's own values carry no types

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from llvmlite import ir

from stromal.kernels.solvers.lanes.width import Width, read_host_features

DOUBLE, SINGLE, LONG = ir.DoubleType(), ir.FloatType(), ir.IntType(64)
_INDEX = ir.IntType(32)


@dataclass(frozen=True, slots=True)
class Vector:
    """`lanes` numbers of `bits` bits each."""

    width: Width

    @property
    def element(self) -> Any:
        """The LLVM type of one lane, which is also that of the arrays."""
        return DOUBLE if self.width.bits == 64 else SINGLE

    @property
    def ir(self) -> Any:
        """The LLVM type."""
        return _vector_type(self.element, self.width.lanes)

    @property
    def words(self) -> Any:
        """The LLVM type of the same bits read as integers."""
        return _vector_type(ir.IntType(self.width.bits), self.width.lanes)

    def constant(self, value: float) -> Any:
        """`value` in every lane."""
        return _splat(self.ir, float(value).hex())

    def word(self, value: int) -> Any:
        """The integer `value` in every lane."""
        return ir.Constant(self.words, [value] * self.width.lanes)


@cache
def _vector_type(element: Any, lanes: int) -> Any:
    """The type, made once: a long function asks for it at every instruction."""
    return ir.VectorType(element, lanes)


@lru_cache(maxsize=4096)
def _splat(kind: Any, value: str) -> Any:
    """A number in every lane, which LLVM's text then spells once."""
    return ir.Constant(kind, [float.fromhex(value)] * kind.count)


def spread(builder: ir.IRBuilder, vector: Vector, value: ir.Value) -> ir.Value:
    """The f64 `value` in every lane."""
    if vector.width.bits == 32:
        value = builder.fptrunc(value, SINGLE)
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
            numbers = [builder.fpext(number, DOUBLE) for number in numbers]
        number = function(numbers)
        if narrow:
            number = builder.fptrunc(number, SINGLE)
        result = builder.insert_element(result, number, _INDEX(lane))
    return result


def find_function(builder: ir.IRBuilder, name: str, result: Any, arguments: Sequence[Any]) -> Any:
    """A function outside of the module, declared in it once."""
    function = builder.module.globals.get(name)
    if function is None:
        function = ir.Function(builder.module, ir.FunctionType(result, arguments), name)
    return function


def call_llvm(
    builder: ir.IRBuilder, vector: Vector, name: str, arguments: Sequence[ir.Value]
) -> ir.Value:
    """The LLVM intrinsic `name` (`sqrt`, `fma`, ...) of vectors."""
    full = f"llvm.{name}.v{vector.width.lanes}f{vector.width.bits}"
    function = find_function(builder, full, vector.ir, [vector.ir] * len(arguments))
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
        function = find_function(builder, name, vector.ir, [vector.ir, vector.words])
        places = builder.load(builder.bitcast(picks, vector.words.as_pointer()), align=bits // 8)
        return builder.call(function, [builder.load(row, align=bits // 8), places])
    result = ir.Constant(vector.ir, ir.Undefined)
    start = builder.bitcast(row, vector.element.as_pointer())
    for lane in range(lanes):
        place = builder.load(builder.gep(picks, [_INDEX(lane)]))
        number = builder.load(builder.gep(start, [place]))
        result = builder.insert_element(result, number, _INDEX(lane))
    return result
