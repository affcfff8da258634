"""Numbers of virtual patients, their studies, lots and draws; none depends on how many there are.

A patient's number is made of the replicate, the arm and the place in the arm, so that patient 17 of
an arm is the same patient whether 20 are simulated or a million, in chunks of any size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Wholes = NDArray[np.int64]

PLACES = 2**24
"""Most patients of an arm."""

ARMS = 2**8
"""Most arms; a replicate has numbers for all of them."""


@dataclass(frozen=True, slots=True)
class Members:
    """Some patients of a simulation, a row each: replicate and arm from 0, and place in the arm.

    `candidate` is the place among all who were drawn, where not all of them were enrolled.
    """

    replicate: Wholes
    arm: Wholes
    place: Wholes
    candidate: Wholes | None = None

    @property
    def drawn(self) -> Wholes:
        """Return the place of each among those who were drawn, (N,)."""
        return self.place if self.candidate is None else self.candidate

    @property
    def count(self) -> int:
        """Return how many they are."""
        return len(self.place)


@dataclass(frozen=True, slots=True)
class Numbering:
    """How patients of a simulation are numbered and grouped.

    Parameters
    ----------
    sizes
        Patients of each arm, in the order of the arms.
    replicates
        Simulated trials.
    same_patients
        Whether every arm has the same patients.
    per_lot, per_study, per_draw
        Patients of a lot, replicates of a study, studies of a draw of uncertain parameters.

    Examples
    --------
    >>> numbering = Numbering({"control": 2, "msc": 3}, 2)
    >>> numbering.total, numbering.members(3, 6).replicate.tolist()
    (10, [0, 0, 1])
    """

    sizes: Mapping[str, int]
    replicates: int
    same_patients: bool = False
    per_lot: int = 4
    per_study: int = 1
    per_draw: int = 1

    @property
    def trial(self) -> int:
        """Return the patients of one replicate."""
        return sum(self.sizes.values())

    @property
    def total(self) -> int:
        """Return the patients of all replicates."""
        return self.trial * self.replicates

    def members(self, first: int, last: int) -> Members:
        """Return the patients from `first` up to `last`, replicate by replicate, arm by arm."""
        index = np.arange(first, last, dtype=np.int64)
        replicate, within = np.divmod(index, self.trial)
        ends = np.cumsum(list(self.sizes.values()))
        arm = np.searchsorted(ends, within, side="right").astype(np.int64)
        place = within - np.concatenate([[0], ends[:-1]])[arm]
        return Members(replicate, arm, place)

    def patients(self, members: Members) -> Wholes:
        """Return the number of each patient, ascending within an arm, (N,)."""
        arm = np.zeros_like(members.arm) if self.same_patients else members.arm
        return (members.replicate * ARMS + arm) * PLACES + members.drawn

    def replicate(self, patients: Wholes) -> Wholes:
        """Return the number of the simulated trial of each patient, (N,)."""
        return patients // (ARMS * PLACES)

    def study(self, patients: Wholes) -> Wholes:
        """Return the number of the study of each patient, (N,)."""
        return self.replicate(patients) // self.per_study

    def draw(self, patients: Wholes) -> Wholes:
        """Return the number of the draw of uncertain parameters of each patient, (N,)."""
        return self.study(patients) // self.per_draw

    def lot(self, patients: Wholes) -> Wholes:
        """Return the number of the lot that each patient is treated with, (N,)."""
        return patients // PLACES * PLACES + patients % PLACES // self.per_lot
