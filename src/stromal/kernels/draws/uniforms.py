"""Counter-based random numbers: number n of a stream, whatever else is drawn [salmon2011]."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Wholes = NDArray[np.int64]

BLOCK = 4
"""Numbers that the generator makes for one value of its counter."""

GAP = 256
"""Numbers that are made and dropped rather than begin anew after them."""


def draw_uniforms(seed: int, stream: str, first: int, count: int) -> Floats:
    """Return numbers strictly between 0 and 1, those of `first` up to `first + count`.

    Philox 4x64 with ten rounds [salmon2011]. Half of its key is the seed, the other half comes from
    the name of the stream.

    Examples
    --------
    >>> every = draw_uniforms(1, "k", 0, 10)
    >>> bool((draw_uniforms(1, "k", 7, 3) == every[7:]).all())
    True
    """
    word = int.from_bytes(hashlib.sha256(stream.encode()).digest()[:8], "little")
    generator = np.random.Philox(key=np.array([seed, word], np.uint64), counter=first // BLOCK)
    skipped = first % BLOCK
    raw = generator.random_raw(skipped + count)[skipped:]
    return (np.asarray(raw >> np.uint64(11), np.float64) + 0.5) * 2.0**-53


def draw_uniforms_at(seed: int, stream: str, places: Wholes) -> Floats:
    """Return the numbers at some places of a stream; places ascend.

    Examples
    --------
    >>> every = draw_uniforms(1, "k", 0, 1000)
    >>> bool((draw_uniforms_at(1, "k", np.array([3, 900])) == every[[3, 900]]).all())
    True
    """
    found = np.empty(len(places))
    begins = np.flatnonzero(np.diff(places) > GAP) + 1
    for part, own in zip(np.split(places, begins), np.split(found, begins), strict=True):
        if len(part):
            first = int(part[0])
            own[:] = draw_uniforms(seed, stream, first, int(part[-1]) - first + 1)[part - first]
    return found
