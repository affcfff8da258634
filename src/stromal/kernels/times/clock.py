"""What of a model decides when something happens, compiled for all patients at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sympy
from numpy.typing import NDArray

from stromal.errors import InvalidInput, Issue
from stromal.frozen import freeze
from stromal.kernels.compile.cache import digest_of
from stromal.kernels.compile.program import Program, compile_program
from stromal.kernels.solvers.numpy_names import numpy_functions
from stromal.models.arithmetic import as_value
from stromal.models.odes import TIME, Change, Crossing, Odes, Switch

Numbers = NDArray[np.floating]

_FLOOR = "floor"
_RELATIONS = {
    sympy.Lt: "lt",
    sympy.Le: "le",
    sympy.Gt: "gt",
    sympy.Ge: "ge",
    sympy.Eq: "eq",
    sympy.Ne: "ne",
}


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """Expressions of time, compiled: a program whose one state is time.

    `rows` are the places of its parameters among those of the clock.
    """

    program: Program
    rows: tuple[int, ...]

    def read(
        self,
        parameters: Numbers,
        times: Numbers,
        columns: NDArray[np.int64] | None = None,
        kind: type[np.floating] = np.float64,
    ) -> Numbers:
        """Return outputs (outputs, n) at times (n,).

        Parameters
        ----------
        parameters
            Of the clock, (P, S).
        times
            One for each column.
        columns
            Which columns of the parameters are meant, (n,); all by default.
        kind
            Precision: extended precision makes times that are correct to the last bit of a double.
        """
        functions, rows = numpy_functions(self.program), np.array(self.rows, np.int64)
        given = parameters[rows] if columns is None else parameters[np.ix_(rows, columns)]
        constants = np.zeros((self.program.constants, times.size), kind)
        outputs = np.zeros((len(self.program.output_names), times.size), kind)
        with np.errstate(all="ignore"):
            functions.constants(given.astype(kind), constants)
            functions.observe(times.astype(kind)[None, :], constants, outputs)
        return outputs


@dataclass(frozen=True, slots=True)
class Equation:
    """A `Crossing` by the places of its numbers among the outputs of a switch's reader."""

    coefficients: tuple[int, ...]
    level: int
    period: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Dial:
    """A switch: its place among the clock's parameters, and what it is of, as `reader` reads it.

    `relation` is `lt`, `le`, `gt`, `ge`, `eq` or `ne`, of the output `value` to zero, or `floor` of
    that output. `follows` holds where it speaks of states that only changes move.
    """

    name: str
    place: int
    reader: Reader
    relation: str
    value: int
    equations: tuple[Equation, ...]
    follows: bool


@dataclass(frozen=True, slots=True)
class Alarm:
    """A change of the model's own: its trigger, delay and priority as outputs of the clock.

    `number` is that of the change, and `take` that of the change which keeps its values where they
    are taken when it is triggered. `updates` are pairs of a known state's number and the output
    with its new value; `early` holds where that is taken at the trigger too.
    """

    name: str
    number: int
    take: int | None
    early: bool
    trigger: int
    delay: int | None
    priority: int | None
    true_before: bool
    persistent: bool
    updates: tuple[tuple[int, int], ...]
    follows: bool

    @property
    def waits(self) -> bool:
        """Whether more than the moment of its trigger decides when it is executed."""
        others = (self.take, self.delay, self.priority)
        return not self.persistent or any(part is not None for part in others)


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """Switches and events of a model, and the program that computes what decides them.

    Parameters
    ----------
    size
        Number of its parameters: those that vary and are read (`given`), known states and
        switches, in this order.
    reader
        Reads triggers, delays and priorities, and new and first values of known states.
    given
        Parameters of the model that it reads.
    known
        States that only the model's own changes move, and that switches or events depend on.
    initial
        Outputs with the start values of known states.
    dials, alarms
        Switches, each after those it speaks of, and the model's own changes.
    hidden
        Switches that rates, outputs and changes speak of: parameters of the model's program.
    """

    size: int
    reader: Reader
    given: tuple[str, ...]
    known: tuple[str, ...]
    initial: tuple[int, ...]
    dials: tuple[Dial, ...]
    alarms: tuple[Alarm, ...]
    hidden: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of everything that decides the times."""
        own = (self.given, self.known, self.initial, self.alarms, self.hidden)
        each = [
            (dial.name, dial.relation, dial.value, dial.equations, dial.reader.program.digest)
            for dial in self.dials
        ]
        return digest_of((self.reader.program.digest, repr(own), repr(each)))


def make_clock(
    odes: Odes, *, outputs: Sequence[str], vary: Sequence[str], fixed: Mapping[str, float]
) -> Clock | None:
    """The clock of equations that `split_times` has made; None where nothing happens by itself.

    Parameters
    ----------
    odes
        With their switches.
    outputs
        Names of outputs that are compiled.
    vary, fixed
        As for `compile_program`.

    Examples
    --------
    >>> from stromal.models.derive import derive_odes
    >>> from stromal.models.parse import read_model
    >>> from stromal.models.switches import split_times
    >>> odes = derive_odes(read_model("x = 0; t = 2; x' = piecewise(1, time >= t, 0)"))
    >>> clock = make_clock(split_times(odes).odes, outputs=["x"], vary=["t"], fixed={})
    >>> clock.hidden, clock.dials[0].relation
    (('switch 1',), 'ge')
    """
    seen = [*odes.rates, *(odes.outputs[name] for name in outputs)]
    seen += [value for change in odes.changes for _, value in change.updates]
    used = frozenset().union(*(expression.free_symbols for expression in seen))
    hidden = tuple(each.symbol.name for each in odes.switches if each.symbol in used)
    if not odes.changes and not hidden:
        return None
    issues = [
        Issue(
            f"event {change.name}: when it is triggered cannot be worked out before a run",
            hint="write the trigger with sums, products and powers of time",
        )
        for change in odes.changes
        if TIME in change.trigger.free_symbols
    ]
    if issues:
        raise InvalidInput(issues)
    return _Making(odes, vary, fixed).clock(hidden)


class _Making:
    """A clock as it is made: expressions by the number of the output they become."""

    def __init__(self, odes: Odes, vary: Sequence[str], fixed: Mapping[str, float]) -> None:
        self.odes, self.fixed = odes, dict(fixed)
        self.outputs: dict[sympy.Basic, int] = {}
        self.switches = [each.symbol for each in odes.switches]
        states = [state for state in odes.states if state.name in odes.known]
        wanted = self._speaks_of([part for change in odes.changes for part in change.when])
        wanted |= self._speaks_of([each.of for each in odes.switches])
        while (
            more := {name for state in wanted & {*states} for name in self._moves(state)} - wanted
        ):
            wanted |= more
        self.known = [state for state in states if state in wanted]
        read = self._read()
        self.vary = [name for name in vary if name in read]
        own = (*self.known, *self.switches)
        self.places = [*self.vary, *(symbol.name for symbol in own)]

    def _read(self) -> set[str]:
        """Names of everything that decides a time."""
        first = dict(zip(self.odes.states, self.odes.initial, strict=True))
        parts: list[sympy.Basic] = [first[state] for state in self.known]
        for change in self.odes.changes:
            parts += [*change.when, *(value for _, value in self._known_updates(change))]
        for switch in self.odes.switches:
            parts.append(switch.of)
        return {symbol.name for symbol in self._speaks_of(parts)}

    def clock(self, hidden: tuple[str, ...]) -> Clock:
        dials = tuple(self._dial(switch) for switch in self.odes.switches)
        self.outputs = {}
        taking = {change.take for change in self.odes.changes}
        alarms = tuple(
            self._alarm(number, change)
            for number, change in enumerate(self.odes.changes)
            if number not in taking
        )
        first = dict(zip(self.odes.states, self.odes.initial, strict=True))
        initial = tuple(self._place(first[state]) for state in self.known)
        return Clock(
            size=len(self.places),
            reader=self._reader(),
            given=tuple(self.vary),
            known=tuple(state.name for state in self.known),
            initial=initial,
            dials=dials,
            alarms=alarms,
            hidden=hidden,
        )

    def _speaks_of(self, expressions: Sequence[sympy.Basic]) -> set[sympy.Symbol]:
        return set().union(*(expression.free_symbols for expression in expressions))

    def _moves(self, state: sympy.Symbol) -> set[sympy.Symbol]:
        """What new values of a known state come from."""
        index = self.odes.states.index(state)
        return self._speaks_of(
            [value for change in self.odes.changes for at, value in change.updates if at == index]
        )

    def _place(self, expression: sympy.Basic) -> int:
        return self.outputs.setdefault(as_value(expression), len(self.outputs))

    def _dial(self, switch: Switch) -> Dial:
        of, self.outputs = switch.of, {}
        relation = _FLOOR if isinstance(of, sympy.floor) else _RELATIONS[type(of)]
        value = self._place(of.args[0] if relation == _FLOOR else of.lhs - of.rhs)
        equations = tuple(self._equation(each) for each in switch.crossings)
        return Dial(
            name=switch.symbol.name,
            place=self.places.index(switch.symbol.name),
            reader=self._reader(),
            relation=relation,
            value=value,
            equations=equations,
            follows=self._follows(of),
        )

    def _equation(self, crossing: Crossing) -> Equation:
        return Equation(
            tuple(self._place(each) for each in crossing.coefficients),
            self._place(crossing.level),
            None if crossing.period is None else self._place(crossing.period),
        )

    def _follows(self, expression: sympy.Basic) -> bool:
        """Whether known states decide it, directly or through switches."""
        names = expression.free_symbols
        inner = [each.of for each in self.odes.switches if each.symbol in names]
        return bool(names & {*self.known}) or any(map(self._follows, inner))

    def _alarm(self, number: int, change: Change) -> Alarm:
        return Alarm(
            name=change.name,
            number=number,
            take=change.take,
            early=change.early,
            trigger=self._place(change.trigger),
            delay=None if change.delay is None else self._place(change.delay),
            priority=None if change.priority is None else self._place(change.priority),
            true_before=change.true_before,
            persistent=change.persistent,
            updates=tuple(
                (state, self._place(value)) for state, value in self._known_updates(change)
            ),
            follows=any(map(self._follows, change.when)),
        )

    def _known_updates(self, change: Change) -> list[tuple[int, sympy.Expr]]:
        """New values of known states, by their numbers, whether or not they are kept first."""
        held = {}
        if change.take is not None:
            taken = self.odes.changes[change.take].updates
            held = {self.odes.states[at]: value for at, value in taken}
        updates = {self.odes.states[at]: held.get(value, value) for at, value in change.updates}
        return [
            (state, updates[symbol]) for state, symbol in enumerate(self.known) if symbol in updates
        ]

    def _reader(self) -> Reader:
        """A reader of the outputs so far, with the parameters that they speak of."""
        symbols = self._speaks_of([*self.outputs])
        names = [name for name in self.places if sympy.Symbol(name, real=True) in symbols]
        named = {f"{place}": expression for expression, place in self.outputs.items()}
        named["time"] = TIME  # so that time is a state, whatever else is asked
        more = [*self.known, *self.switches]
        own = Odes(
            name=f"times of {self.odes.name}",
            states=(),
            rates=(),
            initial=(),
            parameters=(*self.odes.parameters, *more),
            defaults=(*self.odes.defaults, *(0.0 for _ in more)),
            outputs=freeze(named),
        )
        program = compile_program(own, outputs=tuple(named), vary=names, fixed=self.fixed)
        return Reader(program, tuple(self.places.index(name) for name in names))
