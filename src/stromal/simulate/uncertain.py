"""What is not known of parameters, and how studies differ: factors on what patients are drawn with.

A parameter's middle is uncertain by the confidence in it, and the same for all patients of a draw.
The prior draws each factor by itself; a posterior is a weighted set of vectors of factors, so that
what data say of several parameters together stays together. Patients of one study differ from those
of another by more than chance: a part of what patients vary by is the study's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.simulate.numbering import Numbering, Wholes
from stromal.simulate.streams import Streams

Floats = NDArray[np.float64]

CONFIDENCE: Mapping[str | None, float] = {"high": 0.05, "medium": 0.15, "low": 0.3, None: 0.3}
"""Standard deviation of the logarithm of a value, by the confidence in it: assumed."""

STUDY_SHARE = 0.5
"""Standard deviation between studies, in that between patients: assumed, see decision 0070."""

_GOLDEN = 0.6180339887498949
"""Multiples of it fill the numbers from 0 to 1 evenly, whichever part of them is taken."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Of one parameter: sd of the logarithm between draws and between studies, value and limits.

    `fixed` is the value that all patients share, None where patients vary.
    """

    draw: float
    study: float
    low: float = 0.0
    high: float = np.inf
    fixed: float | None = None


@dataclass(frozen=True, slots=True)
class Members:
    """A weighted set of vectors of log factors: `shifts` (M, P) of `names`, `weights` (M,).

    With `in_order`, replicate r has member r; else draws go through the set by weight.
    """

    names: tuple[str, ...]
    shifts: Floats
    weights: Floats
    in_order: bool = False

    def find(self, draws: Wholes, replicates: Wholes) -> Wholes:
        """Return the member of each patient, (N,).

        Examples
        --------
        >>> two = Members(("a",), np.zeros((2, 1)), np.array([0.25, 0.75]))
        >>> np.bincount(two.find(np.arange(100), np.arange(100))).tolist()
        [27, 73]
        """
        if self.in_order:
            return replicates % len(self.weights)
        place = (draws * _GOLDEN) % 1.0
        ends = np.cumsum(self.weights) / self.weights.sum()
        return np.minimum(np.searchsorted(ends, place, side="right"), len(ends) - 1)


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Spreads by the name of the parameter, and the posterior where there is one."""

    spreads: Mapping[str, Spread] = field(default_factory=dict)
    members: Members | None = None

    def __len__(self) -> int:
        """Return how many parameters are uncertain."""
        return len(self.spreads)

    @property
    def fixed(self) -> tuple[str, ...]:
        """Return the uncertain parameters that do not vary between patients."""
        return tuple(name for name, each in self.spreads.items() if each.fixed is not None)

    def move(
        self, drawn: Mapping[str, Floats], numbers: Wholes, numbering: Numbering, seed: int
    ) -> dict[str, Floats]:
        """Return parameters of patients, moved by what is not known and by their study.

        Parameters
        ----------
        drawn
            Parameters that vary, by name, (N,) each.
        numbers
            Of the patients, (N,).
        numbering
            Which study and which draw they belong to.
        seed
            Of the simulation.

        Returns
        -------
        dict
            Those of `drawn`, and the uncertain ones that do not vary.
        """
        moved = dict(drawn)
        if not self.spreads:
            return moved
        draws = numbering.draw(numbers)
        by_draw, by_study = Streams(seed, draws), Streams(seed, numbering.study(numbers))
        own = (
            {} if self.members is None else {name: at for at, name in enumerate(self.members.names)}
        )
        member = None
        if self.members is not None:
            member = self.members.find(draws, numbering.replicate(numbers))
        for name, spread in self.spreads.items():
            if name in own and self.members is not None and member is not None:
                shift = self.members.shifts[member, own[name]]
            else:
                shift = spread.draw * by_draw.normals(f"{name}\0uncertain")
            if spread.study:
                shift = shift + spread.study * by_study.normals(f"{name}\0study factor")
            base = drawn[name] if spread.fixed is None else spread.fixed
            moved[name] = np.clip(base * np.exp(shift), spread.low, spread.high)
        return moved


def list_spreads(
    table: pl.DataFrame,
    species: str,
    varying: frozenset[str],
    listed: Mapping[str, tuple[float, float]],
    share: float = 0.0,
) -> dict[str, Spread]:
    """Return what is not known of each positive parameter.

    Parameters
    ----------
    table
        Parameters with the changes of setting and study.
    species
        Whose values.
    varying
        Parameters that vary between patients.
    listed
        Parameters that all patients share and whose value is uncertain, with their limits.
    share
        Standard deviation between studies, in that between patients.

    Returns
    -------
    dict
        Of parameters that vary log-normally, and of those listed that are not zero.
    """
    found = {}
    for row in table.iter_rows(named=True):
        name = row["name"]
        own = CONFIDENCE[row["confidence"]]
        if name in varying and row["distribution"] == "lognormal":
            # a level of its own says how studies or lots differ
            study = 0.0 if row["level"] is not None else share * (row["sd"] or 0.0)
            low = 0.0 if row["low"] is None else row["low"]
            high = np.inf if row["high"] is None else row["high"]
            found[name] = Spread(own, study, low, high)
        elif name in listed and name not in varying:
            mouse = row["mouse"] if species == "mouse" else None
            value = row["value"] if mouse is None else mouse
            low, high = listed[name]
            if value:
                found[name] = Spread(own, 0.0, low, high, float(value))
    return found
