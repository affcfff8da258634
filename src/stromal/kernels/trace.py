"""Whether each state of a patient could be told from zero, as a named outcome with words."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

NO_NOTE = ""


class Trace(IntEnum):
    """What became of a state beside its absolute tolerance.

    `LOST` is no fault: most drugs decay to nothing. A state that `CAME_BACK` by itself has grown
    from a number that was not told from zero, and one that was `NEVER_SEEN` has been below its
    tolerance all its life: both are numbers without digits.

    Examples
    --------
    >>> Trace.NEVER_SEEN.words
    'below its absolute tolerance throughout'
    """

    FOLLOWED = 0
    LOST = 1
    CAME_BACK = 2
    NEVER_SEEN = 3

    @property
    def words(self) -> str:
        """The outcome as a table prints it; nothing where there is nothing to say."""
        return _WORDS.get(self, NO_NOTE)


_WORDS = {
    Trace.CAME_BACK: "grew again from below its absolute tolerance",
    Trace.NEVER_SEEN: "below its absolute tolerance throughout",
}


def explain_traces(traces: NDArray[np.int8], states: Sequence[str]) -> tuple[str, ...]:
    """Tell what there is to say of the states of each patient, nothing where all were followed.

    Parameters
    ----------
    traces
        (N, S) codes of `Trace`.
    states
        Names of the states.

    Examples
    --------
    >>> explain_traces(np.array([[0, 2], [1, 0]], np.int8), ["drug", "tumour"])
    ('tumour grew again from below its absolute tolerance; give a smaller atol', '')
    """
    found = [NO_NOTE] * len(traces)
    for patient in np.flatnonzero((traces >= Trace.CAME_BACK).any(axis=1)):
        told = [
            f"{name} {Trace(int(code)).words}"
            for name, code in zip(states, traces[patient], strict=True)
            if code >= Trace.CAME_BACK
        ]
        found[patient] = "; ".join([*told, "give a smaller atol"])
    return tuple(found)
