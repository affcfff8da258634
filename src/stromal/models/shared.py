"""Large formulas as one atom each, so that what is built on them stays small.

A chain of a thousand assignments, written out, is a formula a thousand operations deep, and one
that names its predecessor twice in each link has 2^1000 terms. sympy walks formulas by recursion
and as trees. So a formula that is deep or large is held by an atom, which stands in what is built
on it as a symbol does; who needs what is inside looks into each atom once, the innermost first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Iterator, Mapping, MutableMapping
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

import sympy

DEEPEST, LARGEST = 20, 100
"""Operations within each other, and terms counted as often as they occur, that a formula may have
before an atom holds it."""

DEEPEST_ON, LARGEST_ON = 8, 40
"""The same for a formula that rests on an atom: further on in a chain links are held one by one,
for what sympy asks itself about a sum takes a time that grows exponentially with its depth."""


class Size(NamedTuple):
    """How deep operations stand within each other, how many terms there are, and any atoms."""

    depth: int
    terms: int
    rests: bool

    @property
    def is_large(self) -> bool:
        """Whether an atom is to hold it."""
        deepest, largest = (DEEPEST_ON, LARGEST_ON) if self.rests else (DEEPEST, LARGEST)
        return self.depth > deepest or self.terms > largest


Sizes = MutableMapping[sympy.Basic, Size]


class Shared(sympy.AtomicExpr):  # type: ignore[misc]
    """A formula held as one atom, with the name it has in the model where it has one.

    Two atoms are equal where their names and contents are; that is told by a digest, and never by
    walking what is inside.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> held = Shared(x + 1, "y")
    >>> held**2, (held**2).free_symbols, held == Shared(1 + x, "y")
    (y**2, {x}, True)
    """

    __slots__ = ("__weakref__", "content", "digest", "inside", "name", "slopes", "symbols")

    is_commutative = True
    is_real = True
    is_number = False

    content: sympy.Expr
    name: str
    digest: str
    inside: tuple[Shared, ...]
    symbols: frozenset[sympy.Symbol]
    slopes: dict[sympy.Symbol, sympy.Expr]
    """Derivatives that were asked for, kept by `slopes.differentiate`."""

    def __new__(cls, content: sympy.Expr, name: str = "") -> Shared:
        """Hold a formula; its names and the atoms right inside it are found once."""
        digest = _digest(content)
        # equal atoms are one: sympy's caches give back earlier ones, and pickling tells by identity
        known = _MADE.get((name, digest))
        if known is not None:
            return known
        new: Shared = super().__new__(cls)
        leaves = [part for part in walk(content) if not part.args]
        new.content, new.name, new.digest, new.slopes = content, name, digest, {}
        new.inside = tuple(part for part in leaves if isinstance(part, Shared))
        new.symbols = frozenset().union(
            *(part.free_symbols for part in leaves if isinstance(part, Shared | sympy.Symbol))
        )
        return _MADE.setdefault((name, digest), new)

    @property
    def free_symbols(self) -> set[sympy.Symbol]:
        """Symbols of the formula inside."""
        return set(self.symbols)

    def _hashable_content(self) -> tuple[str, str]:
        return self.name, self.digest

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.content, self.name

    def _pythoncode(self, _: object) -> str:
        return f"shared_{self.digest}"

    _numpycode = _scipycode = _pythoncode

    def _sympystr(self, _: object) -> str:
        return self.name or "(...)"

    def _eval_derivative(self, to: sympy.Symbol, *_: object) -> sympy.Expr:
        if to not in self.symbols:
            return sympy.Integer(0)
        if to not in self.slopes:  # to look for it here would go as deep as the chain is long
            raise TypeError("a shared formula is differentiated by slopes.differentiate")
        return self.slopes[to]

    _eval_derivative_n_times = _eval_derivative


_MADE: WeakValueDictionary[tuple[str, str], Shared] = WeakValueDictionary()


def share(expression: sympy.Basic, name: str = "", sizes: Sizes | None = None) -> sympy.Basic:
    """The expression, or an atom that holds it where it is deep or large.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> share(x + 1) == x + 1
    True
    """
    size = measure(expression, {} if sizes is None else sizes)
    held = size.is_large and isinstance(expression, sympy.Expr)
    return Shared(expression, name) if held else expression


def measure(expression: sympy.Basic, sizes: Sizes) -> Size:
    """Depth and terms of an expression, an atom counted as one; `sizes` remembers them."""
    for part in walk(expression, sizes):
        held = [sizes[inner] for inner in part.args]
        depth = 1 + max((size.depth for size in held), default=0)
        rests = isinstance(part, Shared) or any(size.rests for size in held)
        sizes[part] = Size(depth, 1 + sum(size.terms for size in held), rests)
    return sizes[expression]


def walk(expression: sympy.Basic, known: Container[sympy.Basic] = ()) -> Iterator[sympy.Basic]:
    """Every part of an expression once, parts first; what is known is passed over.

    Atoms are not looked into.
    """
    seen: set[sympy.Basic] = set()
    waiting = [(expression, False)]
    while waiting:
        part, opened = waiting.pop()
        if opened:
            yield part
        elif part not in seen and part not in known:
            seen.add(part)
            waiting.append((part, True))
            waiting.extend((inner, False) for inner in reversed(part.args))


def find_shared(
    expressions: Iterable[sympy.Basic], known: Container[sympy.Basic] = ()
) -> Iterator[Shared]:
    """Every atom in expressions and in each other's formulas once, the innermost first.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> inner = Shared(x + 1, "inner")
    >>> list(find_shared([Shared(inner**2, "outer") + 1]))
    [inner, outer]
    """
    seen: set[sympy.Basic] = set()
    for expression in expressions:
        waiting = [(part, False) for part in walk(expression) if isinstance(part, Shared)]
        while waiting:
            part, opened = waiting.pop()
            if opened:
                yield part
            elif part not in seen and part not in known:
                seen.add(part)
                waiting.append((part, True))
                waiting.extend((inner, False) for inner in reversed(part.inside))


def substitute(expression: sympy.Basic, values: Mapping[sympy.Basic, sympy.Basic]) -> sympy.Basic:
    """The expression with symbols replaced, also within shared formulas.

    Examples
    --------
    >>> x, y = sympy.symbols("x y", real=True)
    >>> substitute(Shared(x + 1, "z") * y, {x: sympy.Integer(2)})
    3*y
    """
    found = dict(values)
    for each in find_shared([expression]):
        content = each.content.xreplace(found)
        if content != each.content:
            found[each] = share(content, each.name)
    return expression.xreplace(found)


def name_shared(expressions: Any) -> tuple[list[tuple[sympy.Basic, ...]], Any]:  # noqa: ANN401
    """Shared formulas as local values of a function that `sympy.lambdify` writes (its `cse`)."""
    listed = expressions if isinstance(expressions, list | tuple) else [expressions]
    return [(each, each.content) for each in find_shared(listed)], expressions


def _digest(content: sympy.Basic) -> str:
    """SHA-256 of a formula: the same in every process, whatever atoms it holds."""
    numbers: dict[sympy.Basic, int] = {}
    text = hashlib.sha256()
    for part in walk(content):
        numbers[part] = len(numbers)
        if isinstance(part, Shared):
            said = f"shared {part.name} {part.digest}"
        elif part.args:
            said = f"{part.func} {[numbers[inner] for inner in part.args]}"
        else:
            said = sympy.srepr(part)
        text.update(f"{said}\n".encode())
    return text.hexdigest()
