"""How the integration of a patient ended, as a named outcome with words for a table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from stromal.frozen import freeze


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
    NO_STEADY_STATE = 8

    @property
    def words(self) -> str:
        """The outcome as a table prints it."""
        return _WORDS[self]

    @property
    def remedy(self) -> str:
        """What to do about it; nothing where all is done.

        Examples
        --------
        >>> Status.STEP_LIMIT.remedy
        'let Accuracy(max_steps) be larger, or look for what makes steps so small'
        """
        return _REMEDIES[self]


_WORDS = {
    Status.DONE: "done",
    Status.BAD_PARAMETERS: "a parameter, or the time of a change, is not a finite number",
    Status.BAD_INITIAL_STATE: "a state is not a finite number at the start",
    Status.NOT_FINITE: "a rate or a state stopped being a finite number",
    Status.STEP_TOO_SMALL: "the step became too small for time to go on; the solution may blow up",
    Status.STEP_LIMIT: "more steps were needed than max_steps",
    Status.ENDLESS: "an event or a switch happens too often to be followed",
    Status.BAD_VOLUME: "the size of a compartment is not a positive number",
    Status.NO_STEADY_STATE: "a steady-state dose has led to no steady state",
}


_REMEDIES = {
    Status.DONE: "",
    Status.BAD_PARAMETERS: "give this patient finite parameters, or leave the patient out",
    Status.BAD_INITIAL_STATE: "look at the initial assignments with this patient's parameters",
    Status.NOT_FINITE: "look for a division by zero, a root or a logarithm there; `check_model` "
    "names such places",
    Status.STEP_TOO_SMALL: "look for a rate that grows without bound there, or a term that jumps "
    "with a state",
    Status.STEP_LIMIT: "let Accuracy(max_steps) be larger, or look for what makes steps so small",
    Status.ENDLESS: "let the event or the switch come less often",
    Status.BAD_VOLUME: "give the compartment a size above zero, at every time",
    Status.NO_STEADY_STATE: "look for a state that grows from dose to dose, or that a thousand "
    "intervals do not settle, or write the doses before the start one by one",
}


def explain_failures(
    status: NDArray[np.int8],
    reached: NDArray[np.float64],
    culprits: Mapping[int, str] = freeze({}),
) -> tuple[str, ...]:
    """Where each patient that failed stopped, and what to do; nothing for the others.

    Parameters
    ----------
    status
        Codes of `Status`, (N,).
    reached
        Last of the asked times at which a patient had values, (N,); NaN where there was none.
    culprits
        What was not finite, in words, by the number of the patient, where it is known.

    Examples
    --------
    >>> explain_failures(np.array([0, 6]), np.array([9.0, 4.0]))
    ('', 'stopped after time 4: give the compartment a size above zero, at every time')
    """
    return tuple(
        ""
        if code == Status.DONE
        else f"{_name_stop(float(time), culprits.get(number))}: {Status(int(code)).remedy}"
        for number, (code, time) in enumerate(zip(status, reached, strict=True))
    )


def _name_stop(reached: float, culprit: str | None) -> str:
    when = "before the first time" if np.isnan(reached) else f"after time {reached:g}"
    return f"stopped {when}, where {culprit}" if culprit else f"stopped {when}"


def explain_statuses(status: NDArray[np.int8]) -> tuple[str, ...]:
    """The outcome of each patient in words.

    Examples
    --------
    >>> explain_statuses(np.array([0, 2], dtype=np.int8))
    ('done', 'a state is not a finite number at the start')
    """
    return tuple(Status(int(code)).words for code in status)
