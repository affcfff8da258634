"""Speed and memory, printed and never asserted: start, a study, endpoints, estimators and peers."""

from __future__ import annotations

import importlib
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import stats

from stromal.endpoints.registry import ENDPOINTS
from stromal.estimates.cumulative_incidence import estimate_cumulative_incidence
from stromal.estimates.kaplan_meier import estimate_survival
from stromal.estimates.log_rank import compare_survival
from stromal.estimates.proportion import estimate_proportion
from stromal.study.library import find_study
from stromal.tables.patients import Patients

PATIENTS = 2000
AGREEMENT = 1e-8
DAYS = (-3.0, 0.0, 7.0, 14.0, 21.0, 28.0, 60.0, 100.0)
# What the rules need beyond their defaults.
PARAMETERS = {
    "acute_gvhd_grade": {"day": 28},
    "acute_gvhd_response": {"day": 28, "baseline_day": 0},
    "cytopenia_grade": {"lineage": "neutropenia"},
    "cytopenia_pattern": {"pattern": "prolonged"},
    "lab_value": {"analyte": "platelets", "day": 28},
    "primary_graft_failure": {"graft": "bone marrow"},
    "time_to_event": {"events": ["relapse"]},
}


STUDY = str(find_study("itp-dose").resolve())

COMMAND = """
import sys
from stromal.cli.main import app
app({words!r}, standalone_mode=False)
"""
# Linux alone counts the peak of a process apart from that of the process that started it.
MEMORY = """
import pathlib, re, sys
status = pathlib.Path("/proc/self/status")
found = re.findall(r"VmHWM:\\s+(\\d+)", status.read_text()) if status.exists() else []
sys.stderr.write(f"\\n{found[0] if found else 0}\\n")
"""


def seconds(task: Callable[[], object], repeats: int = 3) -> float:
    """Median wall time of a task after one run to warm up."""
    task()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def draw_patients(n: int) -> Patients:
    """Patients with counts, organ stages and events on a schedule; the numbers mean nothing."""
    rng = np.random.default_rng(1)
    ids = [f"p{number}" for number in range(n)]
    visits = pl.DataFrame({"subject": ids}).join(pl.DataFrame({"day": DAYS}), how="cross")
    labs = visits.join(
        pl.DataFrame({"analyte": ["platelets", "neutrophils"], "unit": ["10^9/L"] * 2}), how="cross"
    )
    labs = labs.with_columns(value=pl.Series(rng.gamma(2.0, 40.0, labs.height)))
    organs = pl.DataFrame({"item": ["skin", "liver", "upper_gi", "lower_gi"]})
    stages = visits.join(organs, how="cross").with_columns(scale=pl.lit("acute_gvhd_stage"))
    drawn = rng.integers(0, 2, stages.height)
    stages = stages.with_columns(value=pl.Series(drawn).cast(pl.String))
    last = rng.exponential(400.0, n) + 1.0
    events = pl.DataFrame(
        {
            "subject": ids,
            "day": last,
            "event": rng.choice(["death", "relapse", "last_follow_up"], n),
        }
    )
    subjects = pl.DataFrame(
        {"subject": ids, "arm": "all", "first_day": DAYS[0], "last_day": last + 1.0}
    )
    return Patients.of(subjects=subjects, labs=labs, assessments=stages, events=events)


def bench_start() -> None:
    """Import, command line and a whole study, each in a fresh interpreter; memory at its peak."""
    for label, code in (
        ("interpreter alone", "pass"),
        ("import stromal", "import stromal"),
        ("stromal --help", COMMAND.format(words=["--help"])),
        ("stromal check itp-dose", COMMAND.format(words=["check", STUDY])),
        ("stromal run itp-dose", COMMAND.format(words=["run", STUDY])),
    ):
        command = [sys.executable, "-c", f"{code}\n{MEMORY}"]
        peaks: list[str] = []

        def task(command: list[str] = command, peaks: list[str] = peaks) -> None:
            with tempfile.TemporaryDirectory() as folder:
                done = subprocess.run(
                    command, cwd=folder, capture_output=True, check=True, text=True
                )
            peaks.append(done.stderr.splitlines()[-1])

        took = seconds(task)
        print(f"{label:40} {took:8.3f} s {max(map(int, peaks)) / 1024:8.0f} MiB")


def bench_endpoints() -> None:
    """Patients per second of every rule of the registry."""
    patients = draw_patients(PATIENTS)
    for name, endpoint in ENDPOINTS.items():
        parameters = endpoint.read_parameters(PARAMETERS.get(name, {}))
        took = seconds(lambda e=endpoint, p=parameters: e.derive(patients, p))
        print(f"{name:40} {PATIENTS / took:8.0f} patients/s")


@dataclass(frozen=True)
class Race:
    """One estimate by us and by a named peer: what to run, and the numbers that must agree."""

    name: str
    peer: str
    ours: Callable[[], Sequence[float]]
    theirs: Callable[[], Sequence[float]]


def draw_races() -> tuple[Race, ...]:
    """The same estimates by us and by lifelines or scipy, on patients drawn once."""
    rng = np.random.default_rng(2)
    days = rng.exponential(300.0, PATIENTS).round() + 1.0
    status = rng.integers(0, 2, PATIENTS)
    group = rng.integers(0, 3, PATIENTS)
    # lifelines moves tied times apart at random, so that only times without ties can agree.
    apart = rng.permutation(PATIENTS) + 1.0
    cause = rng.integers(0, 3, PATIENTS)
    one = pl.DataFrame({"day": days, "status": status})
    groups = pl.Series(group).cast(pl.String)
    competing = pl.DataFrame({"day": apart, "status": cause})
    events = int(status.sum())
    lifelines = importlib.import_module("lifelines")
    statistics_ = importlib.import_module("lifelines.statistics")

    def survival() -> Sequence[float]:
        return estimate_survival(one).table["probability"].to_list()

    def their_survival() -> Sequence[float]:
        fitted = lifelines.KaplanMeierFitter().fit(days, status)
        return tuple(fitted.survival_function_.iloc[:, 0])

    def incidence() -> Sequence[float]:
        return estimate_cumulative_incidence(competing, 1).table["probability"].to_list()

    def their_incidence() -> Sequence[float]:
        fitted = lifelines.AalenJohansenFitter(calculate_variance=True)
        fitted.fit(apart, cause, event_of_interest=1)
        return tuple(fitted.cumulative_density_.iloc[:, 0])

    def their_log_rank() -> Sequence[float]:
        tested = statistics_.multivariate_logrank_test(days, group, status)
        return tested.test_statistic, tested.p_value

    def their_interval() -> Sequence[float]:
        return tuple(stats.binomtest(events, PATIENTS).proportion_ci(method="exact"))

    def log_rank() -> Sequence[float]:
        tested = compare_survival(one, groups)
        return tested.statistic, tested.p_value

    def interval() -> Sequence[float]:
        share = estimate_proportion(events, PATIENTS)
        return share.low, share.high

    return (
        Race(
            "Kaplan-Meier",
            "lifelines",
            survival,
            their_survival,
        ),
        Race("log-rank, 3 groups", "lifelines", log_rank, their_log_rank),
        Race(
            "cumulative incidence",
            "lifelines",
            incidence,
            their_incidence,
        ),
        Race("Clopper-Pearson", "scipy", interval, their_interval),
    )


def bench_estimators() -> None:
    """Estimators beside named peers in the same run; a ratio only at equal results."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for race in draw_races():
            ours, theirs = race.ours(), race.theirs()
            if not np.allclose(ours, theirs, rtol=0, atol=AGREEMENT):
                raise SystemExit(f"{race.name}: {race.peer} gives other numbers")
            ours, theirs = seconds(race.ours), seconds(race.theirs)
            print(
                f"{race.name:40} {ours * 1e3:8.2f} ms   {race.peer} {theirs * 1e3:.2f} ms, "
                f"{theirs / ours:.1f} times ours"
            )


if __name__ == "__main__":
    bench_start()
    bench_endpoints()
    bench_estimators()
