"""Follow what no laboratory reports: outputs of the model over time, of patients as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.simulate.enrol import enrol
from stromal.simulate.population import draw_people
from stromal.simulate.prepare import compile_trial
from stromal.simulate.rounds import run_course
from stromal.simulate.schedule import derive_doses
from stromal.simulate.streams import Streams
from stromal.simulate.tables import DEATH, find_days
from stromal.simulate.trial import Trial

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Followed:
    """Outputs of the model over time.

    Parameters
    ----------
    subjects
        Rows of `subjects`, (N,).
    times
        Days, (T,).
    outputs
        By name, (N, T); NaN after death, and of who was not simulated to the end.
    """

    subjects: pl.DataFrame
    times: Floats
    outputs: Mapping[str, Floats]


def follow_outputs(
    trial: Trial,
    outputs: Sequence[str],
    days: Sequence[float],
    last: int,
    *,
    threads: int | None = None,
) -> Followed:
    """Solve the first patients of a trial once more and read outputs that no table holds.

    Parameters
    ----------
    trial
        Ready to run.
    outputs
        Of the model.
    days
        On which they are read, within the run.
    last
        How many patients, from the first.
    threads
        To solve on.

    Returns
    -------
    Followed
        Of the same patients, doses and decisions as in the trial. More outputs keep more states, so
        that a step is chosen otherwise and the last digits differ.
    """
    members = trial.numbering.members(0, min(last, trial.numbering.total))
    lost = np.zeros(members.count, bool)
    if trial.simulation.eligible is not None:
        enrolled = enrol(trial, members, trial.simulation.eligible, threads=threads)
        members, lost = enrolled.members, enrolled.lost
    people = draw_people(trial.cohort, trial.protocol, trial.numbering, members)
    doses, _ = derive_doses(trial.protocol, people.subjects)
    wanted = np.array(days, np.float64)
    longer = replace(
        trial,
        kernel=compile_trial(trial.protocol, trial.simulation, trial.model, trial.cohort, outputs),
        times=np.unique(np.concatenate([trial.times, wanted])),
    )
    course = run_course(longer, people, doses, threads=threads)
    streams = Streams(trial.seed, people.numbers)
    death = find_days(longer, course, streams, {DEATH}).get(DEATH)
    gone = np.broadcast_to((course.failed | lost)[:, None], (people.count, len(course.times)))
    if death is not None:
        gone = gone | (course.times[None, :] > np.where(np.isnan(death), np.inf, death)[:, None])
    places = np.searchsorted(course.times, wanted)
    found = {
        name: np.where(gone, np.nan, course.outputs[name])[:, places]
        for name in dict.fromkeys(outputs)
    }
    return Followed(people.subjects, wanted, found)
