"""Back ends: which of them this machine has, which to take, and the functions they have loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal, get_args

from stromal.errors import InvalidInput, Issue
from stromal.kernels.arguments import is_one_of
from stromal.kernels.compile.program import Program
from stromal.kernels.solvers.problem import Answer, Precision, Problem
from stromal.locks import ForkedLock

BackendName = Literal["auto", "numpy", "scalar", "lanes", "gpu"]

FEW = ((5, 100), (20, 50), (60, 2))
"""Up to so many states, `auto` takes NumPy for up to so many patients.

There a first call takes less than 80 ms, and lanes, whose functions are compiled first, a second:
over 100 days, with 2 states, NumPy takes 31, 44 and 71 ms for 1, 50 and 300 patients; with 10
states 48, 58 and 115 ms; with 50 states 76, 200 and 593 ms. Lanes take 970 to 1,570 ms the first
time and 3 to 9 ms from then on. The table is fixed and looks at neither load nor caches, so that
the same call has the same bits on any day.
"""

MOST_LOADED = 32
"""Programs whose functions stay in memory; of more, those go that were not used for longest."""

# Loading executes generated text, which threads must not do side by side.
_LOADING = ForkedLock()


@dataclass(frozen=True, slots=True)
class Backend:
    """A back end in one precision.

    Parameters
    ----------
    name
        `numpy`, `scalar`, `lanes` or `gpu`.
    precision
        Numbers that states are kept in.
    integrate
        Runs a problem with the functions of its program.
    """

    name: BackendName
    precision: Precision
    integrate: Callable[[Any, Problem], Answer]

    def load(self, program: Program) -> Any:  # noqa: ANN401 - each has functions of its own kind
        """The functions of a program; those of the last programs stay in memory."""
        with _LOADING:
            return _load_functions(self.name, program, self.precision)


@dataclass(frozen=True, slots=True)
class _Home:
    """Where a back end lives, what it needs installed, and whether the machine can run it."""

    module: str
    needs: tuple[str, ...]
    hint: str
    precisions: tuple[Precision, ...] = ("f64",)


_HOMES = {
    "numpy": _Home("stromal.kernels.solvers.numpy_solver", (), ""),
    "scalar": _Home("stromal.kernels.solvers.scalar_solver", ("numba",), "install numba"),
    "lanes": _Home(
        "stromal.kernels.solvers.lanes.solver",
        ("numba", "llvmlite"),
        "it needs AVX2 with fused multiply-add, AVX-512 or 64-bit ARM; the back end `scalar`, "
        "in f64, needs neither",
        ("f64", "f32"),
    ),
    "gpu": _Home(
        "stromal.kernels.solvers.cuda_solver",
        ("numba", "numba_cuda"),
        "install stromal[gpu] on a machine with a CUDA device, or leave `backend` to auto",
    ),
}


def find_backends() -> tuple[str, ...]:
    """Names of the back ends that this machine can run, slowest first.

    Examples
    --------
    >>> find_backends()[0]
    'numpy'
    """
    return tuple(name for name in _HOMES if why_not(name) is None)


def why_not(name: str) -> str | None:
    """Why a back end cannot run here; None where it can. Asking never fails."""
    home = _HOMES[name]
    missing = [library for library in home.needs if find_spec(library) is None]
    if missing:
        return f"{missing[0]} is not installed"
    try:
        check = getattr(import_module(home.module), "why_not", None)
        return check() if check is not None else None
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def find_backend(
    name: BackendName, patients: int, precision: str = "f64", states: int = 1
) -> Backend:
    """The back end of a name; with `auto`, the one to take for so many patients and states.

    Parameters
    ----------
    name
        `numpy`, `scalar`, `lanes`, `gpu`, or `auto`: NumPy for few patients of a small model
        (`FEW`), above that lanes, or scalar on machines that have none. A GPU is used only when it
        is asked for.
    patients, states
        How many.
    precision
        `f64`, or `f32`, which only lanes have: `auto` then means lanes for any number of patients.

    Raises
    ------
    InvalidInput
        There is no such back end or precision, this machine cannot run it, or the back end does not
        have the precision.

    Examples
    --------
    >>> find_backend("auto", 10).name
    'numpy'
    """
    issues = []
    if not is_one_of(name, ("auto", *_HOMES)):
        hint = f"back ends: auto, {', '.join(_HOMES)}"
        issues.append(Issue(f"there is no back end `{name}`", hint=hint))
    if not is_one_of(precision, get_args(Precision)):
        hint = f"precisions: {', '.join(get_args(Precision))}"
        issues.append(Issue(f"there is no precision `{precision}`", hint=hint))
    if issues:
        raise InvalidInput(issues)
    chosen = _choose(patients, states, precision) if name == "auto" else name
    home = _HOMES[chosen]
    found = next((one for one in home.precisions if one == precision), None)
    if found is None:
        hint = "leave `backend` to auto or name `lanes`, or leave `precision` out"
        raise InvalidInput(
            [Issue(f"the back end `{name}` has no precision {precision}", hint=hint)]
        )
    reason = why_not(chosen)
    if reason is not None:
        message = f"the back end `{chosen}` cannot run here ({reason})"
        raise InvalidInput([Issue(message, hint=home.hint)])
    return Backend(chosen, found, import_module(home.module).integrate)


def _choose(patients: int, states: int, precision: str) -> BackendName:
    if precision == "f32":
        return "lanes"
    most = next((most for size, most in FEW if states <= size), 0)
    wanted: Sequence[BackendName] = ("numpy",) if patients <= most else ("lanes", "scalar", "numpy")
    return next(name for name in wanted if name == "numpy" or why_not(name) is None)


@lru_cache(maxsize=MOST_LOADED)
def _load_functions(name: str, program: Program, precision: Precision) -> Any:  # noqa: ANN401
    home = _HOMES[name]
    load = import_module(home.module).load_functions
    return load(program, precision) if len(home.precisions) > 1 else load(program)
