"""Kernel: a model compiled for many patients at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import sympy

from stromal.errors import InvalidInput, Issue, IssueList
from stromal.frozen import freeze
from stromal.kernels.arguments import check_truths, read_names, read_number
from stromal.kernels.compile.graph import Graph
from stromal.kernels.compile.program import Program, compile_program
from stromal.kernels.compile.translate import Translator
from stromal.kernels.constants import find_movable
from stromal.kernels.infusion import input_name, with_inputs
from stromal.kernels.linear import hidden_names, with_slopes_in_time
from stromal.kernels.sensitivity import (
    deciding_parameters,
    derive_sensitivities,
    scaled_together,
    sensitivity_name,
)
from stromal.kernels.times.clock import Clock, make_clock
from stromal.likeness import find_similar
from stromal.models.derive import derive_odes
from stromal.models.holding import hold_values
from stromal.models.model import Model
from stromal.models.odes import TIME, Odes
from stromal.models.slopes import differentiate
from stromal.models.switches import split_times


@dataclass(frozen=True, slots=True, eq=False)
class Kernel:
    """A model compiled for many patients.

    Parameters
    ----------
    program
        The generated functions as text, and their sizes and names.
    outputs
        What `solve` can give, by name.
    defaults
        Value of every parameter in the model, NaN where it has none.
    volumes
        Compartments, whose sizes must be positive.
    watched
        Those of them whose sizes depend on states, on time or, written out, on parameters that
        vary. They are outputs of the program, whatever is asked for, and are looked at in a run.
    moving
        Whether some of those depend on states or on time.
    sensitivities
        Parameters and states that sensitivities are computed to.
    scaled
        For each state, the sensitivities that a jump which multiplies it multiplies too.
    all_states
        States of the model, before those that cannot matter were left out.
    dosed
        States that may be dosed; a dose to one that was left out changes no output.
    clock
        What decides when switches change and events are executed; None where nothing does.
    open_times
        Conditions on time whose times cannot be worked out, in words.
    constants
        Fixed values that the generated text reads as parameters: with others it is the same text.
    covariates
        Parameters that may change linearly in time.
    deciding
        Parameters that decide when something happens whose time sensitivities follow.
    """

    program: Program
    outputs: tuple[str, ...]
    defaults: Mapping[str, float]
    volumes: frozenset[str] = frozenset()
    watched: tuple[str, ...] = ()
    moving: bool = False
    sensitivities: tuple[str, ...] = ()
    scaled: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: freeze({}))
    all_states: tuple[str, ...] = ()
    dosed: tuple[str, ...] = ()
    clock: Clock | None = None
    open_times: tuple[str, ...] = ()
    constants: Mapping[str, float] = field(default_factory=lambda: freeze({}))
    covariates: tuple[str, ...] = ()
    deciding: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.program.name

    @property
    def states(self) -> tuple[str, ...]:
        """States that are integrated, in the order of `final_states`."""
        return self.program.state_names

    @property
    def parameters(self) -> tuple[str, ...]:
        """Parameters that vary from patient to patient, in the order of columns."""
        hidden = self.hidden
        return tuple(name for name in self.program.parameter_names if name not in hidden)

    @property
    def hidden(self) -> Mapping[str, float]:
        """Parameters of the program that the caller does not see, with their values."""
        switches = () if self.clock is None else self.clock.hidden
        inputs = (input_name(state) for state in self.dosed)
        slopes = dict.fromkeys(hidden_names(self.covariates), 0.0)
        return slopes | {**self.constants, **dict.fromkeys((*switches, *inputs), 0.0)}

    @property
    def source(self) -> str:
        """The generated functions as text."""
        return self.program.source

    def __repr__(self) -> str:
        """The kernel in one line."""
        return (
            f"<Kernel {self.name}: {len(self.states)} states, {len(self.parameters)} parameters "
            f"vary, outputs {', '.join(self.outputs)}>"
        )


def slope_name(output: str) -> str:
    """Name of the slope of an output, which reducers read beside it.

    Examples
    --------
    >>> slope_name("ANC")
    'slope(ANC)'
    """
    return f"slope({output})"


def compile_kernel(  # noqa: PLR0913 - everything about a kernel is said in one place
    model: Model | Odes,
    *,
    outputs: Sequence[str],
    vary: Sequence[str] = (),
    fixed: Mapping[str, float] | None = None,
    dosed: Sequence[str] = (),
    covariates: Sequence[str] = (),
    sensitivities: Sequence[str] = (),
    slopes: bool = True,
    prune: bool = True,
) -> Kernel:
    """A model as a kernel, which `solve` runs for many patients.

    Parameters
    ----------
    model
        A model, or the equations derived from one.
    outputs
        Names of what is to be read over time: states, or anything the model assigns.
    vary
        Parameters that differ from patient to patient, in the order of columns. All others become
        numbers in the generated code.
    fixed
        Values for parameters that do not vary, instead of the model's own. Other values need no
        other machine code, but for zeros, exponents and what conditions depend on.
    dosed
        States that doses, jumps or saved states may move, and so must be kept.
    covariates
        Parameters, of those that vary, that may change linearly in time between visits. Those that
        change at visits alone need not be named.
    sensitivities
        Parameters, or states for their initial values, whose sensitivities are wanted: outputs
        `d(o)/d(p)` are added for every output o.
    slopes
        Whether slopes of outputs are compiled in, which all reducers but `ValueAt` need.
    prune
        Whether states that stay zero, or cannot reach the outputs, are left out.

    Returns
    -------
    Kernel
        With its generated text as `.source`.

    Raises
    ------
    InvalidInput
        A name that the model does not have, a value that is not a finite number, a compartment
        whose size is not a positive number in any patient.

    Examples
    --------
    >>> from stromal.models.parse import read_model
    >>> model = read_model("drug = 1; k = 0.5; drug' = -k * drug;")
    >>> compile_kernel(model, outputs=["drug"], vary=["k"], dosed=["drug"])
    <Kernel ...: 1 states, 1 parameters vary, outputs drug>
    """
    found = IssueList()
    odes = found.of(_read_odes, model)
    names = found.of(read_names, outputs, "outputs")
    varied = found.of(read_names, vary, "vary")
    kept = found.of(read_names, dosed, "dosed")
    driven = found.of(read_names, covariates, "covariates")
    to = found.of(read_names, sensitivities, "sensitivities")
    values = found.of(_read_fixed, fixed)
    found.of(check_truths, slopes=slopes, prune=prune)
    found.stop()
    _check(odes, names, varied, values, kept, to)
    _check_covariates(odes, varied, driven)
    odes = with_slopes_in_time(odes, driven)
    varied = (*varied, *hidden_names(driven))
    split = split_times(hold_values(odes))
    whole = with_inputs(split.odes, kept)
    deciding = deciding_parameters(whole, to)
    if to:
        whole = derive_sensitivities(_only(whole, names), to)
        names += tuple(sensitivity_name(name, one) for one in to for name in names)
    read = names
    if slopes:
        whole = _with_slopes(whole, names)
        read += tuple(slope_name(name) for name in names)
    watched = _watched(odes, varied)
    read += tuple(name for name in watched if name not in read)
    whole = _with_outputs(whole, {name: split.odes.outputs[name] for name in watched})
    clock = make_clock(whole, outputs=read, vary=varied, fixed=values)
    if clock is not None:
        # known states that times come from are outputs too, so that a run that goes on has them
        known = {state.name: state for state in odes.states if state.name in clock.known}
        read += tuple(name for name in known if name not in read)
        whole = _with_outputs(whole, known | dict(whole.outputs))
    constants = {name: values[name] for name in find_movable(whole, values)}
    hidden = (*constants, *(clock.hidden if clock else ()), *(input_name(name) for name in kept))
    program = compile_program(
        _with_hidden(whole, constants),
        outputs=read,
        vary=(*varied, *hidden),
        fixed={name: value for name, value in values.items() if name not in constants},
        dosed=kept,
        prune=prune,
    )
    return Kernel(
        program=program,
        outputs=names,
        defaults=freeze(_defaults(odes, values)),
        volumes=odes.volumes,
        watched=watched,
        moving=any(odes.outputs[name].free_symbols - set(odes.parameters) for name in watched),
        sensitivities=to,
        scaled=freeze(scaled_together(odes, to)),
        all_states=tuple(state.name for state in whole.states),
        dosed=kept,
        clock=clock,
        open_times=split.describe_open(names),
        constants=freeze(constants),
        covariates=driven,
        deciding=deciding,
    )


def _with_hidden(odes: Odes, constants: Mapping[str, float]) -> Odes:
    """The equations with their switches among the parameters, and the values of constants."""
    symbols = tuple(switch.symbol for switch in odes.switches)
    own = zip(odes.parameters, odes.defaults, strict=True)
    defaults = [constants.get(symbol.name, value) for symbol, value in own]
    return replace(
        odes,
        parameters=(*odes.parameters, *symbols),
        defaults=(*defaults, *(0.0 for _ in symbols)),
    )


def check_kernel(given: object) -> None:
    """InvalidInput where something else than a kernel is given."""
    if not isinstance(given, Kernel):
        message = f"{type(given).__name__} stands where a kernel is meant"
        raise InvalidInput([Issue(message, hint="give what compile_kernel(model, ...) gives")])


def closest(name: str, known: Collection[str], otherwise: str) -> str:
    """A hint for a name that is not known: the nearest one that is, else another hint."""
    near = find_similar(name, known)
    return f"did you mean `{near}`?" if near else otherwise


def _defaults(odes: Odes, fixed: Mapping[str, float]) -> dict[str, float]:
    own = {
        parameter.name: value
        for parameter, value in zip(odes.parameters, odes.defaults, strict=True)
    }
    return own | dict(fixed)


def _watched(odes: Odes, vary: Sequence[str]) -> tuple[str, ...]:
    """Compartments whose size depends on states, on time or on parameters that vary."""
    own = {parameter.name for parameter in odes.parameters}
    return tuple(
        name
        for name in sorted(odes.volumes - own)
        if {symbol.name for symbol in odes.outputs[name].free_symbols} - (own - set(vary))
    )


def _only(odes: Odes, outputs: Sequence[str]) -> Odes:
    """The equations with the outputs that are asked for, so that no other is differentiated."""
    return replace(odes, outputs=freeze({name: odes.outputs[name] for name in outputs}))


def _with_slopes(odes: Odes, names: Sequence[str]) -> Odes:
    """The equations with the slope over time of each named output as an output of its own."""
    flow = dict(zip(odes.states, odes.rates, strict=True))
    slopes = {}
    for name in names:
        expression = odes.outputs[name]
        along = [
            differentiate(expression, state) * flow[state]
            for state in odes.states
            if state in expression.free_symbols
        ]
        slopes[slope_name(name)] = sympy.Add(differentiate(expression, TIME), *along)
    return _with_outputs(odes, slopes)


def _with_outputs(odes: Odes, more: Mapping[str, sympy.Expr]) -> Odes:
    return replace(odes, outputs=freeze({**odes.outputs, **more}))


def _read_odes(model: object) -> Odes:
    """The equations of a model."""
    if isinstance(model, Odes):
        return model
    if isinstance(model, Model):
        return derive_odes(model)
    message = f"{type(model).__name__} stands where a model is meant"
    raise InvalidInput([Issue(message, hint="give what read_model(file or text) gives")])


def _read_fixed(given: object) -> dict[str, float]:
    """Values by name."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        hint = 'give values by name: {"ke": 0.5}'
        raise InvalidInput([Issue(f"{given!r} is no list of values", column="fixed", hint=hint)])
    found = IssueList()
    values = {str(name): found.of(read_number, value, f"`{name}`") for name, value in given.items()}
    found.stop()
    return values


def _check(
    odes: Odes,
    outputs: Sequence[str],
    vary: Sequence[str],
    fixed: Mapping[str, float],
    dosed: Sequence[str],
    sensitivities: Sequence[str],
) -> None:
    """Everything that is wrong with the names and numbers asked for."""
    parameters = [parameter.name for parameter in odes.parameters]
    states = [state.name for state in odes.states]
    asked: list[tuple[str, str, Sequence[str], Collection[str]]] = [
        ("output", "outputs", outputs, odes.outputs),
        ("parameter", "vary", vary, parameters),
        ("parameter", "fixed", list(fixed), parameters),
        ("state", "dosed", dosed, states),
        ("parameter or state", "sensitivities", sensitivities, [*parameters, *states]),
    ]
    issues = []
    for kind, column, names, known in asked:
        hint = f"it has {', '.join(list(known)[:12]) or 'none'}"
        issues += [
            Issue(
                f"{odes.name} has no {kind} `{name}`",
                column=column,
                hint=closest(name, known, hint),
            )
            for name in dict.fromkeys(names)
            if name not in known
        ]
        issues += [
            Issue(f"`{name}` is named twice", column=column, hint="name it once")
            for name in dict.fromkeys(names)
            if list(names).count(name) > 1
        ]
    issues += [
        Issue(
            f"`{name}` is both varied and fixed", column="fixed", hint="leave it out of one of them"
        )
        for name in fixed
        if name in vary
    ]
    used = (_used(odes, outputs) - set(vary)) | (set(fixed) & set(parameters))
    defaults = _defaults(odes, fixed)
    values = {name: value for name, value in defaults.items() if name in used}
    issues += _check_values(values, fixed, odes.volumes)
    issues += _check_sizes(odes, defaults, fixed, vary)
    if not outputs:
        issues.append(Issue("no outputs are asked for", hint="name at least one output"))
    if issues:
        raise InvalidInput(issues)


def _check_covariates(odes: Odes, vary: Sequence[str], covariates: Sequence[str]) -> None:
    """Covariates are parameters that vary, each named once, and no sizes of compartments."""
    issues = [
        Issue(f"covariate `{name}` does not vary", column="covariates", hint=f"name {name} in vary")
        for name in dict.fromkeys(covariates)
        if name not in vary
    ]
    issues += [
        Issue(
            f"volume `{name}` cannot change linearly",
            column="covariates",
            hint="let it change at visits alone, or make it a state with a rate",
        )
        for name in dict.fromkeys(covariates)
        if name in odes.volumes
    ]
    issues += [
        Issue(f"`{name}` is named twice", column="covariates", hint="name it once")
        for name in dict.fromkeys(covariates)
        if list(covariates).count(name) > 1
    ]
    if issues:
        raise InvalidInput(issues)


def _used(odes: Odes, outputs: Sequence[str]) -> frozenset[str]:
    """Names that stand in some expression that is compiled."""
    read = [odes.outputs[name] for name in outputs if name in odes.outputs]
    expressions = [*odes.rates, *odes.initial, *read]
    for change in odes.changes:
        expressions += [*change.when, *(value for _, value in change.updates)]
    return frozenset(symbol.name for each in expressions for symbol in each.free_symbols)


def _check_sizes(
    odes: Odes, values: Mapping[str, float], fixed: Mapping[str, float], vary: Sequence[str]
) -> list[Issue]:
    """Sizes of compartments that are the same in every patient, whether or not they are read."""
    graph = Graph()
    settle = Translator(graph, {item: graph.number(values[item.name]) for item in odes.parameters})
    issues = []
    for name in sorted(odes.volumes - set(vary) - set(_watched(odes, vary))):
        size = odes.outputs[name]
        if size == sympy.nan or any(np.isnan(values[item.name]) for item in size.free_symbols):
            continue  # it has no value
        number = settle(size).value
        if not 0.0 < number < np.inf:
            column = "fixed" if name in fixed else None
            hint = "a compartment's size is a positive number"
            issues.append(Issue(f"volume `{name}` is {number:g}", column=column, hint=hint))
    return issues


def _check_values(
    values: Mapping[str, float], fixed: Mapping[str, float], volumes: frozenset[str]
) -> list[Issue]:
    issues = []
    for name, value in values.items():
        column = "fixed" if name in fixed else None
        if np.isnan(value) or (np.isinf(value) and name not in volumes):
            hint = "give it a value with `fixed`, or let it vary with `vary`"
            issues.append(Issue(f"`{name}` is {value}, not a number", column=column, hint=hint))
    return issues
