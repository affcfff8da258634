"""sympy expressions to nodes of a graph."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import reduce

import sympy

from stromal.errors import InvalidInput, Issue
from stromal.kernels.compile.graph import Graph, Node
from stromal.models.arithmetic import Piece
from stromal.models.shared import Shared

_SAME = {
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.tan: "tan",
    sympy.asin: "arcsin",
    sympy.acos: "arccos",
    sympy.atan: "arctan",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.tanh: "tanh",
    sympy.asinh: "arcsinh",
    sympy.acosh: "arccosh",
    sympy.atanh: "arctanh",
    sympy.gamma: "gamma",
    sympy.Abs: "absolute",
    sympy.floor: "floor",
    sympy.ceiling: "ceil",
    sympy.Not: "negate",
    sympy.StrictLessThan: "lt",
    sympy.LessThan: "le",
    sympy.StrictGreaterThan: "gt",
    sympy.GreaterThan: "ge",
    sympy.Equality: "eq",
    sympy.Unequality: "ne",
    sympy.ITE: "select",
}
_FOLDED = {
    sympy.Min: "minimum",
    sympy.Max: "maximum",
    sympy.And: "both",
    sympy.Or: "either",
    sympy.Xor: "ne",
}


class Translator:
    """Turns sympy expressions into nodes; equal parts are translated once.

    Parameters
    ----------
    graph
        Where the nodes are made.
    symbols
        What stands for each symbol: a state, a varied parameter, or a number.

    Raises
    ------
    InvalidInput
        A symbol that is not given, or a function that no back end has.

    Examples
    --------
    >>> graph = Graph()
    >>> x = sympy.Symbol("x", real=True)
    >>> translate = Translator(graph, {x: graph.number(4.0)})
    >>> translate(sympy.Piecewise((sympy.sqrt(x), x > 1), (0, True))).value
    2.0
    """

    def __init__(self, graph: Graph, symbols: Mapping[sympy.Symbol, Node]) -> None:
        self._graph = graph
        self._known: dict[sympy.Basic, Node] = dict(symbols)

    def __call__(self, expression: sympy.Basic) -> Node:
        """The node of an expression."""
        known = self._known
        waiting = [expression]
        while waiting:
            item = waiting[-1]
            missing = [part for part in _parts(item) if part not in known]
            if item not in known and missing:
                waiting.extend(missing)
                continue
            if item not in known:
                known[item] = self._node(item)
            waiting.pop()
        return known[expression]

    def _node(self, item: sympy.Basic) -> Node:
        graph, kind = self._graph, type(item)
        parts = [self._known[part] for part in _parts(item)]
        if not parts and item.is_number:
            return graph.number(_number(item))
        if kind is Shared:
            return parts[0]
        if kind in _SAME:
            return graph.call(_SAME[kind], *parts)
        if kind in _FOLDED:
            return reduce(lambda left, right: graph.call(_FOLDED[kind], left, right), parts)
        if kind in _MADE:
            return _MADE[kind](graph, parts)
        if isinstance(item, sympy.Piecewise):
            return self._piecewise(item)
        raise InvalidInput([_unknown(item)])

    def _piecewise(self, item: sympy.Piecewise) -> Node:
        # where no condition holds there is no value
        node = self._graph.number(math.nan)
        for value, condition in reversed(item.args):
            node = self._graph.call("select", self(condition), self(value), node)
        return node


def _parts(item: sympy.Basic) -> tuple[sympy.Basic, ...]:
    return (item.content,) if isinstance(item, Shared) else tuple(item.args)


def _number(item: sympy.Basic) -> float:
    value = complex(item)
    return value.real if value.imag == 0 else math.nan


def _sign(graph: Graph, parts: list[Node]) -> Node:
    zero = graph.number(0.0)
    return graph.subtract(graph.call("gt", parts[0], zero), graph.call("lt", parts[0], zero))


def _remainder(graph: Graph, parts: list[Node]) -> Node:
    whole = graph.call("floor", graph.divide(*parts))
    return graph.subtract(parts[0], graph.multiply(parts[1], whole))


def _factorial(graph: Graph, parts: list[Node]) -> Node:
    return graph.call("gamma", graph.add(parts[0], graph.number(1.0)))


def _over(name: str) -> Callable[[Graph, list[Node]], Node]:
    """The function 1/g(x)."""
    return lambda graph, parts: graph.product_of([(graph.call(name, parts[0]), -1)])


def _of_reciprocal(name: str) -> Callable[[Graph, list[Node]], Node]:
    """The function g(1/x)."""
    return lambda graph, parts: graph.call(name, graph.product_of([(parts[0], -1)]))


_MADE: Mapping[type, Callable[[Graph, list[Node]], Node]] = {
    sympy.Add: lambda graph, parts: graph.add(*parts),
    sympy.Mul: lambda graph, parts: graph.multiply(*parts),
    sympy.Pow: lambda graph, parts: graph.power(parts[0], parts[1]),
    sympy.sign: _sign,
    sympy.Mod: _remainder,
    sympy.factorial: _factorial,
    sympy.sec: _over("cos"),
    sympy.csc: _over("sin"),
    sympy.cot: _over("tan"),
    sympy.sech: _over("cosh"),
    sympy.csch: _over("sinh"),
    sympy.coth: _over("tanh"),
    sympy.asec: _of_reciprocal("arccos"),
    sympy.acsc: _of_reciprocal("arcsin"),
    sympy.acot: _of_reciprocal("arctan"),
    sympy.asech: _of_reciprocal("arccosh"),
    sympy.acsch: _of_reciprocal("arcsinh"),
    sympy.acoth: _of_reciprocal("arctanh"),
    type(sympy.true): lambda graph, _: graph.number(1.0),
    type(sympy.false): lambda graph, _: graph.number(0.0),
    # a value with its condition, which the piecewise around it takes apart itself
    **dict.fromkeys(
        (Piece, sympy.functions.elementary.piecewise.ExprCondPair), lambda _, parts: parts[0]
    ),
}


def _unknown(item: sympy.Basic) -> Issue:
    if isinstance(item, sympy.Symbol):
        hint = "expressions may hold states, parameters and time; write everything else out"
        return Issue(f"`{item}` is neither a state nor a parameter of the model", hint=hint)
    name = type(item).__name__
    if isinstance(item, sympy.polygamma):
        hint = "keep it to parameters, where it is a number"
        return Issue("the function `factorial` of a state has no derivative here", hint=hint)
    if isinstance(item, sympy.core.function.AppliedUndef):
        name = str(item.func)
    hint = "write it with arithmetic, exp, log, powers, trigonometric functions and piecewise"
    return Issue(f"the function `{name}` cannot be compiled", hint=hint)
