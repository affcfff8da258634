"""From a model to what is integrated: SBML's meaning of amounts, rules, reactions and events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import sympy

from stromal.errors import InvalidInput, Issue
from stromal.frozen import freeze
from stromal.models.arithmetic import is_finite, rebuild
from stromal.models.jumps import Jump, derive_jumps
from stromal.models.known import find_integrated
from stromal.models.meaning import Meaning, missing_name
from stromal.models.model import Model, symbol
from stromal.models.odes import TIME, Change, Odes
from stromal.models.resolve import Key, Values, find_needs, resolve
from stromal.models.shared import Shared, Size, find_shared, measure, walk

DEEPEST = 200
"""Operations within each other that one formula of a model may have."""

_NOT_REAL = frozenset({sympy.I, sympy.zoo})


def derive_odes(model: Model) -> Odes:
    """Rates, initial values, outputs and changes of a model.

    The state of a species is its amount; of a species with a rate rule, what the rule speaks of.
    A species that is not constant is a state even when nothing in the model changes it, so that it
    can be dosed. Constants whose initial assignment speaks of other names are written out; all
    other constants are parameters.

    Parameters
    ----------
    model
        As `read_model` gives it.

    Returns
    -------
    Odes
        Expressions of states, parameters and TIME only.

    Raises
    ------
    InvalidInput
        Every name that is not defined and every value that is needed and not given; definitions
        that go round in a circle; events that set one thing twice at the same time.

    Examples
    --------
    >>> from stromal.models.parse import read_model
    >>> odes = derive_odes(read_model("k = 0.5; x = 1; x' = -k*x; y := 2*x"))
    >>> odes.states, odes.rates, odes.initial, odes.outputs["y"]
    ((x,), (-k*x,), (1,), 2*x)
    """
    sizes: dict[sympy.Basic, Size] = {}
    issues = [
        Issue(
            f"the formula is nested more than {DEEPEST} deep",
            table=model.source,
            column=place,
            hint="give parts of it names of their own, as assignments",
        )
        for place, formula in model.formulas()
        if measure(formula, sizes).depth > DEEPEST
    ]
    if issues:
        raise InvalidInput(issues)
    return _Derivation(model, Meaning(model)).odes()


@dataclass(frozen=True)
class _Derivation:
    """One model on its way to equations."""

    model: Model
    meaning: Meaning

    def odes(self) -> Odes:
        self._refuse_undefined()
        meaning = self.meaning
        rates = {name: self._now(meaning.state_rate(name)) for name in meaning.states}
        initial = {name: self._first(meaning.first_state(name)) for name in meaning.states}
        jumps = derive_jumps(self.model, meaning, self._values)
        lost = _unused_without_value(rates, initial, jumps)
        kept = [name for name in meaning.states if name not in lost]
        _refuse_complex_or_missing(
            self.model,
            {f"rate of {name}": rates[name] for name in kept}
            | {f"initial value of {name}": initial[name] for name in kept}
            | {
                f"assignment of {name}": self._values[symbol(name)]
                for name in meaning.model.assignment_rules
            }
            | {f"event {jump.name}": expression for jump in jumps for expression in jump.all},
        )
        defaults = self._defaults
        return Odes(
            name=self.model.name,
            states=tuple(symbol(name) for name in kept),
            rates=tuple(rates[name] for name in kept),
            initial=tuple(initial[name] for name in kept),
            parameters=tuple(symbol(name) for name in defaults),
            defaults=tuple(defaults.values()),
            outputs=freeze({name: _known(self._now(raw), lost) for name, raw in meaning.outputs()}),
            changes=tuple(
                Change(
                    updates=tuple((kept.index(key), value) for key, value in jump.updates.items()),
                    name=jump.name,
                    **jump.when._asdict(),
                )
                for jump in jumps
            ),
            volumes=frozenset(place.name for place in self.model.compartments if place.dimensions),
            known=frozenset(kept) - find_integrated(self.model),
        )

    @cached_property
    def _start(self) -> tuple[Values, dict[str, float]]:
        """What names mean at the start, and the parameters among them with their values."""
        constants = set(self.meaning.constants)
        found: dict[str, float] = {}

        def settle(key: Key, value: sympy.Basic) -> sympy.Basic:
            if key.is_Symbol and key.name in constants and is_finite(value):
                found[key.name] = float(value)
                return key
            return value

        wanted = [symbol(name) for name in self.meaning.names]
        values = resolve(wanted, self.meaning.define_first, {TIME: sympy.Integer(0)}, settle)
        return values, {name: found[name] for name in self.meaning.constants if name in found}

    @property
    def _defaults(self) -> Mapping[str, float]:
        return self._start[1]

    @cached_property
    def _values(self) -> Values:
        """What names mean at any time: states, parameters and time."""
        meaning, first = self.meaning, self._start[0]
        constants = {symbol(name): first[symbol(name)] for name in meaning.constants}
        wanted = {symbol(name) for name in meaning.names}
        for _, expression in self.model.formulas():
            wanted |= find_needs(expression)
        return resolve(sorted(wanted, key=str), meaning.define, constants)

    def _now(self, expression: sympy.Expr) -> sympy.Expr:
        return rebuild(expression, self._values, self._done)

    @cached_property
    def _done(self) -> Values:
        return {}

    def _first(self, expression: sympy.Expr) -> sympy.Expr:
        return rebuild(expression, self._start[0])

    def _refuse_undefined(self) -> None:
        """Refuse formulas that speak of names that the model does not have."""
        known = set(self.meaning.names)
        issues = [
            Issue(
                f"`{name}` is not defined",
                table=self.model.source,
                column=place,
                hint="declare it, or correct its spelling",
            )
            for place, expression in self.model.formulas()
            for name in sorted(item.name for item in expression.free_symbols - {TIME})
            if name not in known
        ]
        if issues:
            raise InvalidInput(issues)


def _unused_without_value(
    rates: Mapping[str, sympy.Expr], initial: Mapping[str, sympy.Expr], jumps: Iterable[Jump]
) -> set[str]:
    """States that have no start value and that nothing needs."""
    lost = {name for name, value in initial.items() if _missing_in(value)}
    jumps = list(jumps)
    needed = {name for jump in jumps for name in jump.updates}
    needed |= {s.name for jump in jumps for value in jump.all for s in find_needs(value)}
    while lost:
        read = {s.name for name in rates if name not in lost for s in find_needs(rates[name])}
        if not lost & (read | needed):
            break
        lost -= read | needed
    return lost


def _is_never_real(expression: sympy.Basic, known: dict[sympy.Basic, bool]) -> bool:
    """Whether there is no value whichever pieces are taken."""
    for each in (*(shared.content for shared in find_shared([expression], known)), expression):
        for part in walk(each, known):
            if isinstance(part, Shared):
                known[part] = known[part.content]
            elif isinstance(part, sympy.Piecewise):
                known[part] = all(known[value] for value, _ in part.args)
            else:
                known[part] = part in _NOT_REAL or any(known[inner] for inner in part.args)
    return known[expression]


def _missing_in(expression: sympy.Basic) -> list[str]:
    names = (missing_name(item) for item in find_needs(expression))
    return sorted(name for name in names if name is not None)


def _known(expression: sympy.Expr, lost: set[str]) -> sympy.Expr:
    """The expression with nan for what has no value."""
    unknown = {
        item: sympy.nan
        for item in find_needs(expression)
        if item.name in lost or missing_name(item) is not None
    }
    return rebuild(expression, unknown) if unknown else expression


def _refuse_complex_or_missing(model: Model, expressions: Mapping[str, sympy.Expr]) -> None:
    """Refuse what cannot be computed: every missing value with what needs it first."""
    needs: dict[str, str] = {}
    never_real: dict[sympy.Basic, bool] = {}
    issues = []
    for place, expression in expressions.items():
        for name in _missing_in(expression):
            needs.setdefault(name, place)
        if _is_never_real(expression, never_real):
            issues.append(
                Issue(
                    "the value is never a real number",
                    table=model.source,
                    column=place,
                    hint="look for a root or a logarithm of something that is always negative",
                )
            )
    issues.extend(
        Issue(
            f"`{name}` has no value",
            table=model.source,
            column=place,
            hint="give it one in the model or among the parameters",
        )
        for name, place in needs.items()
    )
    if issues:
        raise InvalidInput(issues)
