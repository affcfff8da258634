"""What a test of a trend over ordered groups returns."""

from __future__ import annotations

from dataclasses import dataclass

from stromal.estimates.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Trend:
    """A test of a trend over groups in an order, and how large the trend is.

    `statistic` is a normal deviate, above 0 where what is counted rises with the groups. It and
    `p_value`, of the two-sided test, are None where nothing can be tested, and `reason` says why;
    an exact test has no deviate. `n` counts patients of each group, in their order.
    """

    statistic: float | None
    p_value: float | None
    effect: Estimate
    n: tuple[int, ...]
    method: str
    sources: tuple[str, ...]
    reason: str = ""
