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
    and `deaths` (filled,) how many. Where the order counts, at the indices `tied` (ties,) of these,
    `powers` (ties, TERMS + 2) are sums of u^k over turns.
    """

    places: IntArray
    deaths: IntArray
    tied: IntArray
    powers: FloatArray

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
        whole = at_risk[self.places]
        inverse[self.places, 0] = self.deaths / whole
        squared[self.places, 0] = self.deaths / whole**2
        logs = self.deaths * np.log(whole)
        if self.tied.size:
            logs[self.tied] = 0.0
            total = self._sum_ties(at_risk, dying, inverse, squared)
        else:
            total = 0.0
        return inverse, squared, total + float(logs.sum())

    def _sum_ties(
        self, at_risk: FloatArray, dying: FloatArray, inverse: FloatArray, squared: FloatArray
    ) -> float:
        """Sum over turns into the rows of slots with ties, and return the sum of log q."""
        places, deaths = self.places[self.tied], self.deaths[self.tied]
        whole, part = at_risk[places], dying[places]
        # Where few of those at risk die, q hardly changes from turn to turn, and 1/q is a power
        # series in u D / S, whose sums over turns are known. Elsewhere turns are written out.
        ratio = part / whole
        steep = ratio > SMALL
        ratio = np.where(steep, 0.0, ratio)
        first, second = np.zeros((whole.size, 2)), np.zeros((whole.size, 3))
        logs = np.zeros(whole.size)
        for k in range(TERMS - 1, -1, -1):
            first = self.powers[:, k : k + 2] + ratio[:, None] * first
            second = (k + 1) * self.powers[:, k : k + 3] + ratio[:, None] * second
            if k:
                logs = ratio * (logs - self.powers[:, k] / k)
        total = float((deaths * np.log(whole) + logs)[~steep].sum())
        inverse[places] = first / whole[:, None]
        squared[places] = second / whole[:, None] ** 2
        if steep.any():
            total += self._write_out(steep, whole[steep], part[steep], inverse, squared)
        return total

    def _write_out(
        self,
        steep: npt.NDArray[np.bool_],
        whole: FloatArray,
        part: FloatArray,
        inverse: FloatArray,
        squared: FloatArray,
    ) -> float:
        """Sum turn by turn into the rows of steep slots, and return the sum of log q."""
        deaths = self.deaths[self.tied][steep]
        first = np.cumsum(deaths) - deaths
        u = (np.arange(deaths.sum()) - np.repeat(first, deaths)) / np.repeat(deaths, deaths)
        tied = np.repeat(part, deaths)
        # Sums over entries are differences, and may miss those at risk by a rounding.
        q = np.maximum(np.repeat(whole, deaths) - u * tied, (1 - u) * tied)
        place = self.places[self.tied][steep]
        for power in (0, 1):
            inverse[place, power] = np.add.reduceat(u**power / q, first)
        for power in (0, 1, 2):
            squared[place, power] = np.add.reduceat(u**power / q**2, first)
        return float(np.log(q).sum())


def find_ties(deaths: FloatArray, ties: Ties) -> TiedEvents:
    """Return the turns of the events that each slot counts, shape (slots,).

    Examples
    --------
    >>> tied = find_ties(np.array([0.0, 2.0, 1.0]), "efron")
    >>> tied.places.tolist(), tied.tied.tolist(), tied.powers[:, :3].tolist()
    ([1, 2], [0], [[2.0, 0.5, 0.25]])
    """
    counts = deaths.astype(np.int64)
    places = np.flatnonzero(counts)
    died = counts[places]
    tied = np.flatnonzero(died > 1) if ties == "efron" else np.zeros(0, np.int64)
    sizes, which = np.unique(died[tied], return_inverse=True)
    powers = np.zeros((sizes.size, TERMS + 2))
    powers[:, 0] = sizes
    if sizes.size:
        first = np.cumsum(sizes) - sizes
        u = (np.arange(sizes.sum()) - np.repeat(first, sizes)) / np.repeat(sizes, sizes)
        power = np.ones_like(u)
        for k in range(1, TERMS + 2):
            power *= u
            powers[:, k] = np.add.reduceat(power, first)
    return TiedEvents(places, died, tied, powers[which])
