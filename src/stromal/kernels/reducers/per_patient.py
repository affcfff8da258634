"""Times that patients have of their own: windows, visits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stromal.errors import InvalidInput
from stromal.kernels.arguments import is_listed, read_numbers

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PerPatient:
    """One time for each patient, (N,), or a row of times, (N, V); NaN where a patient has none."""

    times: Floats

    def __eq__(self, other: object) -> bool:
        """Say whether the times are the same numbers."""
        return isinstance(other, PerPatient) and np.array_equal(
            self.times, other.times, equal_nan=True
        )

    def __hash__(self) -> int:
        """Return the hash of the times."""
        return hash((self.times.shape, self.times.tobytes()))

    def __len__(self) -> int:
        """Return how many patients there are."""
        return len(self.times)


def read_per_patient(given: object, dimensions: int = 1) -> Any:  # noqa: ANN401 - it is kept
    """Return a list of times as `PerPatient`; anything else as it is, for a check to speak of.

    Examples
    --------
    >>> read_per_patient(3.0), len(read_per_patient([3.0, None]))
    (3.0, 2)
    """
    if not is_listed(given) or isinstance(given, str | bytes | Mapping | PerPatient):
        return given
    try:
        # an array stays one: its masked places would be warned of one by one
        listed = given if isinstance(given, np.ndarray) else list(given)
        times = np.array(read_numbers(listed, "times"))
    except (InvalidInput, TypeError):
        return given
    if times.ndim != dimensions:
        return given
    times.setflags(write=False)
    return PerPatient(times)


def part_of(value: object, rows: slice) -> Any:  # noqa: ANN401 - the same kind as it is given
    """Return what some of the patients have of a value; what all of them share is left as it is."""
    if isinstance(value, PerPatient):
        return PerPatient(value.times[rows])
    if isinstance(value, tuple):
        return tuple(part_of(each, rows) for each in value)
    if isinstance(value, Mapping):
        return {name: part_of(each, rows) for name, each in value.items()}
    return value


def find_per_patient(value: object) -> Iterator[PerPatient]:
    """Find what stands in a value for each patient by itself."""
    if isinstance(value, PerPatient):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from find_per_patient(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from find_per_patient(each)
