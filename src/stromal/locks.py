"""Locks that a forked process finds open, whatever other threads held when it was forked."""

from __future__ import annotations

import os
from threading import Lock


class ForkedLock:
    """A lock for `with`, made anew in every process that is forked.

    Only the thread that forks goes on in the new process: what another held, nobody would ever
    open. Libraries have locks of their own, so that a process forked while another thread compiles
    can run what has been compiled, and may still wait for ever if it compiles.

    Examples
    --------
    >>> lock = ForkedLock()
    >>> with lock:
    ...     print("one at a time")
    one at a time
    """

    def __init__(self) -> None:
        self._make()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._make)

    def _make(self) -> None:
        self._lock = Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


PARSING = ForkedLock()
"""For `ast.parse`: Python 3.11 counts the depth of what it parses for all threads together."""
