"""Simulate patients: draw, dose, solve, observe, tabulate, some patients at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from stromal.simulate.enrol import enrol
from stromal.simulate.population import draw_people
from stromal.simulate.rounds import drop_stopped, run_course
from stromal.simulate.schedule import derive_doses
from stromal.simulate.tables import NOT_ENROLLED, list_failures, tabulate
from stromal.simulate.trial import Trial
from stromal.tables.patients import Patients


@dataclass(frozen=True, slots=True)
class Batch:
    """Some patients of a simulation: their tables, and who has no numbers and why."""

    patients: Patients
    failures: pl.DataFrame


def simulate_patients(
    trial: Trial, first: int = 0, last: int | None = None, *, threads: int | None = None
) -> Batch:
    """Simulate the patients from `first` up to `last`, all of them by default.

    Parameters
    ----------
    trial
        Ready to run; patients are numbered replicate by replicate, arm by arm.
    first, last
        Which of them. The same patients come out, to the bit, in whatever parts they are asked for.
    threads
        To solve on; as many as the machine has cores by default.

    Returns
    -------
    Batch
        Patients as tables, with `origin` simulated; those whose integration failed, or whose trial
        found too few who are eligible, have a row of `subjects` and no numbers.
    """
    until = trial.numbering.total if last is None else min(last, trial.numbering.total)
    members = trial.numbering.members(first, until)
    lost = None
    if trial.simulation.eligible is not None:
        enrolled = enrol(trial, members, trial.simulation.eligible, threads=threads)
        members, lost = enrolled.members, enrolled.lost
    people = draw_people(trial.cohort, trial.protocol, trial.numbering, members)
    doses, _ = derive_doses(trial.protocol, people.subjects)
    course = drop_stopped(run_course(trial, people, doses, threads=threads))
    if lost is not None:
        course = replace(course, status=np.where(lost, NOT_ENROLLED, course.status).astype(np.int8))
    return Batch(tabulate(trial, people, course), list_failures(people, course))
