"""How a Python function becomes machine code: the rules of arithmetic, and the cache on disk."""

# mypy: disable-error-code="no-untyped-call, misc"
# ruff: noqa: ANN401 - numba's own values carry no types

from __future__ import annotations

import contextlib
import hashlib
import pickle
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numba
from numba import types
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.ccallback import CFunc
from numba.core.sigutils import normalize_signature

ARITHMETIC = frozenset({"contract", "nsz"})
"""Products may be fused with sums and the sign of zero may be lost; NaN and infinity hold."""


class _SealedFiles(IndexDataCacheFile):
    """numba's files of one function, with a digest before the code: what is damaged is not run."""

    def _save_data(self, name: str, data: Any) -> None:
        body = self._dump(data)
        with self._open_for_write(self._data_path(name)) as file:
            file.write(hashlib.sha256(body).digest() + body)

    def _load_data(self, name: str) -> Any:
        with open(self._data_path(name), "rb") as file:  # noqa: PTH123 - a path of numba's
            seal, body = file.read(32), file.read()
        if hashlib.sha256(body).digest() != seal:
            return None
        return pickle.loads(body)  # noqa: S301 - written by this package, and whole


class _Cache(FunctionCache):
    """What numba keeps of a function, made anew where it is obsolete or cannot be read.

    numba looks at the function's own file only, but the code holds numbers and functions of its
    neighbours too.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file = _SealedFiles(
            cache_path=self._cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=(self._impl.locator.get_source_stamp(), digest_of_sources()),
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:
            with contextlib.suppress(OSError):
                self.flush()
            return None


@cache
def digest_of_sources() -> str:
    """Digest of the texts that compiled loops are made of: this folder and `lanes`.

    Examples
    --------
    >>> len(digest_of_sources())
    64
    """
    package = files("stromal.kernels.solvers")
    found = hashlib.sha256()
    for folder in (package, package / "lanes"):
        for item in sorted(folder.iterdir(), key=lambda each: each.name):
            if item.name.endswith((".py", ".json")):
                found.update(f"{item.name}\n{item.read_text('utf-8')}\n".encode())
    return found.hexdigest()


def compiled(function: Callable[..., Any]) -> Any:
    """The function as machine code, made when it is first called and kept on disk.

    What is kept is made anew after any change of the solvers' sources, or when it is damaged.
    Division by zero gives infinity or NaN, and other threads go on meanwhile. Where no folder for
    a cache can be written, the code is made anew in each process.

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
    made = CFunc(function, normalize_signature(types.void(*kinds)), locals={}, options=options)
    _keep(made, function)
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
    _keep(dispatcher, function)
    return dispatcher


def _keep(made: Any, function: Callable[..., Any]) -> None:
    """Let numba keep what it makes of a function, where there is a folder for it."""
    # numba raises RuntimeError where there is none
    with contextlib.suppress(RuntimeError):
        made._cache = _Cache(function)
