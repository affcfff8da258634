"""How a Python function becomes machine code: the rules of arithmetic, and the cache on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

ARITHMETIC = frozenset({"contract", "nsz"})
"""Products may be fused with sums and the sign of zero may be lost; NaN and infinity hold."""


def compiled(function: Callable[..., Any]) -> Any:  # noqa: ANN401 - numba's dispatcher has no type
    """The function as machine code, made when it is first called and kept on disk.

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


def inlined(function: Callable[..., Any]) -> Any:  # noqa: ANN401
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


def _compile(function: Callable[..., Any], **more: bool) -> Any:  # noqa: ANN401
    options: dict[str, Any] = {
        "error_model": "numpy",
        "fastmath": set(ARITHMETIC),
        "nogil": True,
        **more,
    }
    try:
        return numba.njit(function, cache=True, **options)
    except RuntimeError:
        return numba.njit(function, **options)
