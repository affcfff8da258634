"""Generated text to LLVM's instructions: the few forms of statement that such text has.

    name = expression
    store(array, index, expression)          and its like: add_to, narrow, mark
    for name in range(number):

Expressions are numbers, names, signs, operations by name, and reads: `load(array, index)` and its
like, `array[index]`. An array is a pointer; a row of it has as many numbers as there are lanes.
"""

# mypy: disable-error-code="no-untyped-call"
# ruff: noqa: ANN401 - LLVM's own values carry no types

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from llvmlite import ir

from stromal.kernels.solvers.lanes.operations import FUSED, OPERATIONS, is_true
from stromal.kernels.solvers.lanes.split import split_function
from stromal.kernels.solvers.lanes.vector import DOUBLE, LONG, SINGLE, Vector, emit_pick, spread

SIGNS: Mapping[type[ast.operator], str] = MappingProxyType(
    {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide"}
)

READS = ("load", "number", "pick", "widen")
WRITES = ("store", "add_to", "narrow", "mark")


LONGEST = 3_000
"""Instructions from which on a function is cut into parts; a step of 53 states has fewer."""

CONSTANTS: Mapping[str, float] = MappingProxyType({"inf": math.inf, "nan": math.nan})


class UnknownStatement(ValueError):
    """Text that no generator of this package writes."""


@dataclass(frozen=True, slots=True)
class _Variable:
    """A name whose value changes in a loop: where it is kept."""

    place: ir.Value


def translate_function(
    module: ir.Module,
    definition: ast.FunctionDef,
    vector: Vector,
    kinds: Mapping[str, Any],
    *,
    name: str = "",
    adds: bool = False,
) -> ir.Function:
    """A function of generated text as a function of the module: of pointers, giving nothing.

    Parameters
    ----------
    module
        What it becomes part of.
    definition
        The function, parsed.
    vector
        The vectors that its text computes with.
    kinds
        By the names of arguments, types of elements that are not the vector's own.
    name
        Of the new function, where it is another.
    adds
        Whether `store` adds to what is there.
    """
    name = name or definition.name
    parts, kept = split_function(definition, LONGEST)
    if len(parts) == 1:
        return _translate_whole(module, definition, vector, kinds, name=name, adds=adds)
    made = [
        _translate_whole(module, part, vector, kinds, name=f"{name}.{number}", adds=adds)
        for number, part in enumerate(parts)
    ]
    for part in made:
        part.linkage = "internal"
        part.attributes.add("noinline")
    function = _declare(module, definition, vector, kinds, name)
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    rows = builder.alloca(vector.element, size=LONG(kept * vector.width.lanes))
    for part in made:
        builder.call(part, [*function.args, rows])
    builder.ret_void()
    return function


def _declare(
    module: ir.Module,
    definition: ast.FunctionDef,
    vector: Vector,
    kinds: Mapping[str, Any],
    name: str,
) -> ir.Function:
    """The function without a body: of pointers that reach nothing in common."""
    pointers = [
        kinds.get(argument.arg, vector.element).as_pointer() for argument in definition.args.args
    ]
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), pointers), name)
    for argument in function.args:
        argument.add_attribute("noalias")
    return function


def _translate_whole(
    module: ir.Module,
    definition: ast.FunctionDef,
    vector: Vector,
    kinds: Mapping[str, Any],
    *,
    name: str,
    adds: bool,
) -> ir.Function:
    function = _declare(module, definition, vector, kinds, name)
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    names = [argument.arg for argument in definition.args.args]
    writer = _Writer(builder, vector, dict(zip(names, function.args, strict=True)), adds=adds)
    writer.write(definition.body)
    builder.ret_void()
    return function


class _Writer:
    """Writes statements; `names` holds what each name stands for at that point."""

    def __init__(
        self, builder: ir.IRBuilder, vector: Vector, names: dict[str, Any], *, adds: bool
    ) -> None:
        self._builder = builder
        self._vector = vector
        self._names = names
        self._rows: dict[str, ir.Value] = {}
        self._adds = adds

    def write(self, statements: list[ast.stmt]) -> None:
        """Write statements one after another."""
        for statement in statements:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._assign(name, self._value(value))
                case ast.Expr(value=ast.Call(func=ast.Name(id=name), args=arguments)):
                    self._write_row(name, *arguments)
                case ast.For(
                    target=ast.Name(id=name),
                    iter=ast.Call(
                        func=ast.Name(id="range"), args=[ast.Constant(value=int() as turns)]
                    ),
                    body=body,
                ):
                    self._loop(name, turns, body)
                case ast.Expr(value=ast.Constant(value=str())):
                    pass
                case _:
                    raise UnknownStatement(ast.unparse(statement))

    def _assign(self, name: str, value: Any) -> None:
        held = self._names.get(name)
        if isinstance(held, _Variable):
            self._builder.store(self._as_vector(value), held.place)
        else:
            self._names[name] = value

    def _loop(self, name: str, turns: int, body: list[ast.stmt]) -> None:
        """A loop over whole numbers; names from before it that change in it are kept in memory."""
        if not turns:
            return
        builder = self._builder
        changed = {
            node.id
            for node in ast.walk(ast.Module(body, []))
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        for each in sorted(changed & self._names.keys()):
            if not isinstance(self._names[each], _Variable):
                with builder.goto_entry_block():
                    place = builder.alloca(self._vector.ir)
                builder.store(self._as_vector(self._names[each]), place)
                self._names[each] = _Variable(place)
        before = dict(self._names)
        start, inside = builder.block, builder.append_basic_block("turn")
        builder.branch(inside)
        builder.position_at_end(inside)
        turn = builder.phi(LONG)
        turn.add_incoming(LONG(0), start)
        self._names[name] = turn
        self.write(body)
        following = builder.add(turn, LONG(1))
        turn.add_incoming(following, builder.block)
        done = builder.append_basic_block("done")
        builder.cbranch(builder.icmp_signed("<", following, LONG(turns)), inside, done)
        builder.position_at_end(done)
        self._names = before

    def _value(self, node: ast.expr) -> Any:
        """A vector, a whole number of LLVM's, or a plain number where it is one."""
        match node:
            case ast.Constant(value=int() | float() as value):
                return value
            case ast.Name(id=name):
                return CONSTANTS[name] if name in CONSTANTS else self._held(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                value = self._value(operand)
                return -value if isinstance(value, int | float) else self._do("minus", value)
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in SIGNS:
                return self._combine(SIGNS[type(sign)], self._value(left), self._value(right))
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._call(name, arguments)
            case ast.Subscript(value=ast.Name(id=name), slice=index):
                return self._builder.load(self._element(name, index))
        raise UnknownStatement(ast.unparse(node))

    def _held(self, name: str) -> Any:
        held = self._names[name]
        return self._builder.load(held.place) if isinstance(held, _Variable) else held

    def _call(self, name: str, arguments: list[ast.expr]) -> ir.Value:
        if name in READS:
            return self._read(name, *arguments)
        values = [self._value(argument) for argument in arguments]
        if name == "splat":
            return self._as_vector(*values)
        if name not in OPERATIONS:
            raise UnknownStatement(name)
        return self._do(name, *values)

    def _combine(self, name: str, left: Any, right: Any) -> Any:
        """A sum, difference, product or quotient of vectors, of whole numbers, or of both kinds."""
        whole = [_as_long(each) for each in (left, right)]
        if whole[0] is not None and whole[1] is not None:
            return {"add": self._builder.add, "multiply": self._builder.mul}[name](*whole)
        return self._do(name, left, right)

    def _do(self, name: str, *values: Any) -> ir.Value:
        operation = OPERATIONS[name]
        if len(values) != operation.arity:
            message = f"{name} of {len(values)}"
            raise UnknownStatement(message)
        vectors = [self._as_vector(value) for value in values]
        return operation.emit(self._builder, self._vector, *vectors)

    def _as_vector(self, value: Any) -> ir.Value:
        if isinstance(value, int | float):
            return self._vector.constant(float(value))
        return spread(self._builder, self._vector, value) if value.type == DOUBLE else value

    def _element(self, array: str, index: ast.expr) -> ir.Value:
        return self._builder.gep(self._names[array], [_as_long(self._value(index))])

    def _row(self, array: str, index: ast.expr) -> ir.Value:
        """Address of a row: as many elements as there are lanes."""
        if array not in self._rows:
            pointer = self._names[array]
            form = ir.VectorType(pointer.type.pointee, self._vector.width.lanes)
            with self._builder.goto_entry_block():
                self._rows[array] = self._builder.bitcast(pointer, form.as_pointer())
        return self._builder.gep(self._rows[array], [_as_long(self._value(index))])

    def _read(self, name: str, array: ast.expr, index: ast.expr, *more: ast.expr) -> ir.Value:
        builder, vector, of = self._builder, self._vector, _name(array)
        if name == "number":
            return spread(builder, vector, builder.load(self._element(of, index)))
        row = self._row(of, index)
        if name == "pick":
            return emit_pick(builder, vector, row, self._names[_name(more[0])])
        value = builder.load(row, align=_alignment(row))
        return value if value.type == vector.ir else builder.fpext(value, vector.ir)

    def _write_row(self, name: str, array: ast.expr, index: ast.expr, value: ast.expr) -> None:
        builder, vector, to = self._builder, self._vector, _name(array)
        written = self._as_vector(self._value(value))
        if name == "mark":
            bits = builder.bitcast(
                is_true(builder, vector, written), ir.IntType(vector.width.lanes)
            )
            builder.store(builder.zext(bits, LONG), self._element(to, index))
            return
        if name not in WRITES:
            raise UnknownStatement(name)
        row = self._row(to, index)
        if name == "add_to" or (name == "store" and self._adds):
            there = builder.load(row, align=_alignment(row))
            written = builder.fadd(written, there, flags=FUSED)
        if written.type != row.type.pointee:
            written = builder.fptrunc(written, row.type.pointee)
        builder.store(written, row, align=_alignment(row))


def _name(array: ast.expr) -> str:
    if not isinstance(array, ast.Name):
        raise UnknownStatement(ast.unparse(array))
    return array.id


def _alignment(row: ir.Value) -> int:
    """Bytes that a row is sure to be aligned to: those of one number."""
    return 4 if row.type.pointee.element == SINGLE else 8


def _as_long(value: Any) -> Any:
    """A whole number of LLVM's; None for what is none."""
    if isinstance(value, int):
        return LONG(value)
    return value if isinstance(value, ir.Value) and value.type == LONG else None
