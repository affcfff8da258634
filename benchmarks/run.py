"""Speed, printed and never asserted: import, command line, endpoints, estimators against a peer."""

from __future__ import annotations

import importlib
import importlib.util
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np
import polars as pl

from stromal.endpoints.registry import ENDPOINTS
from stromal.estimates.kaplan_meier import estimate_survival
from stromal.tables.patients import Patients

PATIENTS = 2000
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


HELP = """
import sys
from stromal.cli.main import main
sys.argv = ["stromal", "--help"]
main()
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
    """Import and command line, each in a fresh interpreter."""
    for label, code in (
        ("interpreter alone", "pass"),
        ("import stromal", "import stromal"),
        ("stromal --help", HELP),
    ):
        command = [sys.executable, "-c", code]
        took = seconds(
            lambda command=command: subprocess.run(command, capture_output=True, check=False)
        )
        print(f"{label:40} {took:8.3f} s")


def bench_endpoints() -> None:
    """Patients per second of every rule of the registry."""
    patients = draw_patients(PATIENTS)
    for name, endpoint in ENDPOINTS.items():
        parameters = endpoint.read_parameters(PARAMETERS.get(name, {}))
        took = seconds(lambda e=endpoint, p=parameters: e.derive(patients, p))
        print(f"{name:40} {PATIENTS / took:8.0f} patients/s")


def bench_estimators() -> None:
    """Kaplan-Meier beside lifelines, where that is installed."""
    rng = np.random.default_rng(2)
    days = rng.exponential(300.0, PATIENTS).round() + 1.0
    status = rng.integers(0, 2, PATIENTS)
    outcomes = pl.DataFrame({"day": days, "status": status})
    ours = seconds(lambda: estimate_survival(outcomes))
    print(f"{'Kaplan-Meier, ' + str(PATIENTS) + ' patients':40} {ours * 1e3:8.2f} ms")
    if importlib.util.find_spec("lifelines") is None:
        print(f"{'lifelines':40} {'absent':>8}")
        return
    fitter = importlib.import_module("lifelines").KaplanMeierFitter
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = seconds(lambda: fitter().fit(days, status))
    print(f"{'lifelines':40} {theirs * 1e3:8.2f} ms, {theirs / ours:.1f} times ours")


if __name__ == "__main__":
    bench_start()
    bench_endpoints()
    bench_estimators()
