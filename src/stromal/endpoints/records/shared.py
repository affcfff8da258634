"""What several endpoints of one run need is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Found = TypeVar("Found")
_KEPT: ContextVar[dict[Hashable, tuple[object, Any]] | None] = ContextVar("kept", default=None)


@contextmanager
def sharing() -> Iterator[None]:
    """Keep what `share` makes until the run ends; a run inside another shares with it.

    Examples
    --------
    >>> made = []
    >>> table = object()
    >>> with sharing():
    ...     [share(table, "size", lambda: made.append(1) or 7) for _ in range(2)]
    [7, 7]
    >>> len(made)
    1
    """
    if _KEPT.get() is not None:
        yield
        return
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


def share(of: object, what: Hashable, make: Callable[[], Found]) -> Found:
    """Return what was made of a table before in this run, or make it; outside a run, make it.

    Parameters
    ----------
    of
        What it is made of; the same object, not an equal one.
    what
        Name and parameters of what is made.
    make
        How it is made.

    Examples
    --------
    >>> share("a table", "rows", lambda: 3)
    3
    """
    kept = _KEPT.get()
    if kept is None:
        return make()
    key = (id(of), what)
    if key not in kept:
        # the object is kept too, so that no other can come to its address
        kept[key] = (of, make())
    found: Found = kept[key][1]
    return found
