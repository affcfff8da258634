"""From equations to the text of every function of a program."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import Any

from stromal.kernels.compile.cache import digest_of, generator_digest
from stromal.kernels.compile.derivatives import derive_jacobian
from stromal.kernels.compile.entries import store_entry
from stromal.kernels.compile.flows import find_fed, find_renewing, measure_flows
from stromal.kernels.compile.graph import Graph, Node, reachable
from stromal.kernels.compile.graph import replace as substitute
from stromal.kernels.compile.lu import Factorisation, plan_factorisation
from stromal.kernels.compile.prune import System
from stromal.kernels.compile.prune import prune as prune_system
from stromal.kernels.compile.sharing import share
from stromal.kernels.compile.simplify import Constants, lower_powers
from stromal.kernels.compile.source import LANES, PLAIN, Dialect, Place, Store, Writer, name_locals
from stromal.kernels.compile.translate import Translator
from stromal.models.odes import TIME, Odes

SCHEDULED = ("rates", "factor")
"""Functions of every step, whose statements are ordered for speed."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """The texts of a program and the facts that go with them."""

    source: str
    lanes_source: str
    facts: Mapping[str, Any]
    removed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Reduced:
    """What is left to integrate: nodes of states in order, with their names."""

    system: System
    kept: tuple[int, ...]
    names: tuple[str, ...]
    uses_time: bool
    made: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be compiled, translated: enough to know whether it was compiled before."""

    odes: Odes
    graph: Graph
    parameters: tuple[Node, ...]
    system: System
    outputs: tuple[str, ...]
    vary: tuple[str, ...]
    fixed: Mapping[str, float]
    dosed: tuple[str, ...]
    prune: bool
    start: float

    @property
    def key(self) -> str:
        """Digest of everything that decides the result, this generator included."""
        nodes = [
            (node.kind, node.value, node.name, [(part.index, f) for part, f in node.parts])
            for node in reachable([*self.system.roots, *self.parameters])
        ]
        names = [symbol.name for symbol in (*self.odes.states, *self.odes.parameters)]
        changes = [[(s, v.index) for s, v in new] for new in self.system.changes]
        roots = [root.index for root in self.system.roots]
        options = (self.outputs, self.vary, sorted(self.fixed.items()), self.dosed, self.prune)
        values = (self.odes.name, names, self.odes.defaults, options, self.start)
        return digest_of((generator_digest(), nodes, roots, changes, values))


def request(
    odes: Odes,
    outputs: Sequence[str],
    vary: Sequence[str],
    fixed: Mapping[str, float],
    dosed: Sequence[str],
    *,
    prune: bool,
    start: float,
) -> Request:
    """Translate the equations."""
    graph = Graph()
    parameters = tuple(graph.symbol(f"p{place}") for place in range(len(vary)))
    system = _translate(
        graph, odes, outputs, dict(zip(vary, parameters, strict=True)), fixed, start
    )
    return Request(
        odes,
        graph,
        parameters,
        system,
        tuple(outputs),
        tuple(vary),
        dict(fixed),
        tuple(dosed),
        prune,
        float(start),
    )


def assemble(asked: Request) -> Assembly:
    """Every function of the program, in both dialects."""
    graph, odes, vary = asked.graph, asked.odes, asked.vary
    names = [symbol.name for symbol in odes.states]
    reduced, removed = _reduce(graph, asked.system, names, asked.dosed, prune=asked.prune)
    stores, constants, plan, jacobian = _stores(graph, reduced, asked.parameters, asked.outputs)
    places = _places(graph, reduced, asked.parameters, vary, constants, plan)
    header = _header(odes.name, reduced, asked.outputs, removed)
    texts = [
        "\n\n\n".join([header, *_functions(dialect, places, stores, plan, reduced.names)])
        for dialect in (PLAIN, LANES)
    ]
    values = {s.name: v for s, v in zip(odes.parameters, odes.defaults, strict=True)}
    defaults = tuple(float(asked.fixed.get(name, values[name])) for name in vary)
    facts = {
        "name": odes.name,
        "state_names": reduced.names,
        "parameter_names": vary,
        "parameter_defaults": defaults,
        "output_names": asked.outputs,
        "constants": len(vary) + len(constants.definitions),
        "factors": len(plan.entries),
        "changes": len(reduced.system.changes),
        "made": reduced.made,
        "uses_time": reduced.uses_time,
        "start": asked.start,
        "flows": _flows(graph, reduced, _numbers(graph, asked, defaults)),
        "renewing": find_renewing(
            graph, *_kept_equations(reduced), _numbers(graph, asked, defaults)
        ),
        "jacobian": tuple(sorted(jacobian)),
        "order": plan.order,
        "dosed": tuple(name for name in asked.dosed if name in reduced.names),
        "reads": _find_read("y", places, stores["observe"]),
        "reads_constants": _find_read("c", places, stores["observe"]),
    }
    return Assembly(texts[0] + "\n", texts[1] + "\n", facts, removed)


def _translate(
    graph: Graph,
    odes: Odes,
    outputs: Sequence[str],
    varied: Mapping[str, Node],
    fixed: Mapping[str, float],
    start: float,
) -> System:
    """The equations as nodes; time is one state more, after the model's own."""
    states = [graph.symbol(f"y{place}", place) for place in range(len(odes.states) + 1)]
    symbols = dict(zip(odes.states, states[:-1], strict=True))
    for symbol, default in zip(odes.parameters, odes.defaults, strict=True):
        number = graph.number(float(fixed.get(symbol.name, default)))
        symbols[symbol] = varied.get(symbol.name, number)
    during = Translator(graph, {**symbols, TIME: states[-1]})
    before = Translator(graph, {**symbols, TIME: graph.number(start)})
    return System(
        tuple(states),
        (*(during(rate) for rate in odes.rates), graph.number(1.0)),
        (*(before(value) for value in odes.initial), graph.number(start)),
        tuple(during(odes.outputs[name]) for name in outputs),
        tuple(
            tuple((state, during(value)) for state, value in change.updates)
            for change in odes.changes
        ),
    )


def _reduce(
    graph: Graph,
    system: System,
    names: Sequence[str],
    dosed: Sequence[str],
    *,
    prune: bool,
) -> tuple[_Reduced, tuple[tuple[str, str], ...]]:
    time = len(names)
    reasons: Mapping[int, str] = {}
    kept = tuple(range(time))
    if prune:
        given = frozenset(names.index(name) for name in dosed)
        system, kept, reasons = prune_system(graph, system, given | {time})
        kept = tuple(state for state in kept if state != time)
    changes = tuple(
        tuple((state, value) for state, value in change if state in kept)
        for change in system.changes
    )
    made = tuple(number for number, change in enumerate(changes) if change)
    changes = tuple(changes[number] for number in made)
    seen = [system.rates[state] for state in kept] + list(system.outputs)
    seen += [value for change in changes for _, value in change]
    uses_time = any(node.uses >> time & 1 for node in seen)
    kept = (*kept, time) if uses_time else kept
    labels = tuple("time" if state == time else names[state] for state in kept)
    removed = tuple((names[state], why) for state, why in sorted(reasons.items()) if state != time)
    return _Reduced(replace(system, changes=changes), kept, labels, uses_time, made), removed


def _stores(
    graph: Graph, reduced: _Reduced, parameters: Sequence[Node], outputs: Sequence[str]
) -> tuple[dict[str, list[Store]], Constants, Factorisation, list[tuple[int, int]]]:
    """What each function stores, every expression in its last form."""
    system, kept, names = reduced.system, reduced.kept, reduced.names
    slot = {state: place for place, state in enumerate(kept)}
    constants = Constants(graph, len(parameters))
    rates = [system.rates[state] for state in kept]
    jacobian = {
        (row, slot[state]): node for (row, state), node in derive_jacobian(graph, rates).items()
    }
    plan = plan_factorisation(len(kept), jacobian)

    def last_form(roots: Sequence[Node]) -> list[Node]:
        return share(graph, constants.hoist(lower_powers(graph, roots)))

    alone = last_form(rates)
    joint = last_form([*rates, *jacobian.values()])
    entries = dict(zip(jacobian, joint[len(rates) :], strict=True))
    times = Counter([*joint, *(part for node in reachable(joint) for part, _ in node.parts)])
    shared = frozenset(node for node, count in times.items() if count > 1)
    stores = {
        "initial": _each("y", last_form([system.initial[state] for state in kept]), names),
        "rates": _each("f", alone, names),
        "factor": [
            *_each("f", joint[: len(rates)], names),
            *(store_entry(graph, entry, entries, shared, names) for entry in plan.entries),
        ],
        "observe": _each("o", last_form(system.outputs), outputs),
    }
    for number, change in enumerate(system.changes):
        values = last_form([value for _, value in change])
        new = {slot[state]: value for (state, _), value in zip(change, values, strict=True)}
        after = [new.get(place, system.states[state]) for place, state in enumerate(kept)]
        stores[f"jump_{number}"] = _each("x", after, names)
    definitions = [lower_powers(graph, [node])[0] for node in constants.definitions]
    values = [*parameters, *share(graph, definitions)]
    stores["constants"] = _each("c", values, ())
    return stores, constants, plan, list(jacobian)


def _find_read(
    array: str, places: Mapping[Node, Place], stores: Sequence[Store]
) -> tuple[int, ...]:
    """Indices at which some stores read an array."""
    nodes = reachable([store.value for store in stores])
    found = [places[node] for node in nodes if node in places]
    return tuple(sorted({place.index for place in found if place.array == array}))


def _each(array: str, values: Sequence[Node], comments: Sequence[str]) -> list[Store]:
    texts = [*comments, *[""] * (len(values) - len(comments))]
    return [Store(array, place, value, texts[place]) for place, value in enumerate(values)]


def _places(
    graph: Graph,
    reduced: _Reduced,
    parameters: Sequence[Node],
    vary: Sequence[str],
    constants: Constants,
    plan: Factorisation,
) -> dict[Node, Place]:
    """Local name of every symbol, and the element it is read from."""
    states = [reduced.system.states[state] for state in reduced.kept]
    local = name_locals([*reduced.names, *vary])
    places = {graph.symbol("d"): Place("d")}
    for entry in plan.entries:
        places[graph.symbol(f"w{entry.slot}")] = Place(f"w{entry.slot}")
    for place, node in enumerate(states):
        places[node] = Place(local[place], "y", place)
    for place, node in enumerate(parameters):
        places[node] = Place(local[len(states) + place], "c", place)
    for place, node in enumerate(constants.definitions.values(), start=len(parameters)):
        places[node] = Place(node.name, "c", place)
    return places


def _functions(
    dialect: Dialect,
    places: Mapping[Node, Place],
    stores: Mapping[str, Sequence[Store]],
    plan: Factorisation,
    names: Sequence[str],
) -> list[str]:
    # the constants are computed from p, everything else reads them, and p among them, from c
    first = {
        node: Place(place.name, "p", place.index) if place.array == "c" else place
        for node, place in places.items()
    }
    texts = []
    for name, held in stores.items():
        arguments, about = _ABOUT[name.rstrip("0123456789")]
        writer = Writer(dialect, first if name == "constants" else places)
        texts.append(writer.function(name, arguments, about, held, scheduled=name in SCHEDULED))
    texts.append(Writer(dialect, places).resolve(plan, names))
    return texts


def _header(
    name: str,
    reduced: _Reduced,
    outputs: Sequence[str],
    removed: Sequence[tuple[str, str]],
) -> str:
    lines = [
        f"The model {name}, compiled: {len(reduced.names)} states, {len(outputs)} outputs.",
        "",
        "y states, c constants of a patient (the varied parameters p first), f dy/dt, o outputs,",
        "w LU factors of d*I - J with d = 1/(h*gamma). Generated; changes are overwritten.",
    ]
    for reason in dict.fromkeys(why for _, why in removed):
        states = ", ".join(state for state, why in removed if why == reason)
        lines += ["", f"Not integrated, because {reason}: {states}."]
    return "\n".join(f"# {line}".rstrip() for text in lines for line in wrap(text, 96) or [""])


def _kept_equations(reduced: _Reduced) -> tuple[list[Node], list[Node]]:
    """States that are integrated, and their rates."""
    system, kept = reduced.system, reduced.kept
    return [system.states[state] for state in kept], [system.rates[state] for state in kept]


def _numbers(graph: Graph, asked: Request, values: Sequence[float]) -> dict[Node, Node]:
    """The model's own numbers of the parameters that vary."""
    both = zip(asked.parameters, values, strict=True)
    return {node: graph.number(float(value)) for node, value in both}


def _flows(graph: Graph, reduced: _Reduced, given: Mapping[Node, Node]) -> tuple[float, ...]:
    """What flows into and out of each state at the start, where its rate is a difference.

    0 where that has no value, and of states whose rate vanishes with them: no rounding feeds those.
    """
    starts = substitute(
        graph, [reduced.system.initial[state] for state in reduced.kept], dict(given)
    )
    states, rates = _kept_equations(reduced)
    flows = measure_flows(graph, rates, {**given, **dict(zip(states, starts, strict=True))})
    fed = find_fed(graph, states, rates)
    return tuple(
        flow if place in fed and math.isfinite(flow) else 0.0 for place, flow in enumerate(flows)
    )


_ABOUT: Mapping[str, tuple[str, str]] = {
    "constants": ("p, c", "Constants of a patient from the varied parameters"),
    "initial": ("c, y", "States at the start"),
    "rates": ("y, c, f", "dy/dt"),
    "factor": ("y, c, d, f, w", "dy/dt, and LU factors of d*I - J, the diagonal inverted"),
    "observe": ("y, c, o", "Outputs"),
    "jump_": ("y, c, x", "States after a change of the model's own; x is not y"),
}
