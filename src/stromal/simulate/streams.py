"""Random numbers of some patients, by the name of a stream and the numbers of the patients."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from stromal.kernels.draws.uniforms import draw_uniforms_at
from stromal.simulate.numbering import Wholes

Floats = NDArray[np.float64]


class Streams:
    """Numbers that do not depend on which other patients are drawn, nor in what order.

    Parameters
    ----------
    seed
        Of the simulation.
    numbers
        Of the patients, or of the lots or studies they belong to, (N,); the same number has the
        same draw.

    Examples
    --------
    >>> found = Streams(1, np.array([7, 3, 7])).normals("lot")
    >>> bool(found[0] == found[2] != found[1])
    True
    """

    def __init__(self, seed: int, numbers: Wholes) -> None:
        self._seed = seed
        self._distinct, self._places = np.unique(numbers, return_inverse=True)

    def __len__(self) -> int:
        """Return how many patients they are."""
        return len(self._places)

    def uniforms(self, stream: str) -> Floats:
        """Return a number between 0 and 1 for each patient, (N,)."""
        return draw_uniforms_at(self._seed, stream, self._distinct)[self._places]

    def normals(self, stream: str) -> Floats:
        """Return a standard normal number for each patient, (N,)."""
        drawn = draw_uniforms_at(self._seed, stream, self._distinct)
        return np.asarray(ndtri(drawn), np.float64)[self._places]
