"""A simulation that is ready to run: everything read, checked and compiled, nothing drawn yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stromal.endpoints.bind import Bound
from stromal.errors import Issue
from stromal.kernels.kernel import Kernel
from stromal.protocol.protocol import Protocol, Regimen
from stromal.protocol.simulation import Simulation
from stromal.simulate.model import SimulatedModel
from stromal.simulate.numbering import Numbering
from stromal.simulate.population import Cohort


@dataclass(frozen=True, slots=True)
class Sampling:
    """What is looked at on a day, and by which entry of the schedule."""

    entry: int
    day: float
    analytes: tuple[str, ...]
    scales: tuple[str, ...]
    missing: float


@dataclass(frozen=True, slots=True)
class Trial:
    """A simulation that is ready to run.

    Parameters
    ----------
    protocol
        As written, with what the simulation assumes of doses that are not stated.
    simulation
        Its table.
    model, kernel
        The model, and what is compiled of it.
    numbering, cohort
        Who the patients are.
    samplings
        What is looked at, day by day.
    times
        Days that the model is read on, (T,).
    endpoints
        Those of the protocol, which rules may ask.
    repeats
        Regimens of each arm that go on by rule.
    seed
        Of everything random.
    issues
        Warnings and notes that came up.
    """

    protocol: Protocol
    simulation: Simulation
    model: SimulatedModel
    kernel: Kernel
    numbering: Numbering
    cohort: Cohort
    samplings: tuple[Sampling, ...]
    times: NDArray[np.float64]
    endpoints: Mapping[str, Bound]
    repeats: Mapping[str, tuple[Regimen, ...]]
    seed: int
    issues: tuple[Issue, ...]
