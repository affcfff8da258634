"""MathML, the mathematics of SBML, as expressions; function definitions are written out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import pairwise
from xml.etree import ElementTree as ET

import sympy

from stromal.errors import InvalidInput, Issue
from stromal.models.arithmetic import (
    Operation,
    apply,
    as_truth,
    as_value,
    choose,
    compare,
    divide,
    negate,
    number,
    power,
)
from stromal.models.model import RATE_OF, symbol
from stromal.models.odes import TIME

AVOGADRO = 6.02214179e23  # as SBML Level 3 fixes it
MOST_TERMS = 200_000

_ONE, _ZERO = sympy.Integer(1), sympy.Integer(0)
Element = ET.Element


@dataclass(frozen=True, slots=True)
class Function:
    """A function definition of a model: its arguments and its body."""

    arguments: tuple[str, ...]
    body: Element


def read_function(text: str) -> Function:
    """A function definition from the MathML of its lambda."""
    (form,) = _children(_root(text))
    *arguments, body = _children(form)
    return Function(tuple(_words(_children(item)[0]) for item in arguments), body)


def read_math(
    text: str,
    functions: Mapping[str, Function] | None = None,
    names: Mapping[str, sympy.Basic] | None = None,
) -> sympy.Expr:
    """The value of a MathML text, as an expression of the model's names.

    Parameters
    ----------
    text
        A `math` element.
    functions
        Function definitions of the model, by name; they are written out.
    names
        What names mean here, where that is not the symbol of the name (parameters of a reaction).

    Returns
    -------
    sympy.Expr
        A real expression; a truth value is 1 or 0.

    Raises
    ------
    InvalidInput
        An operation is not known or not supported, or has a wrong number of arguments.

    Examples
    --------
    >>> read_math("<math><apply><times/><ci>k</ci><ci>x</ci></apply></math>")
    k*x
    >>> read_math("<math><apply><gt/><ci>k</ci><cn>2</cn></apply></math>")
    Piecewise((1, k > 2), (0, True))
    """
    return as_value(read_condition(text, functions, names))


def read_condition(
    text: str,
    functions: Mapping[str, Function] | None = None,
    names: Mapping[str, sympy.Basic] | None = None,
) -> sympy.Basic:
    """As `read_math`, with a truth value left as one."""
    (content,) = _children(_root(text))
    return _Reader(functions or {}).read(content, names or {})


@dataclass(slots=True)
class _Reader:
    """One formula being read: the functions it may call, and how much of it there is so far."""

    functions: Mapping[str, Function]
    calls: list[str] = field(default_factory=list)
    terms: int = 0

    def read(self, element: Element, names: Mapping[str, sympy.Basic]) -> sympy.Basic:
        """Value of one element."""
        self.terms += 1
        if self.terms > MOST_TERMS:
            raise _refused(
                f"the formula has more than {MOST_TERMS:,} terms with its functions written out",
                "write the functions out by hand, or make them call each other less",
            )
        kind = _kind(element)
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        readers: Mapping[str, Callable[[], sympy.Basic]] = {
            "cn": lambda: _number(element),
            "ci": lambda: _name(element, names),
            "csymbol": lambda: _special(element),
            "piecewise": lambda: self._piecewise(element, names),
            "apply": lambda: self._apply(element, names),
            "semantics": lambda: self.read(_children(element)[0], names),
        }
        if kind not in readers:
            raise _unknown(kind)
        return readers[kind]()

    def _piecewise(self, element: Element, names: Mapping[str, sympy.Basic]) -> sympy.Basic:
        pieces, otherwise = [], None
        for part in _children(element):
            values = [self.read(child, names) for child in _children(part)]
            if _kind(part) == "piece" and len(values) == 2:
                pieces.append((values[0], as_truth(values[1])))
            elif _kind(part) == "otherwise" and len(values) == 1:
                otherwise = values[0]
            else:
                raise _unknown(_kind(part))
        return choose(pieces, otherwise)

    def _apply(self, element: Element, names: Mapping[str, sympy.Basic]) -> sympy.Basic:
        head, *rest = _children(element)
        kind = _kind(head)
        if kind == "ci":
            return self._call(_words(head), [self.read(child, names) for child in rest])
        if kind == "csymbol":
            return self._rate_of(head, [self.read(child, names) for child in rest])
        if kind in ("root", "log"):
            return self._qualified(kind, rest, names)
        if kind not in _OPERATIONS:
            raise _unknown(kind)
        least, most, operation = _OPERATIONS[kind]
        values = [self.read(child, names) for child in rest]
        if not least <= len(values) <= most:
            raise _refused(f"`{kind}` has {len(values)} arguments", "give it as many as it needs")
        return operation(*values)

    def _qualified(
        self, kind: str, parts: Sequence[Element], names: Mapping[str, sympy.Basic]
    ) -> sympy.Basic:
        """A root with its degree, or a logarithm with its base."""
        qualifier = sympy.Integer(2 if kind == "root" else 10)
        for part in parts[:-1]:
            if _kind(part) not in ("degree", "logbase"):
                raise _unknown(_kind(part))
            qualifier = self.read(_children(part)[0], names)
        value = self.read(parts[-1], names)
        if kind == "root":
            return power(value, divide(_ONE, qualifier))
        return divide(apply(sympy.log, value), apply(sympy.log, qualifier))

    def _call(self, name: str, values: Sequence[sympy.Basic]) -> sympy.Basic:
        function = self.functions.get(name)
        if function is None:
            raise _refused(f"function `{name}` is not defined", "define it in the model")
        if name in self.calls:
            raise _refused(f"function `{name}` calls itself", "write it without recursion")
        if len(values) != len(function.arguments):
            raise _refused(
                f"function `{name}` has {len(values)} arguments",
                f"give it {len(function.arguments)}",
            )
        self.calls.append(name)
        result = self.read(function.body, dict(zip(function.arguments, values, strict=True)))
        self.calls.pop()
        return result

    def _rate_of(self, head: Element, values: Sequence[sympy.Basic]) -> sympy.Basic:
        word = _special_word(head)
        if word == "delay":
            raise _refused(
                "delay is not supported",
                "replace it by a chain of transit states with the same mean delay",
            )
        if word != "rateOf" or len(values) != 1 or not isinstance(values[0], sympy.Symbol):
            raise _refused(f"`{word}` cannot be applied to this", "apply rateOf to one name")
        return RATE_OF(values[0])


def _root(text: str) -> Element:
    try:
        return ET.fromstring(text)  # noqa: S314 - written by libsbml, never from outside
    except ET.ParseError as error:
        raise _refused(f"this is not MathML ({error})", "check the formula") from error


def _children(element: Element) -> list[Element]:
    return [child for child in element if _kind(child) not in ("annotation", "annotation-xml")]


def _kind(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _words(element: Element) -> str:
    return (element.text or "").strip()


def _number(element: Element) -> sympy.Expr:
    """A cn element: real, integer, rational, or with a power of ten apart."""
    parts = [_words(element), *((child.tail or "").strip() for child in element)]
    kind = element.get("type", "real")
    try:
        if kind == "rational":
            return divide(number(float(parts[0])), number(float(parts[1])))
        if kind == "e-notation":
            return number(float(f"{parts[0]}e{parts[1]}"))
        return number(float(parts[0]))
    except (ValueError, IndexError) as error:
        raise _refused(f"`{' '.join(parts)}` is not a number", "write it as a decimal") from error


def _name(element: Element, names: Mapping[str, sympy.Basic]) -> sympy.Basic:
    word = _words(element)
    return names[word] if word in names else symbol(word)


def _special_word(element: Element) -> str:
    return element.get("definitionURL", "").rpartition("/")[2]


def _special(element: Element) -> sympy.Basic:
    word = _special_word(element)
    if word == "time":
        return TIME
    if word == "avogadro":
        return number(AVOGADRO)
    raise _refused(f"`{word or _words(element)}` is not a known symbol", "use time or avogadro")


def _chain(relation: Operation) -> Operation:
    """A relation of neighbours: a < b < c."""

    def build(*values: sympy.Basic) -> sympy.Basic:
        return sympy.And(*(compare(relation, left, right) for left, right in pairwise(values)))

    return build


def _exclusive(*values: sympy.Basic) -> sympy.Basic:
    """True when an odd number of the values is."""
    return reduce(
        lambda left, right: compare(sympy.Ne, as_value(left), as_value(right)),
        map(as_truth, values),
        sympy.false,
    )


def _quotient(top: sympy.Basic, bottom: sympy.Basic) -> sympy.Expr:
    """Whole part of a division, towards zero."""
    ratio = divide(top, bottom)
    up = compare(sympy.Ge, ratio, _ZERO)
    return choose([(apply(sympy.floor, ratio), up)], apply(sympy.ceiling, ratio))


def _remainder(top: sympy.Basic, bottom: sympy.Basic) -> sympy.Expr:
    return _minus(top, apply(sympy.Mul, bottom, _quotient(top, bottom)))


def _minus(first: sympy.Basic, *second: sympy.Basic) -> sympy.Expr:
    if not second:
        return apply(sympy.Mul, sympy.Integer(-1), first)
    return apply(sympy.Add, first, apply(sympy.Mul, sympy.Integer(-1), second[0]))


def _of(function: Operation) -> Operation:
    return lambda *values: apply(function, *values)


def _over(function: Operation) -> Operation:
    """The reciprocal of a function: sec from cos."""
    return lambda value: divide(_ONE, apply(function, value))


def _of_inverse(function: Operation) -> Operation:
    """A function of the reciprocal: arcsec from arccos."""
    return lambda value: apply(function, divide(_ONE, value))


_MANY = 10**9
_CONSTANTS: Mapping[str, sympy.Basic] = {
    "pi": number(math.pi),
    "exponentiale": number(math.e),
    "true": sympy.true,
    "false": sympy.false,
    "infinity": sympy.oo,
    "notanumber": number(math.nan),
}

# Name -> fewest and most arguments, and what it does.
_OPERATIONS: Mapping[str, tuple[int, int, Operation]] = {
    "plus": (0, _MANY, lambda *values: apply(sympy.Add, *values)),
    "times": (0, _MANY, lambda *values: apply(sympy.Mul, *values)),
    "minus": (1, 2, _minus),
    "divide": (2, 2, divide),
    "power": (2, 2, power),
    "exp": (1, 1, _of(sympy.exp)),
    "ln": (1, 1, _of(sympy.log)),
    "abs": (1, 1, _of(sympy.Abs)),
    "floor": (1, 1, _of(sympy.floor)),
    "ceiling": (1, 1, _of(sympy.ceiling)),
    "factorial": (1, 1, _of(sympy.factorial)),
    "min": (1, _MANY, _of(sympy.Min)),
    "max": (1, _MANY, _of(sympy.Max)),
    "quotient": (2, 2, _quotient),
    "rem": (2, 2, _remainder),
    "eq": (1, _MANY, _chain(sympy.Eq)),
    "neq": (2, 2, _chain(sympy.Ne)),
    "lt": (1, _MANY, _chain(sympy.Lt)),
    "leq": (1, _MANY, _chain(sympy.Le)),
    "gt": (1, _MANY, _chain(sympy.Gt)),
    "geq": (1, _MANY, _chain(sympy.Ge)),
    "and": (0, _MANY, lambda *values: sympy.And(*map(as_truth, values))),
    "or": (0, _MANY, lambda *values: sympy.Or(*map(as_truth, values))),
    "xor": (0, _MANY, _exclusive),
    "not": (1, 1, negate),
    "implies": (2, 2, lambda left, right: sympy.Or(negate(left), as_truth(right))),
    **{name: (1, 1, _of(getattr(sympy, name))) for name in ("sin", "cos", "tan")},
    **{name: (1, 1, _of(getattr(sympy, name))) for name in ("sinh", "cosh", "tanh")},
    **{f"arc{name}": (1, 1, _of(getattr(sympy, f"a{name}"))) for name in ("sin", "cos", "tan")},
    **{f"arc{name}": (1, 1, _of(getattr(sympy, f"a{name}"))) for name in ("sinh", "cosh", "tanh")},
    **{
        f"{name}{tail}": (1, 1, _over(getattr(sympy, f"{base}{tail}")))
        for name, base in (("sec", "cos"), ("csc", "sin"), ("cot", "tan"))
        for tail in ("", "h")
    },
    **{
        f"arc{name}{tail}": (1, 1, _of_inverse(getattr(sympy, f"a{base}{tail}")))
        for name, base in (("sec", "cos"), ("csc", "sin"), ("cot", "tan"))
        for tail in ("", "h")
    },
}


def _refused(message: str, hint: str) -> InvalidInput:
    return InvalidInput([Issue(message, hint=hint)])


def _unknown(kind: str) -> InvalidInput:
    return _refused(f"`{kind}` is not an operation that is supported", "see docs/models.md")
