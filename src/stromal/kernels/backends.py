"""Back ends: which of them this machine has, and which to take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal

from stromal.errors import InvalidInput, Issue
from stromal.kernels.compile.program import Program
from stromal.kernels.solvers.problem import Answer

BackendName = Literal["auto", "numpy", "scalar", "lanes", "gpu"]

FEW = 500
"""Up to so many patients `auto` takes NumPy, which needs no compilation."""


@dataclass(frozen=True, slots=True)
class Backend:
    """A back end: `load` makes a program's functions, `integrate` runs them."""

    name: str
    load: Callable[[Program], Any]
    integrate: Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class _Room:
    """Where a back end lives, what it needs installed, and whether the machine can run it."""

    module: str
    needs: tuple[str, ...]
    hint: str


_ROOMS = {
    "numpy": _Room("stromal.kernels.solvers.numpy_solver", (), ""),
    "scalar": _Room("stromal.kernels.solvers.scalar_solver", ("numba",), "install numba"),
    "lanes": _Room(
        "stromal.kernels.solvers.lanes.solver",
        ("numba", "llvmlite"),
        "it needs AVX2 with fused multiply-add, AVX-512 or 64-bit ARM; the back end `scalar` "
        "needs neither",
    ),
    "gpu": _Room(
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
    return tuple(name for name in _ROOMS if why_not(name) is None)


def why_not(name: str) -> str | None:
    """Why a back end cannot run here; None where it can. Asking never fails."""
    room = _ROOMS[name]
    missing = [library for library in room.needs if find_spec(library) is None]
    if missing:
        return f"{missing[0]} is not installed"
    try:
        check = getattr(import_module(room.module), "why_not", None)
        return check() if check is not None else None
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def find_backend(name: str, patients: int) -> Backend:
    """The back end of a name; with `auto`, the one to take for so many patients.

    Parameters
    ----------
    name
        `numpy`, `scalar`, `lanes`, `gpu`, or `auto`: NumPy for a few hundred patients, above that
        lanes, or scalar on machines that have none. A GPU is used only when it is asked for.
    patients
        How many.

    Raises
    ------
    InvalidInput
        There is no such back end, or this machine cannot run it.

    Examples
    --------
    >>> find_backend("auto", 10).name
    'numpy'
    """
    if name == "auto":
        return _load(_choose(patients))
    if name not in _ROOMS:
        hint = f"back ends: auto, {', '.join(_ROOMS)}"
        raise InvalidInput([Issue(f"there is no back end `{name}`", hint=hint)])
    reason = why_not(name)
    if reason is not None:
        message = f"the back end `{name}` cannot run here ({reason})"
        raise InvalidInput([Issue(message, hint=_ROOMS[name].hint)])
    return _load(name)


def _choose(patients: int) -> str:
    wanted: Sequence[str] = ("numpy",) if patients <= FEW else ("lanes", "scalar", "numpy")
    return next(name for name in wanted if name == "numpy" or why_not(name) is None)


def _load(name: str) -> Backend:
    module = import_module(_ROOMS[name].module)
    return Backend(name, module.load_functions, module.integrate)
