"""One estimate as a value: the number, its interval, and what stands behind it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval, its method, its n and its sources.

    `value`, `low` and `high` are None where the data do not define them: no patients, a curve that
    never falls to one half, a day after the last follow-up. `level` and `interval`, the name of the
    interval, are None where the method gives no interval, `events` where it counts none, `degrees`
    where the number has no degrees of freedom. `n` leaves out patients who were never at risk, for
    they came under observation on their last day or after it; `never_at_risk` counts them.

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
    interval: str | None = None
    degrees: float | None = None
    never_at_risk: int = 0
