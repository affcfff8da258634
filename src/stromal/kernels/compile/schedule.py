"""In which order statements are written, so that a processor seldom waits for a result.

A processor works on many instructions at once, but only within a window of a few hundred, and what
a statement needs may take a hundred cycles (an exponential, then a division by it). Written one
after another as the equations are, such chains leave it idle. Here the statement whose result the
longest chain still waits for comes first among those whose own operands are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

CYCLES = {"exp": 110.0, "log": 110.0, "power": 200.0, "divide": 24.0, "other": 4.0}
"""Cycles until a result is there, of lanes on a processor of today; only their ratios matter."""

INSTRUCTIONS = {"exp": 26.0, "log": 32.0, "power": 70.0, "divide": 3.0, "other": 1.0}
A_CYCLE = 2.0
"""Instructions of arithmetic that are begun in a cycle."""

WINDOW = 24
"""How many of the statements still to come are looked at: more would need more registers.

Of 12, 24 and all, 24 was the fastest or next to it on two models in f64 and f32.
"""


@dataclass(frozen=True, slots=True)
class Task:
    """A statement: the earlier ones that it reads, its cycles and its instructions."""

    needs: tuple[int, ...]
    cycles: float
    instructions: float


def order_tasks(tasks: Sequence[Task]) -> list[int]:
    """Indices of the tasks in the order in which to write them.

    Parameters
    ----------
    tasks
        In any order in which each reads earlier ones only.

    Examples
    --------
    >>> product, exponential = Task((), 4.0, 1.0), Task((), 110.0, 26.0)
    >>> order_tasks([product, exponential, Task((1,), 4.0, 1.0)])
    [1, 0, 2]
    """
    readers: list[list[int]] = [[] for _ in tasks]
    for place, task in enumerate(tasks):
        for need in task.needs:
            readers[need].append(place)
    chain = [0.0] * len(tasks)
    for place in reversed(range(len(tasks))):
        after = max((chain[reader] for reader in readers[place]), default=0.0)
        chain[place] = tasks[place].cycles + after
    there = [0.0] * len(tasks)
    missing = [len(task.needs) for task in tasks]
    left = list(range(len(tasks)))
    order: list[int] = []
    now = 0.0
    while left:
        able = [place for place in left[:WINDOW] if not missing[place]]
        now = max(now, min(there[place] for place in able))
        ready = [place for place in able if there[place] <= now]
        chosen = max(ready, key=lambda place: (chain[place], -place))
        left.remove(chosen)
        order.append(chosen)
        now += tasks[chosen].instructions / A_CYCLE
        for reader in readers[chosen]:
            there[reader] = max(there[reader], now + tasks[chosen].cycles)
            missing[reader] -= 1
    return order
