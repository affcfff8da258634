"""Sums over tied events, taken one after another as Efron proposed or all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from stromal.estimates.intervals import FloatArray
from stromal.estimates.times import IntArray

Ties = Literal["efron", "breslow"]

SMALL = 0.1
"""Share of the events' weight in that at risk up to which sums over turns are power series."""

TERMS = 20
"""Terms of the series: the next would add 0.1^20 times the number of terms."""


@dataclass(frozen=True, slots=True)
class TiedEvents:
    """Slots that have events, and the turns in which these are taken.

    With Efron's method the d events of a slot are taken one after another, and before turn l each
    of them is at risk by 1 - u only, u = l/d, as if in an order that is not known. [efron1977]
    With Breslow's method u is 0 in every turn. `places` (filled,) are the slots that have events,
    `deaths` (filled,) how many, `powers` (filled, TERMS + 2) their sums of u^k over turns.
    """

    places: IntArray
    deaths: IntArray
    powers: FloatArray
    ties: Ties

    def sum_turns(
        self, at_risk: FloatArray, dying: FloatArray
    ) -> tuple[FloatArray, FloatArray, float]:
        """Sum over the turns of each slot, with q = S - u D.

        Parameters
        ----------
        at_risk, dying
            Weights S of those at risk and D of those with the event, of every slot (slots,).

        Returns
        -------
        inverse
            Sums of 1/q and u/q of every slot (slots, 2).
        squared
            Sums of 1/q^2, u/q^2 and u^2/q^2 (slots, 3).
        logs
            Sum of log q over all turns of all slots.
        """
        inverse, squared = np.zeros((at_risk.size, 2)), np.zeros((at_risk.size, 3))
        whole, part = at_risk[self.places], dying[self.places]
        # Where few of those at risk die, q hardly changes from turn to turn, and 1/q is a power
        # series in u D / S, whose sums over turns are known. Elsewhere turns are written out.
        ratio = part / whole
        steep = (ratio > SMALL) & (self.ties == "efron")
        ratio = np.where(steep, 0.0, ratio)
        first = np.zeros((whole.size, 2))
        second = np.zeros((whole.size, 3))
        logs = np.zeros(whole.size)
        for k in range(TERMS - 1, -1, -1):
            first = self.powers[:, k : k + 2] + ratio[:, None] * first
            second = (k + 1) * self.powers[:, k : k + 3] + ratio[:, None] * second
            if k:
                logs = ratio * (logs - self.powers[:, k] / k)
        total = float((self.deaths * np.log(whole) + logs)[~steep].sum())
        inverse[self.places] = first / whole[:, None]
        squared[self.places] = second / whole[:, None] ** 2
        if steep.any():
            total += self._write_out(steep, whole[steep], part[steep], inverse, squared)
        return inverse, squared, total

    def _write_out(
        self,
        steep: npt.NDArray[np.bool_],
        whole: FloatArray,
        part: FloatArray,
        inverse: FloatArray,
        squared: FloatArray,
    ) -> float:
        """Sum turn by turn into the rows of steep slots, and return the sum of log q."""
        deaths = self.deaths[steep]
        first = np.cumsum(deaths) - deaths
        u = (np.arange(deaths.sum()) - np.repeat(first, deaths)) / np.repeat(deaths, deaths)
        tied = np.repeat(part, deaths)
        # Sums over entries are differences, and may miss those at risk by a rounding.
        q = np.maximum(np.repeat(whole, deaths) - u * tied, (1 - u) * tied)
        place = self.places[steep]
        for power in (0, 1):
            inverse[place, power] = np.add.reduceat(u**power / q, first)
        for power in (0, 1, 2):
            squared[place, power] = np.add.reduceat(u**power / q**2, first)
        return float(np.log(q).sum())


def find_ties(deaths: FloatArray, ties: Ties) -> TiedEvents:
    """Return the turns of the events that each slot counts, shape (slots,).

    Examples
    --------
    >>> tied = find_ties(np.array([0.0, 2.0]), "efron")
    >>> tied.places.tolist(), tied.powers[0, :3].tolist()
    ([1], [2.0, 0.5, 0.25])
    """
    counts = deaths.astype(np.int64)
    places = np.flatnonzero(counts)
    died = counts[places]
    sizes, which = np.unique(died, return_inverse=True)
    powers = np.zeros((sizes.size, TERMS + 2))
    powers[:, 0] = sizes
    if ties == "efron" and sizes.size:
        first = np.cumsum(sizes) - sizes
        u = (np.arange(sizes.sum()) - np.repeat(first, sizes)) / np.repeat(sizes, sizes)
        power = np.ones_like(u)
        for k in range(1, TERMS + 2):
            power *= u
            powers[:, k] = np.add.reduceat(power, first)
    return TiedEvents(places, died, powers[which], ties)
