"""A work queue for threads, which ends when its work is no longer wanted.

The thread that asks only waits, so that an interruption can reach it while others are in compiled
code. Workers do not hold the process open, and can be had after the main thread has ended.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from threading import Semaphore, Thread
from typing import Any, TypeVar

from numpy.typing import NDArray

Part = TypeVar("Part")
Made = TypeVar("Made")

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


def map_in_order(
    work: Callable[[Part], Made], parts: Sequence[Part], *, threads: int
) -> Iterator[Made]:
    """Yield what work makes of each part, in the order of the parts, some made side by side.

    No more than `threads` and one are made and not yet taken, so that memory is bounded. Parts that
    nobody takes any more are not begun.

    Parameters
    ----------
    work
        Makes something of a part.
    parts
        What there is to do.
    threads
        How many work side by side; with one, or one part, the thread that asks does the work.

    Raises
    ------
    BaseException
        Whatever work raised, when the turn of its part has come.

    Examples
    --------
    >>> list(map_in_order(lambda part: 2 * part, [1, 2, 3], threads=2))
    [2, 4, 6]
    """
    if threads < 2 or len(parts) < 2:
        yield from map(work, parts)
        return
    room, waiting = Semaphore(threads + 1), SimpleQueue[int]()
    for place in range(len(parts)):
        waiting.put(place)
    made: list[SimpleQueue[tuple[Made, ...] | BaseException]] = [SimpleQueue() for _ in parts]

    def labour() -> None:
        while True:
            room.acquire()
            try:
                place = waiting.get_nowait()
            except Empty:
                room.release()  # and so the next worker ends too
                return
            try:
                found: tuple[Made, ...] | BaseException = (work(parts[place]),)
            except BaseException as error:
                found = error
            made[place].put(found)

    for _ in range(min(threads, len(parts))):
        Thread(target=labour, daemon=True).start()
    try:
        for queue in made:
            (found,) = _take_next(queue)
            yield found
            del found
            room.release()
    finally:
        _empty(waiting)
        room.release()


def _take_next(queue: SimpleQueue[tuple[Made, ...] | BaseException]) -> tuple[Made, ...]:
    """Wait for what was made, looking up now and then: a signal may have reached this thread."""
    while True:
        try:
            found = queue.get(timeout=GLANCE)
        except Empty:
            continue
        if isinstance(found, BaseException):
            raise found
        return found


def _empty(queue: SimpleQueue[int]) -> None:
    while True:
        try:
            queue.get_nowait()
        except Empty:
            return


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
