"""A virtual trial end to end: patients per second, peak memory, and the share of each stage.

    python benchmarks/virtual_trial.py [PATIENTS ...]     whole trials, each in its own process
    python benchmarks/virtual_trial.py --stages PATIENTS  the share of each stage, one after another

Patients of `cart-cytopenia` are drawn, dosed, solved over 180 days, observed on a ward's schedule
of some 35 counts of four analytes, scored by every endpoint of the study, and estimated, chunk by
chunk. Times are those of the processor, so that a busy machine does not count. Printed and never
asserted.
"""

from __future__ import annotations

import os
import resource
import subprocess
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
from stromal.study.simulate import CHUNK, prepare_study, score_all

SIZES = (10_000, 30_000, 100_000)

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


def run_whole(patients: int) -> None:
    """Run a trial of so many patients from its folder to its estimates and print a row."""
    begun = time.perf_counter()
    study = read_study(STUDY)
    trial = prepare_study(study, patients=max(patients // 2, 1), replicates=1)
    found = ((one.batch.patients.subjects, one.outcomes) for one in score_all(trial))
    predict(study, trial, found)
    wall, used = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF)
    spent, total = used.ru_utime + used.ru_stime, trial.numbering.total
    print(
        f"| {total:,} | {wall:.1f} | {spent:.1f} | {total / spent:,.0f} "
        f"| {used.ru_maxrss / 1024:,.0f} | {os.getloadavg()[0]:.1f} |",
        flush=True,
    )


def run_stages(patients: int) -> None:
    """Run a trial chunk by chunk, one stage after another, and print what each took."""
    stages = Stages()
    with stages.stage("read, compile"):
        study = read_study(STUDY)
        trial = prepare_study(study, patients=max(patients // 2, 1), replicates=1)
    stop = count_solving(stages)
    total = trial.numbering.total
    parts = []
    begun = time.process_time()
    for first in range(0, total, CHUNK):
        members = trial.numbering.members(first, min(first + CHUNK, total))
        with stages.stage("draw, dose"):
            people = draw_people(trial.cohort, trial.protocol, trial.numbering, members)
            doses, _ = derive_doses(trial.protocol, people.subjects)
        with stages.stage("rounds: doses, decisions"):
            course = drop_stopped(run_course(trial, people, doses, threads=1))
        with stages.stage("observe"):
            tables = tabulate(trial, people, course)
        with stages.stage("score"):
            outcomes = derive_outcomes(tables, trial.endpoints.values(), reasons=False)
            parts.append((tables.subjects, outcomes.with_columns(reason=pl.lit("simulated"))))
    stop()
    with stages.stage("estimate"):
        predict(study, trial, parts)
    spent = time.process_time() - begun
    stages.seconds["rounds: doses, decisions"] -= stages.seconds["solve"]
    print(f"{total:,} patients x 180 d: {total / spent:,.0f} patients per CPU s\n")
    print("| stage | CPU s | share |\n|---|---|---|")
    for name, seconds in stages.seconds.items():
        share = "" if name == "read, compile" else f"{100 * seconds / spent:.0f} %"
        print(f"| {name} | {seconds:.2f} | {share} |")


def main(words: list[str]) -> None:
    """Run what is asked for; each size in a process of its own, whose memory is measured."""
    if words[:1] == ["--whole"]:
        run_whole(int(words[1]))
    elif words[:1] == ["--stages"]:
        run_stages(int(words[1]))
    else:
        print("| patients | wall, s | CPU, s | patients per CPU s | peak, MB | load |")
        print("|---|---|---|---|---|---|", flush=True)
        for size in [int(word.replace(",", "")) for word in words] or SIZES:
            command = [sys.executable, __file__, "--whole", str(size)]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
