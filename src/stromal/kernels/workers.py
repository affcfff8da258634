"""A work queue for threads, which ends when its work is no longer wanted.

The thread that asks only waits, so that an interruption can reach it while others are in compiled
code. Workers do not hold the process open, and can be had after the main thread has ended.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from numpy.typing import NDArray

Part = TypeVar("Part")

GLANCE = 0.2
"""Seconds after which the thread that waits looks up: a signal may have reached another thread."""


def share_out(
    work: Callable[[Part], int],
    parts: Sequence[Part],
    *,
    threads: int,
    halt: NDArray[Any],
    tell: Callable[[int], None],
) -> None:
    """Have every part worked on by one of the threads.

    What an interruption or an error stops, and what is under way when the process ends, is told by
    `halt`, which work looks at.

    Parameters
    ----------
    work
        What is done with a part; it gives how much was done.
    parts
        What there is to do, in the order in which it is begun.
    threads
        How many work side by side.
    halt
        One number, 0 at first, which becomes 1 where work is to stop at once.
    tell
        Called in this thread with what each part gave, as soon as it is done.

    Raises
    ------
    BaseException
        Whatever work raised first, or what interrupted the waiting.
    SystemExit
        The process ends; in a thread, that is the end of the thread, and nothing is said.

    Examples
    --------
    >>> import numpy as np
    >>> told = []
    >>> halt = np.zeros(1, np.int8)
    >>> share_out(lambda part: 2 * part, [1, 2, 3], threads=2, halt=halt, tell=told.append)
    >>> sorted(told), halt
    ([2, 4, 6], array([0], dtype=int8))
    """
    waiting: SimpleQueue[Part] = SimpleQueue()
    for part in parts:
        waiting.put(part)
    done: SimpleQueue[int | BaseException] = SimpleQueue()

    def stop() -> None:
        halt[0] = 1

    labour = partial(_labour, work, waiting, done, halt)
    crew = [Thread(target=labour, daemon=True) for _ in range(min(threads, len(parts)))]
    atexit.register(stop)
    try:
        for worker in crew:
            worker.start()
        for _ in parts:
            tell(_wait_for(done))
    except BaseException:
        stop()
        raise
    finally:
        atexit.unregister(stop)
        for worker in crew:
            if worker.ident is not None:  # it was started
                worker.join()


def _labour(
    work: Callable[[Part], int],
    waiting: SimpleQueue[Part],
    done: SimpleQueue[int | BaseException],
    halt: NDArray[Any],
) -> None:
    """Work on parts until there is none, or until work is to stop."""
    while not halt[0]:
        try:
            part = waiting.get_nowait()
        except Empty:
            return
        try:
            found: int | BaseException = work(part)
        except BaseException as error:
            found = error
        if not halt[0] or isinstance(found, BaseException):
            done.put(found)
    # what was worked on last may be half done
    done.put(SystemExit("the run was stopped"))


def _wait_for(done: SimpleQueue[int | BaseException]) -> int:
    while True:
        try:
            found = done.get(timeout=GLANCE)
        except Empty:
            continue
        if isinstance(found, BaseException):
            raise found
        return found
