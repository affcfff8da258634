"""One estimate as a value: the number, its interval, and what stands behind it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval, its method, its n and its sources.

    `value`, `low` and `high` are None where the data do not define them: no patients, a curve that
    never falls to one half, a day after the last follow-up. `level` is None where the method gives
    no interval, `events` where it counts none.

    Examples
    --------
    >>> Estimate(0.5, n=8, method="share").low is None
    True
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    n: int = 0
    events: int | None = None
    method: str = ""
    sources: tuple[str, ...] = ()
