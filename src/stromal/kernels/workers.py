"""Work shared out to threads, in such a way that it ends when it is no longer wanted.

The thread that asks only waits, so that an interruption can reach it while others are in compiled
code. Workers do not hold the process open, and can be had after the main thread has ended.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Sequence
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
        One number, which becomes 1 where work is to stop at once.
    tell
        Called in this thread with what each part gave, as soon as it is done.

    Raises
    ------
    BaseException
        Whatever work raised first, or what interrupted the waiting.

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

    def labour() -> None:
        while not halt[0] and (part := _next_of(waiting)):
            done.put(_outcome(work, part[0]))

    def stop() -> None:
        halt[0] = 1

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


def _next_of(waiting: SimpleQueue[Part]) -> tuple[Part, ...]:
    """The next part, or nothing."""
    try:
        return (waiting.get_nowait(),)
    except Empty:
        return ()


def _outcome(work: Callable[[Part], int], part: Part) -> int | BaseException:
    """What work gives, or what it raises, to be raised where it is waited for."""
    try:
        return work(part)
    except BaseException as error:
        return error


def _wait_for(done: SimpleQueue[int | BaseException]) -> int:
    while True:
        try:
            found = done.get(timeout=GLANCE)
        except Empty:
            continue
        if isinstance(found, BaseException):
            raise found
        return found
