"""How far a run is, how fast it goes and when it will end: told in numbers, or drawn as a bar.

The only door to the library that draws on a terminal. A bar stands on stderr, only where that is a
terminal or a notebook, and goes when the work is done.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil, isfinite

from rich import progress as bars
from rich.console import Console

from stromal.errors import InvalidInput, Issue

MINUTE, HOUR = 60, 3600


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
        rate = f"{self.rate:,.0f}" if self.rate >= 1 else f"{self.rate:.2g}"
        return f"{done}, {rate} per second, {say_duration(self.seconds_left)} left"


Tell = Callable[[Progress], object]
"""What wants to be told how far a run is."""

TellStage = Callable[[str, int, int], None]
"""What wants to be told the name of a stage, its number from 0, and how many there are."""


def count_stages(tell: TellStage | None, names: Sequence[str]) -> Callable[[str], None]:
    """Return a function that is told the name of each stage as it begins.

    Examples
    --------
    >>> stage = count_stages(print, ("reading", "writing"))
    >>> stage("reading")
    reading 0 2
    """

    def begin(name: str) -> None:
        if tell is not None:
            tell(name, names.index(name), len(names))

    return begin


def say_duration(seconds: float) -> str:
    """Seconds in words, rounded up.

    Examples
    --------
    >>> say_duration(3.2), say_duration(187), say_duration(9000)
    ('4 s', '3 min 7 s', '2 h 30 min')
    """
    if not isfinite(seconds):
        return "no end"
    whole = ceil(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE} s"
    return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"


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
        self.glance(0)

    def glance(self, patients: int) -> None:
        """So many more patients are done, of a piece that may still be lost."""
        if self._tell is not None:
            seconds = time.perf_counter() - self._begun
            self._tell(Progress(self._done + patients, self._total, seconds, self._before))

    def skip(self, patients: int) -> None:
        """So many more patients had been done before."""
        self._before += patients
        self.count(patients)


@contextmanager
def follow_patients(total: int, title: str, *, progress: Tell | bool | None) -> Iterator[Clock]:
    """A clock of so many patients; it ends with the block.

    Parameters
    ----------
    total
        Patients of the run.
    title
        What stands before the bar.
    progress
        What is told how far the run is; or True for a bar.

    Raises
    ------
    InvalidInput
        `progress` is neither a function nor a truth value.

    Examples
    --------
    >>> with follow_patients(10, "decay", progress=print) as clock:
    ...     clock.skip(10)
    10 of 10 patients
    """
    check_progress(progress)
    if progress is True:
        with _draw(title) as (bar, task):

            def tell(now: Progress) -> None:
                words = f"{title}: {now}"
                bar.update(task, description=words, completed=now.done, total=now.total)

            yield Clock(total, tell)
    else:
        yield Clock(total, progress or None)


def check_progress(progress: object) -> None:
    """InvalidInput where `progress` is neither a function, nor a truth value, nor left out.

    Examples
    --------
    >>> check_progress(True)
    """
    if not (progress is None or isinstance(progress, bool) or callable(progress)):
        hint = "give True for a bar, or a function that is told how far the run is"
        raise InvalidInput([Issue(f"progress is {progress!r}", hint=hint)])


@contextmanager
def show_stages(title: str) -> Iterator[TellStage]:
    """A function to be told (stage, number, of how many), which draws a bar while the block runs.

    Examples
    --------
    >>> with show_stages("itp-dose") as tell:
    ...     tell("reading", 0, 5)
    """
    with _draw(title) as (bar, task):

        def tell(stage: str, number: int, count: int) -> None:
            bar.update(task, description=f"{title}: {stage}", completed=number, total=count)

        yield tell


@contextmanager
def _draw(title: str) -> Iterator[tuple[bars.Progress, bars.TaskID]]:
    """A bar where a person is looking."""
    console = Console(file=sys.stderr)
    columns = (
        bars.SpinnerColumn(),
        bars.TextColumn("{task.description}", markup=False),
        bars.BarColumn(),
        bars.TimeElapsedColumn(),
    )
    seen = console.is_terminal or console.is_jupyter
    with bars.Progress(*columns, console=console, transient=True, disable=not seen) as bar:
        yield bar, bar.add_task(title, total=None)
