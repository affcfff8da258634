"""How the integration of a patient ended, as a named outcome with words for a table."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Status(IntEnum):
    """How the integration of a patient ended; only with `DONE` it came to the end.

    A patient that fails keeps what was computed before, has NaN from then on, and stays in the
    table with the reason; the others go on.

    Examples
    --------
    >>> Status.STEP_LIMIT.words
    'more steps were needed than max_steps'
    """

    DONE = 0
    BAD_PARAMETERS = 1
    BAD_INITIAL_STATE = 2
    NOT_FINITE = 3
    STEP_TOO_SMALL = 4
    STEP_LIMIT = 5
    BAD_VOLUME = 6
    ENDLESS = 7

    @property
    def words(self) -> str:
        """The outcome as a table prints it."""
        return _WORDS[self]


_WORDS = {
    Status.DONE: "done",
    Status.BAD_PARAMETERS: "a parameter, or the time of a change, is not a finite number",
    Status.BAD_INITIAL_STATE: "a state is not a finite number at the start",
    Status.NOT_FINITE: "a rate or a state stopped being a finite number",
    Status.STEP_TOO_SMALL: "the step became too small for time to go on; the solution may blow up",
    Status.STEP_LIMIT: "more steps were needed than max_steps",
    Status.ENDLESS: "an event or a switch happens too often to be followed",
    Status.BAD_VOLUME: "the size of a compartment is not a positive number",
}


def explain_statuses(status: NDArray[np.int8]) -> tuple[str, ...]:
    """The outcome of each patient in words.

    Examples
    --------
    >>> explain_statuses(np.array([0, 2], dtype=np.int8))
    ('done', 'a state is not a finite number at the start')
    """
    return tuple(Status(int(code)).words for code in status)
