"""How a Python function becomes machine code: the rules of arithmetic, and the cache on disk."""

# mypy: disable-error-code="no-untyped-call, misc"
# ruff: noqa: ANN401 - numba's own values carry no types

from __future__ import annotations

import hashlib
import marshal
import pickle
import re
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba import types
from numba.core.ccallback import CFunc
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps
from numba.core.sigutils import normalize_signature

from stromal.kernels.compile.cache import cache_folder, digest_of, read_sealed, write_sealed

ARITHMETIC = frozenset({"contract", "nsz"})
"""Products may be fused with sums and the sign of zero may be lost; NaN and infinity hold."""


class _Cache:
    """Machine code of one function, kept under the digest of everything that it was made of.

    It stands where numba would put its own cache, which writes beside the function's file and looks
    at that file only: the code holds numbers and functions of neighbouring files too.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def load_overload(self, signature: Any, context: Any) -> Any:
        """The function as it was kept for these kinds of arguments; None where it was not."""
        try:
            context.refresh()
            content = read_sealed(self._path(signature, context.codegen()))
            if content is None:
                return None
            # written by this package, and whole
            return CompileResult._rebuild(context, *pickle.loads(content))  # noqa: S301
        except Exception:  # numba's own, of whatever kind, where it cannot use what was kept
            return None

    def save_overload(self, signature: Any, made: Any) -> None:
        """Keep what was made, unless it holds addresses of this process."""
        if not made.library.has_dynamic_globals:
            write_sealed(self._path(signature, made.codegen), dumps(made._reduce()))

    def _path(self, signature: Any, codegen: Any) -> Path:
        function = self._function
        name = f"{function.__module__}.{function.__qualname__}"
        inner = [cell.cell_contents for cell in function.__closure__ or ()]
        # the format without references, which are not the same in every process
        text = marshal.dumps(function.__code__.replace(co_filename="", co_firstlineno=0), 2)
        key = digest_of((name, str(signature), codegen.magic_tuple(), text, dumps(inner)))
        file = re.sub(r"[^\w.]", "", name)
        return cache_folder() / "loops" / digest_of_sources()[:24] / f"{file}-{key[:24]}.bin"


@cache
def digest_of_sources() -> str:
    """Digest of what compiled loops are made of: texts of this folder and `lanes`, and libraries.

    Examples
    --------
    >>> len(digest_of_sources())
    64
    """
    package = files("stromal.kernels.solvers")
    versions = sys.implementation.cache_tag, numba.__version__, llvmlite.__version__, np.__version__
    found = hashlib.sha256(repr(versions).encode())
    for folder in (package, package / "lanes"):
        for item in sorted(folder.iterdir(), key=lambda each: each.name):
            if item.name.endswith((".py", ".json")):
                found.update(f"{item.name}\n{item.read_text('utf-8')}\n".encode())
    return found.hexdigest()


def compiled(function: Callable[..., Any]) -> Any:
    """The function as machine code, made when it is first called and kept in the cache folder.

    It is made anew after any change of the solvers' sources or of the libraries, or when what is
    kept is damaged. Division by zero gives infinity or NaN, and other threads go on meanwhile.
    Where the cache folder cannot be written, the code is made anew in each process.

    Examples
    --------
    >>> @compiled
    ... def half(x):
    ...     return x / 2.0
    >>> half(3.0)
    1.5
    """
    return _compile(function)


def inlined(function: Callable[..., Any]) -> Any:
    """A compiled function whose code is put wherever compiled code calls it.

    For what is called at every step: to hand over a tuple of twenty arrays takes longer than many
    a function takes itself.

    Examples
    --------
    >>> @inlined
    ... def half(x):
    ...     return x / 2.0
    >>> half(3.0)
    1.5
    """
    return _compile(function, forceinline=True)


def compiled_for_c(function: Callable[..., Any], kinds: Sequence[Any]) -> Any:
    """The function as machine code for arguments of those kinds, with an address to call it by.

    It is compiled at once, or found where it is kept on disk; it gives nothing back.

    Examples
    --------
    >>> def halve(x):
    ...     x[0] = x[0] / 2.0
    >>> compiled_for_c(halve, [types.CPointer(types.float64)]).address > 0
    True
    """
    options = {"error_model": "numpy", "fastmath": set(ARITHMETIC)}
    made: Any = CFunc(function, normalize_signature(types.void(*kinds)), locals={}, options=options)
    made._cache = _Cache(function)
    made.compile()
    return made


def _compile(function: Callable[..., Any], **more: bool) -> Any:
    options: dict[str, Any] = {
        "error_model": "numpy",
        "fastmath": set(ARITHMETIC),
        "nogil": True,
        **more,
    }
    dispatcher = numba.njit(function, **options)
    dispatcher._cache = _Cache(function)
    return dispatcher
