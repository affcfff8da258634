"""A virtual trial end to end: patients per second, peak memory, and the share of each stage.

    python benchmarks/virtual_trial.py [PATIENTS] [CHUNK]

Patients of `cart-cytopenia` are drawn, dosed, solved over 180 days, observed on a ward's schedule
of some 35 counts of four analytes, scored by every endpoint of the study, and estimated, chunk by
chunk. Times are those of the processor, so that a busy machine does not count. Printed and never
asserted.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from stromal.endpoints.derive import derive_outcomes
from stromal.simulate import rounds
from stromal.simulate.population import draw_people
from stromal.simulate.rounds import drop_stopped, run_course
from stromal.simulate.schedule import derive_doses
from stromal.simulate.tables import tabulate
from stromal.study.predict import predict
from stromal.study.read import read_study
from stromal.study.simulate import CHUNK, prepare_study

STUDY = Path(__file__).resolve().parents[1] / "studies" / "cart-cytopenia"


class Stages:
    """CPU time of each stage, added up over chunks."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        begun = time.process_time()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - begun


def count_solving(stages: Stages) -> Callable[[], None]:
    """Time the solver apart from the decisions around it; returns what takes the clock off."""
    plain = rounds.solve

    def timed(*given: object, **named: object) -> object:
        with stages.stage("solve"):
            return plain(*given, **named)

    rounds.solve = timed

    def stop() -> None:
        rounds.solve = plain

    return stop


def main(patients: int, chunk: int) -> None:
    """Run a trial of so many patients in each of the two arms' worth and print a table."""
    stages = Stages()
    with stages.stage("read, compile"):
        study = read_study(STUDY)
        trial = prepare_study(study, patients=max(patients // 2, 1), replicates=1)
    stop = count_solving(stages)
    total = trial.numbering.total
    subjects, outcomes = [], []
    begun, wall = time.process_time(), time.perf_counter()
    for first in range(0, total, chunk):
        members = trial.numbering.members(first, min(first + chunk, total))
        with stages.stage("draw"):
            people = draw_people(trial.cohort, trial.protocol, trial.numbering, members)
        with stages.stage("dose"):
            doses, _ = derive_doses(trial.protocol, people.subjects)
        with stages.stage("rounds"):
            course = drop_stopped(run_course(trial, people, doses, threads=None))
        with stages.stage("observe"):
            tables = tabulate(trial, people, course)
        with stages.stage("score"):
            outcomes.append(
                derive_outcomes(tables, trial.endpoints.values(), reasons=False).with_columns(
                    reason=pl.lit("simulated")
                )
            )
        subjects.append(tables.subjects)
    stop()
    with stages.stage("estimate"):
        predict(study, trial, pl.concat(subjects), pl.concat(outcomes))
    spent, wall = time.process_time() - begun, time.perf_counter() - wall
    stages.seconds["rounds"] -= stages.seconds["solve"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{total:,} patients x 180 d in chunks of {chunk:,} on {os.cpu_count()} cores: "
        f"{spent:.1f} CPU s ({wall:.1f} s), {total / spent:,.0f} patients per CPU s, peak "
        f"{peak:,.0f} MB\n"
    )
    print("| stage | CPU s | share |\n|---|---|---|")
    for name, seconds in stages.seconds.items():
        share = "" if name == "read, compile" else f"{100 * seconds / spent:.0f} %"
        print(f"| {name} | {seconds:.2f} | {share} |")


if __name__ == "__main__":
    asked = [int(word.replace(",", "")) for word in sys.argv[1:]]
    main(*(asked + [2000, CHUNK][len(asked) :]))
