"""What a simulation asks that its model or its protocol cannot give, before anything is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stromal.endpoints.bind import Bound
from stromal.endpoints.endpoint import Need
from stromal.errors import Issue, Severity, UnknownUnit
from stromal.kernels.kernel import Kernel
from stromal.models.meaning import Meaning
from stromal.models.model import Model
from stromal.models.ports import ProductPort
from stromal.protocol.dose import Quantity
from stromal.protocol.protocol import Protocol
from stromal.protocol.simulation import Action, Simulation, list_days
from stromal.simulate.check_figures import check_figures
from stromal.simulate.model import SimulatedModel
from stromal.toml.explain import suggest

FOREIGN = 50.0
"""Reference doses that nobody gives; 30 kill a quarter of patients in the library's physiology."""


def check_simulation(
    protocol: Protocol, model: SimulatedModel, endpoints: Mapping[str, Bound]
) -> tuple[Issue, ...]:
    """Return every issue of a simulation with its model.

    Parameters
    ----------
    protocol
        With its simulation, and with what that assumes of doses.
    model
        With its ports.
    endpoints
        Those of the protocol by name.

    Returns
    -------
    tuple of Issue
        Errors of what cannot be run, warnings of what will be missing.
    """
    simulation = protocol.simulation
    if simulation is None:
        return ()
    return (
        *_check_days(protocol, simulation),
        *_check_own_ports(protocol, simulation, model),
        *_check_products(protocol, simulation, model),
        *_check_observations(protocol, simulation, model),
        *_check_actions(protocol, simulation, model),
        *_check_asked(protocol, simulation, model, endpoints),
        *check_figures(protocol, simulation, model),
    )


def _check_days(protocol: Protocol, simulation: Simulation) -> Iterator[Issue]:
    """Yield samples, doses and rules that lie outside the run."""
    start, end = simulation.start_day, simulation.end_day
    if start >= end:
        what = f"the run begins on day {start:g} and ends on day {end:g}"
        yield _issue(what, "simulation.end_day", "write a later end")
    for index, entry in enumerate(simulation.observations):
        early = [day for day in list_days(entry) if day < start]
        if early:
            what = f"a visit on day {early[0]:g} is before the start, day {start:g}"
            yield _issue(what, f"simulation.observations[{index}]", "let the run begin earlier")
        if not list_days(entry):
            what = "an observation has no days"
            hint = "write `days`, or `from_day`, `to_day` and `every_days`"
            yield _issue(what, f"simulation.observations[{index}]", hint)
    for index, visit in enumerate(protocol.visits):
        if visit.day + visit.after < start:
            what = f"visit `{visit.name}` on day {visit.day:g} is before the start, day {start:g}"
            hint = "let the run begin earlier, or know that simulated patients have nothing of it"
            yield _issue(what, f"visits[{index}]", hint, Severity.WARNING)
    for name, arm in protocol.arms.items():
        for index, regimen in enumerate(arm.regimen):
            early = [day for day in regimen.days if day < start]
            if early:
                what = (
                    f"`{regimen.product}` is given on day {early[0]:g}, before the start, "
                    f"day {start:g}"
                )
                yield _issue(
                    what, f"arms.{name}.regimen[{index}].days", "let the run begin earlier"
                )


def _check_own_ports(
    protocol: Protocol, simulation: Simulation, model: SimulatedModel
) -> Iterator[Issue]:
    """Yield ports of the study's own that lead nowhere."""
    states = _list_states(model.model)
    for name, given in simulation.ports.items():
        column = f"simulation.ports.{name}"
        if name not in protocol.products:
            hint = suggest(name, protocol.products, "products")
            yield _issue(f"there is no product `{name}`", column, hint)
        if given.state not in states:
            hint = suggest(given.state, states, "states")
            yield _issue(f"the model has no state `{given.state}`", f"{column}.state", hint)


def _check_products(
    protocol: Protocol, simulation: Simulation, model: SimulatedModel
) -> Iterator[Issue]:
    """Yield products that feed nothing, arms without doses, doses for another species."""
    for name in simulation.assumed:
        if name not in protocol.products:
            hint = suggest(name, protocol.products, "products")
            yield _issue(f"there is no product `{name}`", f"simulation.assumed.{name}", hint)
    species = protocol.study.species
    seen: set[str] = set()
    for arm_name, arm in protocol.arms.items():
        if not arm.regimen:
            hint = "write its `regimen`, if it is given something"
            what = f"patients of arm `{arm_name}` are given nothing"
            yield _issue(what, f"arms.{arm_name}", hint, Severity.NOTE)
        for index, regimen in enumerate(arm.regimen):
            column = f"arms.{arm_name}.regimen[{index}]"
            product = protocol.products.get(regimen.product)
            if product is None:
                continue
            yield from _check_stated(regimen.product, column, regimen.amount, regimen.days)
            port = model.ports.product(regimen.product, product.kind)
            if port is None and regimen.product not in seen:
                seen.add(regimen.product)
                what = f"the model has no port for `{regimen.product}`, of kind {product.kind}"
                hint = (
                    f"write where it goes as `[products.{regimen.product}]` in ports.toml, or name "
                    f"it in `left_out` of [simulation]"
                )
                yield _issue(what, f"{column}.product", hint)
            elif port is not None and port.amount_of(species) is None:
                what = (
                    f"a dose of `{regimen.product}` is for a {species}, and the port does not say "
                    f"what makes one in a {species}"
                )
                yield _issue(what, f"{column}.product", "simulate the species of the model")
            elif port is not None and regimen.amount is not None:
                yield from _check_species(regimen.product, column, regimen.amount, port, species)


def _check_species(
    product: str, column: str, amount: Quantity, port: ProductPort, species: str
) -> Iterator[Issue]:
    """Yield a dose that is a usual one of another species, and far from any of this one."""
    makes_one = {} if port.amount is None else port.amount.model_dump(exclude_none=True)
    try:
        dose, power = amount.convert(port.unit)
    except UnknownUnit:
        return
    if power:
        return
    for other, one in makes_one.items():
        ratio = dose.high / makes_one[species]
        if other != species and ratio >= FOREIGN and dose.high / one <= FOREIGN / 10:
            what = (
                f"{dose.high:g} {port.unit} of `{product}` are {ratio:.0f} reference doses of a "
                f"{species}, and a usual dose of a {other}"
            )
            hint = f'write a dose for a {species}, or `species = "{other}"` in [study]'
            yield _issue(what, column, hint)


def _check_stated(
    product: str, column: str, amount: object, days: tuple[float, ...]
) -> Iterator[Issue]:
    """Yield a dose or days that nobody states and nobody assumes."""
    if amount is None:
        what = f"the dose of `{product}` is not stated, and an arm without doses cannot be run"
        hint = f"write what to assume as `[simulation.assumed.{product}]`, with a note"
        yield _issue(what, column, hint)
    if not days:
        what = f"the days of `{product}` are not stated"
        hint = f"write what to assume as `[simulation.assumed.{product}]`, with a note"
        yield _issue(what, column, hint)


def _check_observations(
    protocol: Protocol, simulation: Simulation, model: SimulatedModel
) -> Iterator[Issue]:
    """Yield analytes and scales that are looked at and that the model has no output for."""
    for index, entry in enumerate(simulation.observations):
        for place, name in enumerate(entry.analytes):
            column = f"simulation.observations[{index}].analytes[{place}]"
            if name not in protocol.vocabulary.analytes:
                hint = suggest(name, protocol.vocabulary.analytes, "analytes")
                yield _issue(f"`{name}` is no analyte", column, hint)
            elif name not in model.ports.outputs:
                hint = f"the model gives {', '.join(model.ports.outputs) or 'none'}"
                yield _issue(f"the model has no output for `{name}`", column, hint)
        for place, name in enumerate(entry.scales):
            if name not in model.ports.stages:
                column = f"simulation.observations[{index}].scales[{place}]"
                hint = f"the model stages {', '.join(model.ports.stages) or 'none'}"
                yield _issue(f"the model has no stages of `{name}`", column, hint)


def _check_actions(
    protocol: Protocol, simulation: Simulation, model: SimulatedModel
) -> Iterator[Issue]:
    """Yield rules of the ward that ask, give or stop what there is not."""
    observed = {name for entry in simulation.observations for name in entry.analytes}
    for index, action in enumerate(simulation.actions):
        column = f"simulation.actions[{index}]"
        asked = [action.analyte, action.endpoint, action.happened]
        if sum(one is not None for one in asked) > 1:
            hint = "write one of `analyte`, `endpoint` and `happened`, or none for everybody"
            yield _issue(f"rule `{action.name}` asks more than one thing", column, hint)
        if action.analyte is not None and action.analyte not in observed:
            hint = "measure it in `observations`"
            what = f"rule `{action.name}` asks for `{action.analyte}`, which is not measured"
            yield _issue(what, f"{column}.analyte", hint)
        if action.analyte is not None and (action.below is None) == (action.above is None):
            hint = "write `below` or `above`"
            yield _issue(f"rule `{action.name}` has no threshold", column, hint)
        if action.times_lowest is not None and action.above is None:
            what = f"rule `{action.name}` asks for growth and has no least value"
            hint = "write `above`: growth of what is too small to be seen counts for nothing"
            yield _issue(what, f"{column}.times_lowest", hint)
        if action.endpoint is not None and not action.labels:
            hint = "write `labels`"
            yield _issue(f"rule `{action.name}` has no labels", column, hint)
        for word in (action.event, action.happened):
            if word is not None and word not in protocol.vocabulary.events:
                hint = suggest(word, protocol.vocabulary.events, "events")
                yield _issue(f"`{word}` is no event", column, hint)
        yield from _check_set(model, action, f"{column}.sets")
        yield from _check_given(protocol, model, action, column)


def _check_set(model: SimulatedModel, action: Action, column: str) -> Iterator[Issue]:
    """Yield what a rule sets that is no parameter, or that the model works out."""
    known, free = set(model.parameters["name"]), set(Meaning(model.model).constants)
    for name in action.sets:
        if name not in known:
            hint = "name a parameter of the model"
            yield _issue(f"the model has no parameter `{name}`", f"{column}.{name}", hint)
        elif name not in free:
            hint = "set what it is worked out from"
            what = f"rule `{action.name}` sets `{name}`, which the model works out itself"
            yield _issue(what, f"{column}.{name}", hint)


def _check_given(
    protocol: Protocol, model: SimulatedModel, action: Action, column: str
) -> Iterator[Issue]:
    for name in (*action.stop, *([action.product] if action.product else [])):
        if name not in protocol.products:
            hint = suggest(name, protocol.products, "products")
            yield _issue(f"there is no product `{name}`", column, hint)
        elif name == action.product:
            kind = protocol.products[name].kind
            if model.ports.product(name, kind) is None:
                hint = f"write where it goes as `[products.{name}]` in ports.toml"
                yield _issue(f"the model has no port for `{name}`", f"{column}.product", hint)
            if action.dose is None or action.unit is None:
                hint = "write `dose` and `unit`"
                yield _issue(f"rule `{action.name}` gives no dose of `{name}`", column, hint)
    if action.adds is None:
        return
    port = model.ports.outputs.get(action.analyte or "")
    if port is None or port.output not in _list_states(model.model):
        hint = "leave `adds` out, or name an analyte whose output is a state of the model"
        yield _issue(f"rule `{action.name}` adds to what is no state", f"{column}.adds", hint)


def _list_states(model: Model) -> tuple[str, ...]:
    return Meaning(model).states


def _check_asked(
    protocol: Protocol,
    simulation: Simulation,
    model: SimulatedModel,
    endpoints: Mapping[str, Bound],
) -> Iterator[Issue]:
    """Yield endpoints that decide and need what the model lacks; warn of all others that do."""
    deciding = {
        action.endpoint: f"simulation.actions[{index}].endpoint"
        for index, action in enumerate(simulation.actions)
        if action.endpoint is not None
    }
    if simulation.eligible is not None:
        deciding[simulation.eligible.endpoint] = "simulation.eligible.endpoint"
    for name, arm in protocol.arms.items():
        for index, regimen in enumerate(arm.regimen):
            if regimen.repeat is not None:
                column = f"arms.{name}.regimen[{index}].repeat.rule.endpoint"
                deciding[regimen.repeat.rule.endpoint] = column
    for name in deciding.keys() - endpoints.keys():
        yield _issue(f"there is no endpoint `{name}`", deciding[name], "name one of the study's")
    for index, use in enumerate(protocol.endpoints):
        item = endpoints.get(use.name)
        for need in () if item is None else list_unmet(item, simulation, model):
            listed = " or ".join(f"`{one}`" for one in need.names[:4])
            what = f"endpoint `{use.name}` reads {listed}, and simulated patients have none"
            if use.name in deciding:
                hint = f"simulate it, or decide by another endpoint; {need.table} have none of it"
                yield _issue(what, deciding[use.name], hint)
            else:
                hint = "its outcomes are missing in simulated patients"
                yield _issue(what, f"endpoints[{index}]", hint, Severity.NOTE)


def check_kernel(
    protocol: Protocol, simulation: Simulation, model: SimulatedModel, kernel: Kernel
) -> Iterator[Issue]:
    """Yield what a solver would refuse in the middle of a run: what rules set and move.

    Parameters
    ----------
    protocol
        With what its simulation assumes of doses.
    simulation, model
        What is run.
    kernel
        Compiled of the model.
    """
    clock = kernel.clock
    known = () if clock is None else clock.known
    why = "and only the model moves it"
    hint = "write what is to move it as an event of the model"
    for index, action in enumerate(simulation.actions):
        column = f"simulation.actions[{index}]"
        for name, value in action.sets.items():
            if name in kernel.deciding:
                what = f"rule `{action.name}` sets `{name}`, which decides when something happens"
                yield _issue(what, f"{column}.sets.{name}", "set another parameter")
            elif name in kernel.volumes and value <= 0.0:
                what = f"rule `{action.name}` sets volume `{name}` to what is not positive"
                yield _issue(what, f"{column}.sets.{name}", "a compartment's size is positive")
        port = model.ports.outputs.get(action.analyte or "")
        if action.adds is not None and port is not None and port.output in known:
            what = f"rule `{action.name}` adds to `{port.output}`, which decides when something"
            yield _issue(f"{what} happens, {why}", f"{column}.adds", hint)
    for arm, given in protocol.arms.items():
        for index, regimen in enumerate(given.regimen):
            kind = protocol.products[regimen.product].kind
            feeds = model.ports.product(regimen.product, kind)
            if feeds is not None and feeds.state in known:
                what = f"`{regimen.product}` feeds `{feeds.state}`, which decides when something"
                column = f"arms.{arm}.regimen[{index}].product"
                yield _issue(f"{what} happens, {why}", column, hint)
    delayed = [alarm.name for alarm in (clock.alarms if clock else ()) if alarm.delay is not None]
    repeats = any(one.repeat for given in protocol.arms.values() for one in given.regimen)
    if delayed and (simulation.actions or repeats):
        what = (
            f"event {delayed[0]} of the model has a delay, and a run that stops to ask forgets it"
        )
        hint = "write the delay as a state of the model, or ask nothing during the run"
        yield _issue(what, "simulation.model", hint)


def list_unmet(item: Bound, simulation: Simulation, model: SimulatedModel) -> tuple[Need, ...]:
    """Return what an endpoint reads and simulated patients have nothing of."""
    labs = {name for entry in simulation.observations for name in entry.analytes}
    items = {
        f"{scale}.{item}"
        for entry in simulation.observations
        for scale in entry.scales
        for item in model.ports.stages.get(scale, {})
    }
    events = {*model.ports.events, *(each.event for each in simulation.actions if each.event)}
    has = {"labs": labs, "assessments": items, "events": events | {"last_follow_up"}}
    needs = item.rule.needs(item.parameters)
    return tuple(need for need in needs if not has[need.table] & set(need.names))


def _issue(message: str, column: str, hint: str, severity: Severity = Severity.ERROR) -> Issue:
    return Issue(message, "protocol.toml", column=column, hint=hint, severity=severity)
