"""Reducers that look at a window of the run."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stromal.errors import Issue
from stromal.kernels.arguments import is_finite
from stromal.kernels.reducers.per_patient import PerPatient, read_per_patient
from stromal.kernels.reducers.reducer import Reducer
from stromal.kernels.track import Track

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Windowed(Reducer):
    """A reducer of a window; a patient without a window, or without an output in it, has NaN.

    Parameters
    ----------
    output
        Name of the output.
    window
        From when to when, both ends included; None for an end is the start or the end of the run.
        An end may be an array with one time for each patient, NaN where a patient has no window.
    label
        Name of the result; by default the reducer and its output in words.
    """

    window: Any = field(default=None, kw_only=True)
    label: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Take a copy of times that patients have of their own."""
        if isinstance(self.window, tuple | list):
            ends = tuple(read_per_patient(end) for end in self.window)
            object.__setattr__(self, "window", ends)

    @property
    def name(self) -> str:
        """Name of the result."""
        return self.label or f"{self._word()}({self.output})"

    @property
    def points(self) -> tuple[float, ...]:
        """Ends of the window that all patients share."""
        return tuple(float(time) for time in self.window or () if is_finite(time))

    def reduce(self, track: Track) -> Floats:
        """Return the result for each patient of a chunk: (n,), or (n, width)."""
        after, until = self._ends()
        has_window = ~(np.isnan(after) | np.isnan(until))
        if not np.all(has_window):
            after, until = np.where(has_window, after, -np.inf), np.where(has_window, until, np.inf)
        part = track.limit_slopes().window(after, until)
        with np.errstate(invalid="ignore", over="ignore"):
            found = self._within(part)
        known = part.finite() & has_window
        return np.where(known if found.ndim == 1 else known[:, None], found, np.nan)

    def _ends(self) -> tuple[float | Floats, float | Floats]:
        """Both ends: numbers, or arrays (n,)."""
        after, until = self.window or (None, None)
        return _settle(after, -np.inf), _settle(until, np.inf)

    def _check_together(self) -> list[Issue]:
        after, until = self._ends()
        if np.ndim(after) and np.ndim(until) and np.shape(after) != np.shape(until):
            hint = "give one number for each patient at both ends"
            return [Issue(f"{self.name}: the ends are of different lengths", hint=hint)]
        wrong = np.atleast_1d(np.asarray(after > until))
        if not wrong.any():
            return []
        whose = f" for patient {np.argmax(wrong)}" if wrong.size > 1 else ""
        message = f"{self.name}: the window ends before it begins{whose}"
        return [Issue(message, hint="swap its ends")]

    @abstractmethod
    def _word(self) -> str:
        """Return the reducer in a word."""

    @abstractmethod
    def _within(self, track: Track) -> Floats:
        """Return the result of a window, (n,) or (n, width)."""


def _settle(end: Any, otherwise: float) -> float | Floats:  # noqa: ANN401 - as it was given
    if isinstance(end, PerPatient):
        return end.times
    return otherwise if end is None else float(end)
