"""Make a simulation ready: read the model, check it against the protocol, compile what is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np

from stromal.endpoints.bind import Bound
from stromal.errors import InvalidInput, Issue, IssueList, has_errors
from stromal.kernels.kernel import Kernel, compile_kernel
from stromal.models.ports import Amounts, ProductPort
from stromal.protocol.protocol import Arm, Protocol, Regimen
from stromal.protocol.simulation import Simulation, list_days
from stromal.simulate.check import check_kernel, check_simulation
from stromal.simulate.model import SimulatedModel, read_model_of
from stromal.simulate.numbering import Numbering
from stromal.simulate.population import Cohort, pose_cohort, seed_of
from stromal.simulate.questions import list_question_days
from stromal.simulate.trial import Sampling, Trial

STEPS = 200
"""Days on which hazards and thresholds are looked at, beside those of the schedule, at most."""


def prepare_trial(
    protocol: Protocol,
    endpoints: Iterable[Bound],
    folder: Path,
    *,
    patients: int | None = None,
    replicates: int | None = None,
    seed: int | None = None,
) -> Trial:
    """Make the simulation of a protocol ready to run.

    Parameters
    ----------
    protocol
        With its table `simulation`.
    endpoints
        Its endpoints, bound.
    folder
        Of the study; a model may stand there.
    patients, replicates, seed
        Instead of those of the protocol: patients of each arm, simulated trials, seed.

    Returns
    -------
    Trial
        Read, checked and compiled; `issues` are its warnings.

    Raises
    ------
    InvalidInput
        Every issue, before anything is run.
    """
    simulation = protocol.simulation
    if simulation is None:
        hint = "write a table `[simulation]` with a model, days and observations"
        raise InvalidInput([Issue("nothing says how to simulate", "protocol.toml", hint=hint)])
    changes = {"patients": patients, "replicates": replicates, "seed": seed}
    told = {key: value for key, value in changes.items() if value is not None}
    simulation = simulation.model_copy(update=told)
    found = IssueList()
    sizes = found.of(_find_sizes, protocol, simulation)
    model = found.of(read_model_of, simulation, folder, protocol.study.species)
    found.stop()
    model = _with_ports(protocol, simulation, model)
    bound = {item.name: item for item in endpoints}
    planned = assume_doses(protocol.model_copy(update={"simulation": simulation}), simulation)
    issues = list(check_simulation(planned, model, bound))
    numbering = Numbering(
        sizes,
        simulation.replicates,
        simulation.same_patients,
        simulation.patients_per_lot,
        simulation.replicates_per_study,
        simulation.studies_per_draw,
    )
    cohort: Cohort | None = None
    try:
        cohort, said = pose_cohort(planned, simulation, model, numbering)
    except InvalidInput as error:
        said = error.issues
    issues += said
    if cohort is None or has_errors(issues):
        raise InvalidInput(issues)
    kernel = compile_trial(planned, simulation, model, cohort)
    if refused := tuple(check_kernel(planned, simulation, model, kernel)):
        raise InvalidInput((*issues, *refused))
    repeats = {name: arm.regimen for name, arm in planned.arms.items()}
    trial = Trial(
        protocol=_without_repeats(planned),
        simulation=simulation,
        model=model,
        kernel=kernel,
        numbering=numbering,
        cohort=cohort,
        samplings=tuple(_list_samplings(simulation)),
        times=np.array([simulation.end_day]),
        endpoints=bound,
        repeats=repeats,
        seed=seed_of(planned),
        issues=tuple(issues),
    )
    return replace(trial, times=_make_grid(trial))


def _with_ports(
    protocol: Protocol, simulation: Simulation, model: SimulatedModel
) -> SimulatedModel:
    """Return the model with the ports that the study adds for its own products."""
    added = {
        name: ProductPort(
            state=given.state,
            unit=given.unit,
            amount=Amounts.model_validate({protocol.study.species: given.amount}),
            kind=protocol.products[name].kind,
        )
        for name, given in simulation.ports.items()
        if name in protocol.products
    }
    return replace(model, ports=replace(model.ports, products={**model.ports.products, **added}))


def assume_doses(protocol: Protocol, simulation: Simulation) -> Protocol:
    """Return a protocol whose regimens have what the simulation assumes of them.

    Only what a regimen does not say is filled in: a dose that is missing or a range, and days that
    are missing. Doses of products that a simulation leaves out are none.

    Examples
    --------
    >>> from stromal.protocol.read import read_protocol
    >>> from stromal.protocol.simulation import Assumed, Observation
    >>> children = read_protocol("studies/agvhd-children")
    >>> table = Simulation(
    ...     model="m",
    ...     start_day=0,
    ...     end_day=28,
    ...     observations=[Observation()],
    ...     assumed={"bone_marrow_msc": Assumed(dose=1.18, note="the median")},
    ... )
    >>> assume_doses(children, table).arms["msc"].regimen[0].dose
    1.18
    """
    arms: dict[str, Arm] = {}
    for name, arm in protocol.arms.items():
        kept = [each for each in arm.regimen if each.product not in simulation.left_out]
        regimen = tuple(_assume(each, simulation) for each in kept)
        arms[name] = arm.model_copy(update={"regimen": regimen})
    return protocol.model_copy(update={"arms": arms})


def _assume(regimen: Regimen, simulation: Simulation) -> Regimen:
    given = simulation.assumed.get(regimen.product)
    if given is None:
        return regimen
    told: dict[str, object] = {}
    amount = regimen.amount
    if given.dose is not None and (amount is None or amount.low != amount.high):
        told |= {"dose": given.dose, "dose_min": None, "dose_max": None}
        told |= {"unit": given.unit or regimen.unit}
    if given.days and (not regimen.days or given.more_days):
        told |= {"days": given.days}
    return regimen.model_copy(update=told)


def _without_repeats(protocol: Protocol) -> Protocol:
    """Return a protocol of the planned doses alone; those by rule are decided in a run."""
    arms = {
        name: arm.model_copy(
            update={
                "regimen": tuple(each.model_copy(update={"repeat": None}) for each in arm.regimen)
            }
        )
        for name, arm in protocol.arms.items()
    }
    return protocol.model_copy(update={"arms": arms})


def _find_sizes(protocol: Protocol, simulation: Simulation) -> dict[str, int]:
    """Return the patients of each arm."""
    found: dict[str, int] = {}
    issues = []
    given = simulation.patients
    for name in given if isinstance(given, dict) else ():
        if name not in protocol.arms:
            hint = f"the arms are {', '.join(protocol.arms)}"
            column = f"simulation.patients.{name}"
            message = f"arm `{name}` is not in the protocol"
            issues.append(Issue(message, "protocol.toml", column=column, hint=hint))
    for name, arm in protocol.arms.items():
        planned = arm.planned_n
        if planned is None and len(protocol.arms) == 1:
            planned = protocol.population.planned_n
        size = simulation.size_of(name, planned)
        if size is None:
            message = f"nothing says how many patients arm `{name}` has"
            hint = "write `patients` in [simulation], `planned_n` in the arm, or `-n`"
            column = "simulation.patients"
            issues.append(Issue(message, "protocol.toml", column=column, hint=hint))
        else:
            found[name] = size
    if issues:
        raise InvalidInput(issues)
    return found


def compile_trial(
    protocol: Protocol,
    simulation: Simulation,
    model: SimulatedModel,
    cohort: Cohort,
    more: Sequence[str] = (),
) -> Kernel:
    """Compile what is read, and `more`, and what varies; everything else becomes numbers."""
    changed = (name for action in simulation.actions for name in action.sets)
    names = (
        *cohort.parameters.names,
        *cohort.uncertain.fixed,
        *cohort.ports.values(),
        *changed,
    )
    vary = tuple(dict.fromkeys(names))
    fixed = {**model.values, **_fixed_values(simulation), **simulation.switches}
    known = {item.name for item in model.model.parameters}
    return compile_kernel(
        model.model,
        outputs=tuple(dict.fromkeys((*_list_outputs(simulation, model), *more))),
        vary=vary,
        fixed={name: value for name, value in fixed.items() if name in known and name not in vary},
        dosed=_list_dosed(protocol, simulation, model),
        slopes=False,
    )


def _fixed_values(simulation: Simulation) -> dict[str, float]:
    """Return values that the study changes, of parameters that may not vary."""
    return {
        name: given.value
        for name, given in simulation.parameters.items()
        if given.value is not None
    }


def _list_outputs(simulation: Simulation, model: SimulatedModel) -> tuple[str, ...]:
    """Outputs that become rows of tables, each once."""
    ports = model.ports
    analytes = chain.from_iterable(each.analytes for each in simulation.observations)
    scales = chain.from_iterable(each.scales for each in simulation.observations)
    found = [ports.outputs[name].output for name in analytes]
    found += [port.output for name in scales for port in ports.stages[name].values()]
    for event in ports.events.values():
        found += [name for name in (event.hazard, event.output) if name is not None]
    return tuple(dict.fromkeys(found))


def _list_dosed(
    protocol: Protocol, simulation: Simulation, model: SimulatedModel
) -> tuple[str, ...]:
    """States that doses of the protocol and rules of the ward move."""
    given = [each.product for arm in protocol.arms.values() for each in arm.regimen]
    given += [each.product for each in simulation.actions if each.product is not None]
    ports = [model.ports.product(name, protocol.products[name].kind) for name in given]
    states = [port.state for port in ports if port is not None]
    states += [
        model.ports.outputs[each.analyte].output
        for each in simulation.actions
        if each.adds is not None and each.analyte is not None
    ]
    return tuple(dict.fromkeys(states))


def _list_samplings(simulation: Simulation) -> Iterator[Sampling]:
    """Every day of every entry of the schedule, in order."""
    found = [
        Sampling(number, day, entry.analytes, entry.scales, entry.missing)
        for number, entry in enumerate(simulation.observations)
        for day in list_days(entry)
        if day <= simulation.end_day
    ]
    yield from sorted(found, key=lambda sampling: (sampling.day, sampling.entry))


def _make_grid(trial: Trial) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Days that the model is read on: of samples and questions, and others if it has events."""
    simulation = trial.simulation
    first = min([0.0, *(sampling.day for sampling in trial.samplings)])
    first = max(first, simulation.start_day)
    days: list[float] = [first, simulation.end_day, *list_question_days(trial)]
    days += [sampling.day for sampling in trial.samplings]
    if trial.model.ports.events:
        step = max(1.0, float(np.ceil((simulation.end_day - first) / STEPS)))
        days += np.arange(first, simulation.end_day, step).tolist()
    return np.unique(np.array(days, np.float64))
