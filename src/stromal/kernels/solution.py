"""Solution: what a run gives, patient by patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.errors import InvalidInput, Issue
from stromal.frozen import freeze
from stromal.kernels.arguments import read_number
from stromal.kernels.status import Status, explain_failures, explain_statuses
from stromal.kernels.trace import explain_traces

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """What a run gives for N patients, T times, O outputs and S states.

    Parameters
    ----------
    outputs
        Names of the outputs, O.
    times
        Times asked for, (T,).
    values
        (N, T, O), NaN where a patient failed before that time; None unless they were kept.
    reduced
        Result of each reducer by its name: (N,), or (N, K) for one that gives K numbers.
    columns
        Names of the numbers of each reducer, as `patients` prints them.
    states
        Names of the states, S.
    final_states
        (N, S) at the last time, for `solve(..., initial_states=..., start=...)` to go on from.
    status
        (N,) codes of `Status`.
    reached
        (N,), last of the asked times at which a patient had values; NaN where there was none.
    steps
        (N,) attempted steps.
    traces
        (N, S) codes of `Trace`: whether each state could be told from zero.
    backend
        What it was computed with.
    precision
        Numbers that states were kept in: `f64`, or `f32`, of about seven digits.
    culprits
        The state or rate that was not finite, in words, of the first patients who failed so.
    """

    outputs: tuple[str, ...]
    times: Floats
    values: Floats | None
    reduced: Mapping[str, Floats]
    columns: Mapping[str, tuple[str, ...]]
    states: tuple[str, ...]
    final_states: Floats
    status: NDArray[np.int8]
    reached: Floats
    steps: NDArray[np.int32]
    traces: NDArray[np.int8]
    backend: str
    precision: str
    culprits: Mapping[int, str] = field(default_factory=lambda: freeze({}))

    @property
    def n_patients(self) -> int:
        """Patients, with those that failed."""
        return len(self.status)

    def __repr__(self) -> str:
        """The solution in one line."""
        given = [*(self.outputs if self.values is not None else ()), *self.reduced]
        failed = f", {self.failed.sum()} of them failed" if self.failed.any() else ""
        return f"<Solution: {self.n_patients} patients{failed}, {', '.join(given)}>"

    @property
    def failed(self) -> NDArray[np.bool_]:
        """Patients that did not reach the end, (N,)."""
        return np.asarray(self.status != Status.DONE)

    def output(self, name: str, day: float | None = None) -> Floats:
        """Return values of one output: (N, T), or (N,) on a day that was asked for.

        Raises
        ------
        KeyError
            The output was not asked for, or values were not kept.
        InvalidInput
            The day was not asked for; nothing is interpolated.
        """
        if self.values is None or name not in self.outputs:
            raise KeyError(name)
        values = self.values[:, :, self.outputs.index(name)]
        return values if day is None else values[:, self._find_day(day)]

    def at(self, day: float) -> pl.DataFrame:
        """Return every output on a day: `patient`, and a column for each; null where none is.

        Raises
        ------
        InvalidInput
            The day was not asked for, or values were not kept; nothing is interpolated.
        """
        if self.values is None:
            hint = "solve with keep=True, or ask for the day with `ValueAt`"
            raise InvalidInput([Issue("values were not kept", hint=hint)])
        shown = self.values[:, self._find_day(day)]
        columns = {
            name: pl.Series(np.ascontiguousarray(shown[:, index])).fill_nan(None)
            for index, name in enumerate(self.outputs)
        }
        return pl.DataFrame({"patient": np.arange(self.n_patients, dtype=np.int64), **columns})

    def _find_day(self, day: float) -> int:
        """Find where a day stands among the asked times; the same number to its last bit."""
        day = read_number(day, "day")
        found = np.flatnonzero(self.times == day)
        if found.size:
            return int(found[0])
        near = [*self.times[self.times < day][-1:], *self.times[self.times > day][:1]]
        named = " and ".join(repr(float(one)) for one in near) or "no number"
        message = f"day {day!r} was not asked for; the nearest asked days are {named}"
        hint = f"solve with {day!r} among `times`, or name one of these days"
        raise InvalidInput([Issue(message, hint=hint)])

    def frame(self) -> pl.DataFrame:
        """Values as a long table: `patient`, `time`, `output`, `value`; null where there is none.

        Empty when values were not kept.
        """
        schema = {"patient": pl.Int64, "time": pl.Float64, "output": pl.String, "value": pl.Float64}
        if self.values is None:
            return pl.DataFrame(schema=schema)
        n, t, o = self.values.shape
        return pl.DataFrame(
            {
                "patient": np.repeat(np.arange(n), t * o),
                "time": np.tile(np.repeat(self.times, o), n),
                # Names are copied by place: a list of them would be made of Python's own strings.
                "output": pl.Series(self.outputs, dtype=pl.String).gather(
                    np.tile(np.arange(o), n * t)
                ),
                "value": pl.Series(self.values.ravel()).fill_nan(None),
            },
            schema=schema,
        )

    def patients(self, first: int = 0) -> pl.DataFrame:
        """One row for each patient: `patient`, `status` in words, `note`, `steps`, then reducers.

        The note says where a patient that failed stopped, and what to do about it, and names states
        without digits: below their absolute tolerance throughout, or come
        back from below it; null where there is nothing to say.

        Parameters
        ----------
        first
            Number of the first patient.
        """
        found: dict[str, pl.Series] = {}
        for name, values in self.reduced.items():
            columns = self.columns[name]
            table = values.reshape(len(values), len(columns))
            for index, column in enumerate(columns):
                found[column] = pl.Series(np.ascontiguousarray(table[:, index])).fill_nan(None)
        return pl.DataFrame(
            {
                "patient": np.arange(first, first + self.n_patients, dtype=np.int64),
                "status": pl.Series(explain_statuses(self.status), dtype=pl.String),
                "note": self._notes(),
                "steps": self.steps,
                **found,
            }
        )

    def _notes(self) -> pl.Series:
        notes = explain_traces(self.traces, self.states)
        failures = explain_failures(self.status, self.reached, self.culprits)
        joined = ["; ".join(filter(None, both)) for both in zip(failures, notes, strict=True)]
        return pl.Series([note or None for note in joined], dtype=pl.String)
