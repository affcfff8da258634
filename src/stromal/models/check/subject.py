"""What checks look at: a model, its parameter table, and what follows from the two."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl
import sympy
from sympy.printing.str import StrPrinter

from stromal.errors import InvalidInput, Issue, Severity, join_words
from stromal.models.arithmetic import rebuild
from stromal.models.check.ranges import Range
from stromal.models.check.region import Region, find_region
from stromal.models.derive import derive_odes
from stromal.models.meaning import Meaning
from stromal.models.model import Model, symbol
from stromal.models.odes import Odes

LONGEST = 60


@dataclass(frozen=True)
class Node:
    """An operation in a formula: where it stands, and itself with assignments written out.

    `guards` are conditions, written out, without which its piece is not taken.
    """

    place: str
    written: sympy.Basic
    expanded: sympy.Basic
    drives: bool
    guards: tuple[sympy.Basic, ...] = ()

    def __str__(self) -> str:
        return show(self.written)


class _Printer(StrPrinter):  # type: ignore[misc]
    """Expressions in the words of Antimony."""

    def _print_Pow(self, expression: sympy.Pow, rational: bool = False) -> str:  # noqa: FBT001, FBT002, N802
        return str(super()._print_Pow(expression, rational)).replace("**", "^")

    def _print_log(self, expression: sympy.log) -> str:
        return f"ln({self._print(expression.args[0])})"

    def _print_Max(self, expression: sympy.Max) -> str:  # noqa: N802
        return self._call("max", expression)

    def _print_Min(self, expression: sympy.Min) -> str:  # noqa: N802
        return self._call("min", expression)

    def _call(self, name: str, expression: sympy.Expr) -> str:
        arguments = sorted(expression.args, key=lambda argument: bool(argument.is_number))
        return f"{name}({self.stringify(arguments, ', ')})"

    def _print_Abs(self, expression: sympy.Abs) -> str:  # noqa: N802
        return f"abs({self._print(expression.args[0])})"

    def _print_Piecewise(self, expression: sympy.Piecewise) -> str:  # noqa: N802
        parts = [
            self._print(part)
            for value, condition in expression.args
            for part in ((value,) if condition == sympy.true else (value, condition))
        ]
        return f"piecewise({', '.join(parts)})"


def show(expression: sympy.Basic) -> str:
    """An expression as Antimony writes it, cut where it is long.

    Examples
    --------
    >>> show(sympy.Symbol("x") ** 2)
    'x^2'
    """
    text = _Printer({"full_prec": False}).doprint(expression)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."


@dataclass(frozen=True)
class Subject:
    """A model under check; everything else is derived on demand and remembered.

    Examples
    --------
    >>> from stromal.models.parse import read_model
    >>> subject = Subject(read_model("k = 2; x = 1; x' = k - x; y := x + 1"))
    >>> [str(node) for node in subject.nodes(sympy.Add)]
    ['x + 1', 'k - x']
    """

    model: Model
    parameters: pl.DataFrame | None = None
    outputs: tuple[str, ...] = ()

    @cached_property
    def _derived(self) -> tuple[Odes | None, tuple[Issue, ...]]:
        try:
            return derive_odes(self.model), ()
        except InvalidInput as error:
            return None, error.issues

    @property
    def odes(self) -> Odes | None:
        """Return what is integrated; None where the model does not say it completely."""
        return self._derived[0]

    @property
    def refusals(self) -> tuple[Issue, ...]:
        """Why there are no equations."""
        return self._derived[1]

    @cached_property
    def meaning(self) -> Meaning:
        """Return what each name is."""
        return Meaning(self.model)

    @cached_property
    def rows(self) -> Mapping[str, Mapping[str, object]]:
        """Rows of the parameter table by name."""
        if self.parameters is None:
            return {}
        return {str(row["name"]): row for row in self.parameters.iter_rows(named=True)}

    @cached_property
    def region(self) -> Region | None:
        """Where states stay; constants vary between `low` and `high` of the parameter table."""
        return None if self.odes is None else find_region(self.odes, self._constants)

    @property
    def _constants(self) -> dict[str, Range]:
        found = {}
        for name, row in self.rows.items():
            low, high = row["low"], row["high"]
            if isinstance(low, float) and isinstance(high, float) and low < high:
                found[name] = Range(low, high, low > 0 or high < 0)
        return found

    @cached_property
    def start(self) -> Mapping[sympy.Symbol, float]:
        """Start values of states and values of constants."""
        if self.odes is None:
            return {}
        odes = self.odes
        values = dict(zip(odes.parameters, odes.defaults, strict=True))
        exact = {name: sympy.Float(value) for name, value in values.items()}
        for name, first in zip(odes.states, odes.initial, strict=True):
            values[name] = as_number(rebuild(first, exact))
        return values

    @cached_property
    def states(self) -> frozenset[sympy.Symbol]:
        """Symbols of states."""
        return frozenset() if self.odes is None else frozenset(self.odes.states)

    def rate(self, state: sympy.Symbol) -> sympy.Expr:
        """Rate of a state in states, constants and time."""
        if self.odes is None:
            raise KeyError(state.name)
        return self.odes.rates[self.odes.states.index(state)]

    def expand(self, expression: sympy.Basic) -> sympy.Basic:
        """An expression of the model's names in states, constants and time only."""
        return rebuild(expression, self._expansions)

    @cached_property
    def _expansions(self) -> Mapping[sympy.Basic, sympy.Basic]:
        if self.odes is None:
            return {}
        fixed = {*self.odes.parameters}
        return {
            symbol(name): value
            for name, value in self.odes.outputs.items()
            if symbol(name) not in fixed and symbol(name) != value
        }

    @cached_property
    def driving(self) -> frozenset[str]:
        """Names whose value reaches the rate of a state; the others only watch."""
        wanted = [
            need.name
            for name in self.meaning.states
            for need in self.meaning.state_rate(name).free_symbols
        ]
        found: set[str] = set()
        while wanted:
            name = wanted.pop()
            if name in found:
                continue
            found.add(name)
            rule = self.model.assignment_rules.get(name, self.meaning.rates.get(name))
            wanted += [] if rule is None else [need.name for need in rule.free_symbols]
        return frozenset(found)

    def nodes(self, *kinds: type) -> Iterator[Node]:
        """Operations of these kinds in all formulas that hold at all times.

        Each comes once, or once under each set of conditions that it stands under.
        """
        seen: set[tuple[sympy.Basic, _Guards]] = set()
        for place, formula, drives in self._formulas():
            for written, guards in _guarded(formula, ()):
                if not isinstance(written, kinds) or (written, guards) in seen:
                    continue
                seen.add((written, guards))
                expanded = tuple(map(self.expand, guards))
                yield Node(place, written, self.expand(written), drives, expanded)

    def _formulas(self) -> Iterator[tuple[str, sympy.Expr, bool]]:
        model = self.model
        for name, rule in model.assignment_rules.items():
            yield f"assignment of {name}", rule, name in self.driving
        for name, rule in model.rate_rules.items():
            yield f"rate rule of {name}", rule, True
        for reaction in model.reactions:
            if reaction.rate is not None:
                yield f"rate of {reaction.name}", reaction.rate, reaction.name in self.driving

    def issue(self, message: str, place: str | None, hint: str, severity: Severity) -> Issue:
        """An issue with the model's file as its table."""
        return Issue(message, self.model.source, None, place, hint, severity)


_Guards = tuple[sympy.Basic, ...]


def _guarded(formula: sympy.Basic, guards: _Guards) -> Iterator[tuple[sympy.Basic, _Guards]]:
    """Every part of a formula with the conditions that it stands under."""
    yield formula, guards
    if not isinstance(formula, sympy.Piecewise):
        for part in formula.args:
            yield from _guarded(part, guards)
        return
    passed = guards
    for value, condition in formula.args:
        yield from _guarded(condition, passed)
        yield from _guarded(value, (*passed, *sympy.And.make_args(condition)))
        passed = (*passed, *sympy.And.make_args(sympy.Not(condition)))


def as_number(expression: sympy.Basic) -> float:
    """The number an expression stands for; nan where it has names left or is not real."""
    try:
        return float(expression)
    except TypeError:
        return math.nan


def list_names(names: Iterator[str] | list[str] | tuple[str, ...], most: int = 8) -> str:
    """Names in a row, the first of them when there are many.

    Examples
    --------
    >>> list_names(["a", "b", "c"], most=2)
    '`a`, `b` and 1 more'
    """
    quoted = [f"`{name}`" for name in names]
    if len(quoted) > most:
        return f"{', '.join(quoted[:most])} and {len(quoted) - most} more"
    return join_words(quoted)
