"""How far a run is, how fast it goes and when it will end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """Patients done out of how many, and the seconds that took.

    Those that had been done `before` the clock was started count as done, and not in the rate.

    Examples
    --------
    >>> print(Progress(done=12_000, total=20_000, seconds=4.0))
    12,000 of 20,000 patients, 3,000 per second, 3 s left
    """

    done: int
    total: int
    seconds: float
    before: int = 0

    @property
    def rate(self) -> float:
        """Patients per second so far."""
        return (self.done - self.before) / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float:
        """Seconds to the end at this rate; infinite before anything is done."""
        return (self.total - self.done) / self.rate if self.rate > 0 else float("inf")

    def __str__(self) -> str:
        """The progress in words."""
        done = f"{self.done:,} of {self.total:,} patients"
        if self.rate <= 0:
            return done
        return f"{done}, {self.rate:,.0f} per second, {self.seconds_left:,.0f} s left"


Tell = Callable[[Progress], object]


class Clock:
    """Counts patients as they are done and tells whoever wants to know.

    Examples
    --------
    >>> clock = Clock(10, lambda progress: print(progress.done, "of", progress.total))
    >>> clock.count(4)
    4 of 10
    """

    def __init__(self, total: int, tell: Tell | None) -> None:
        self._begun = time.perf_counter()
        self._total = total
        self._tell = tell
        self._done = 0
        self._before = 0

    def count(self, patients: int) -> None:
        """So many more patients are done."""
        self._done += patients
        if self._tell is not None:
            seconds = time.perf_counter() - self._begun
            self._tell(Progress(self._done, self._total, seconds, self._before))

    def skip(self, patients: int) -> None:
        """So many more patients had been done before."""
        self._before += patients
        self.count(patients)
