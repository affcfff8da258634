"""Equations to a program: generated source of the functions that solvers call, and its numbers."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from types import ModuleType, SimpleNamespace
from typing import Any

from stromal.kernels.compile.assemble import Assembly, assemble, request
from stromal.kernels.compile.cache import digest_of, read_record, write_record
from stromal.models.odes import Odes


@dataclass(frozen=True, slots=True)
class Removed:
    """A state of the model that is not integrated, and why."""

    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Program:
    """A model compiled for given outputs and varied parameters; holds text and plain values only.

    Parameters
    ----------
    name
        Of the model.
    source, lanes_source
        Text of the functions; the second reads by `load(y, i)` and writes by `store(f, i, x)`.
    digest
        SHA-256 of everything that decides what is computed.
    state_names
        States that are integrated, in order (S); time is the last one where it is used.
    parameter_names, parameter_defaults
        Varied parameters, in the order of p (P), and the model's own values.
    output_names
        In the order of o (O).
    constants
        Length of c (C): the varied parameters and what follows from them alone.
    factors
        Length of w (W): entries of the sparse LU.
    changes
        The model's own changes (K): functions `jump_0` ...
    made
        Which of the changes of the equations they are; the others change nothing that is seen.
    uses_time
        Whether the last state is time.
    start
        Time at which `initial` holds.
    flows
        What flows into and out of each state at the start with default parameters, added up.
    renewing
        Places of states that only what is left of them brings back, such as cells that divide.
    jacobian
        Rows and columns of the Jacobian entries that are not zero everywhere.
    order
        States in the order in which LU eliminates them.
    reads, reads_constants
        Places of the states, and of the constants, that outputs are computed from: only those are
        needed inside a step.
    removed
        States of the model that are not integrated. A dose to one of them changes no output.
    dosed
        States that were said to be dosed and are integrated.
    """

    name: str
    source: str
    lanes_source: str
    digest: str
    state_names: tuple[str, ...]
    parameter_names: tuple[str, ...]
    parameter_defaults: tuple[float, ...]
    output_names: tuple[str, ...]
    constants: int
    factors: int
    changes: int
    made: tuple[int, ...]
    uses_time: bool
    start: float
    flows: tuple[float, ...]
    renewing: tuple[int, ...]
    jacobian: tuple[tuple[int, int], ...]
    order: tuple[int, ...]
    reads: tuple[int, ...]
    reads_constants: tuple[int, ...]
    removed: tuple[Removed, ...] = ()
    dosed: tuple[str, ...] = ()

    @property
    def n_states(self) -> int:
        """Number of integrated states, time included where it is used."""
        return len(self.state_names)

    @property
    def text_digest(self) -> str:
        """Digest of the functions alone, by which machine code is kept.

        Models of other names, defaults or starts whose functions are equal are compiled once.
        """
        return digest_of([without_header(self.source), without_header(self.lanes_source)])


def compile_program(
    odes: Odes,
    *,
    outputs: Sequence[str],
    vary: Sequence[str] = (),
    fixed: Mapping[str, float] | None = None,
    dosed: Sequence[str] = (),
    prune: bool = True,
    start: float = 0.0,
    keep: bool = True,
) -> Program:
    """Compile equations for the outputs wanted; `compile_kernel` has checked every name.

    Parameters
    ----------
    odes
        What is integrated.
    outputs
        Names of the model (`odes.outputs`) to be read off the states.
    vary
        Parameters that differ between patients or are changed on the way; every other parameter
        becomes a number.
    fixed
        Values of parameters that take the place of the model's own.
    dosed
        States that receive doses, so that they are kept although they may start at zero.
    prune
        Whether states that stay zero or that no output depends on are left out.
    start
        Time at which the initial values hold.
    keep
        Whether to take the program from the cache folder if it was compiled before, and to keep it
        there; the environment variable STROMAL_CACHE names another folder.

    Examples
    --------
    >>> import sympy
    >>> x, k = sympy.symbols("x k", real=True)
    >>> decay = Odes("decay", (x,), (-k * x,), (sympy.Integer(1),), (k,), (0.5,), {"x": x})
    >>> program = compile_program(decay, outputs=["x"], vary=["k"])
    >>> program.state_names, program.parameter_names, program.constants
    (('x',), ('k',), 1)
    """
    asked = request(odes, outputs, vary, dict(fixed or {}), dosed, prune=prune, start=start)
    if not keep:
        return _program(assemble(asked))
    key = asked.key
    record = read_record(key)
    program = None if record is None else _from_record(record)
    if program is None:
        program = _program(assemble(asked))
        write_record(key, asdict(program))
    return program


def _program(assembly: Assembly) -> Program:
    facts = assembly.facts
    removed = tuple(Removed(state, reason) for state, reason in assembly.removed)
    digest = digest_of((sorted(facts.items()), assembly.source, assembly.lanes_source))
    return Program(
        source=assembly.source,
        lanes_source=assembly.lanes_source,
        digest=digest,
        removed=removed,
        **facts,
    )


def _from_record(record: Mapping[str, Any]) -> Program | None:
    """The program as it was kept; None if it was kept with other fields."""
    if set(record) != {field.name for field in fields(Program)}:
        return None
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in record.items()
    }
    values["jacobian"] = tuple((row, column) for row, column in record["jacobian"])
    values["removed"] = tuple(Removed(**removed) for removed in record["removed"])
    return Program(**values)


def without_header(text: str) -> str:
    r"""The functions of a generated text, without the comments above them, which name the model.

    Examples
    --------
    >>> without_header("# The model x\ndef rates(y, c, f):\n    f[0] = 1.0  # y")
    'def rates(y, c, f):\n    f[0] = 1.0  # y'
    """
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


def functions_in(
    program: Program,
    namespace: Mapping[str, object],
    *,
    decorate: Callable[[Callable[..., None]], Any] | None = None,
    variant: str | None = None,
) -> SimpleNamespace:
    """Execute the generated source with the functions of a back end.

    Parameters
    ----------
    program
        What was compiled.
    namespace
        Every name of `functions.FUNCTIONS` that the source uses (exp, log, select, lt, ...).
    decorate
        Applied to each function, such as a compiler.
    variant
        If given, the functions belong to a module that can be imported by a name of this program
        and variant, as a compiler needs that keeps what it made of them. One for each back end.

    Returns
    -------
    SimpleNamespace
        `constants`, `initial`, `rates`, `factor`, `resolve`, `observe`, and `jumps`, a tuple with
        one function per change of the model.

    Examples
    --------
    >>> import sympy
    >>> x, k = sympy.symbols("x k", real=True)
    >>> decay = Odes("decay", (x,), (-k * x,), (sympy.Integer(1),), (k,), (0.5,), {"x": x})
    >>> functions = functions_in(compile_program(decay, outputs=["x"], vary=["k"]), {})
    >>> f = [0.0]
    >>> functions.rates([2.0], [0.25], f)
    >>> f
    [-0.5]
    """
    module = _module(program, variant)
    scope = module.__dict__
    scope.update({"inf": math.inf, "nan": math.nan, **namespace})
    # generated by this package from numbers and from names it has made
    exec(compile(program.source, f"<{program.name}>", "exec"), scope)  # noqa: S102
    wrap = decorate or (lambda function: function)
    names = ("constants", "initial", "rates", "factor", "resolve", "observe")
    jumps = tuple(f"jump_{k}" for k in range(program.changes))
    for name in (*names, *jumps):
        scope[name] = wrap(scope[name])
    return SimpleNamespace(
        **{name: scope[name] for name in names},
        jumps=tuple(scope[name] for name in jumps),
    )


def _module(program: Program, variant: str | None) -> ModuleType:
    """A module for the functions, found by its name again by what a compiler has kept."""
    if variant is None:
        return ModuleType("generated")
    module = ModuleType(f"stromal_program_{program.text_digest[:24]}_{variant}")
    sys.modules[module.__name__] = module
    return module
