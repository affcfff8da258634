"""Kaplan-Meier, log-rank and Cox on many patients beside R survival, lifelines and scikit-survival.

CPU time, the least of three turns, of tables in memory; equal numbers, or the benchmark stops.
`--rows 1000000` is the full run; `--times continuous` has no ties.
"""

from __future__ import annotations

import argparse
import importlib
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import machine
import numpy as np
import polars as pl

from stromal.estimates.cox import fit_cox
from stromal.estimates.kaplan_meier import estimate_survival
from stromal.estimates.log_rank import compare_survival

TASKS = ("Kaplan-Meier", "log-rank", "Cox")
TOLERANCE = {"Kaplan-Meier": 1e-8, "log-rank": 1e-8, "Cox": 1e-7}
ASKED = np.arange(50.0, 1500.0, 50.0)
"""Days on which curves are compared."""

NEAR = {"precision": 1e-10, "r_precision": 1e-14}
"""What lifelines is asked for."""

FAR = {("lifelines", "Cox"): 1e-6}
"""Where a peer stays further from R than we do, whatever it is asked for."""

SLOW = 20.0
"""Seconds beyond which a task has one turn only."""

MOST = {("scikit-survival", "Cox"): 20_000, ("lifelines", "Cox"): 1_000_000}
"""Rows up to which a peer is asked; beyond, it takes many minutes."""

SCRIPT = """
suppressMessages(library(survival))
arguments <- commandArgs(TRUE)
rows <- read.csv(arguments[1])
rows$arm <- factor(rows$arm)
asked <- as.numeric(strsplit(arguments[2], ",")[[1]])
least <- function(task) {
  times <- numeric()
  for (turn in 1:3) {
    gc(FALSE)
    times <- c(times, sum(system.time(found <- task())[c(1, 2)]))
    if (times[turn] > 20) break
  }
  list(min(times), found)
}
km <- least(function() survfit(Surv(day, status) ~ 1, data = rows))
test <- least(function() survdiff(Surv(day, status) ~ arm, data = rows))
cox <- least(function() coxph(Surv(day, status) ~ arm + age, data = rows))
curve <- summary(km[[2]], times = asked, extend = TRUE)
say <- function(name, time, numbers) {
  cat(sprintf('{"task": "%s", "cpu": %.6f, "numbers": [%s]}\\n', name, time,
    paste(sprintf("%.17g", numbers), collapse = ", ")))
}
say("Kaplan-Meier", km[[1]], c(curve$surv, curve$std.err))
say("log-rank", test[[1]], c(test[[2]]$chisq, test[[2]]$exp))
say("Cox", cox[[1]], c(coef(cox[[2]]), sqrt(diag(vcov(cox[[2]])))))
cat(as.character(packageVersion("survival")), "\\n")
"""


@dataclass(frozen=True)
class Patients:
    """One row per patient, as each engine wants it."""

    outcomes: pl.DataFrame
    covariates: pl.DataFrame

    @property
    def arm(self) -> pl.Series:
        return self.covariates["arm"]

    @property
    def day(self) -> np.ndarray:
        return self.outcomes["day"].to_numpy()

    @property
    def status(self) -> np.ndarray:
        return self.outcomes["status"].to_numpy()


@dataclass(frozen=True)
class Answer:
    """CPU seconds of a task, and the numbers that must agree; None where it was not asked."""

    cpu: float | None
    numbers: Sequence[float] = ()


def draw_patients(rows: int, times: str, seed: int = 1) -> Patients:
    """Two arms, ages in whole years, exponential times, follow-up of up to 1500 days.

    Continuous times are rounded to 1e-5 days: R takes for equal what differs by less than half of
    that.
    """
    rng = np.random.default_rng(seed)
    arm, age = rng.integers(0, 2, rows), rng.integers(18, 80, rows)
    hazard = np.exp(-0.3 * arm + 0.02 * (age - 50)) / 600
    event, left = rng.exponential(1 / hazard), rng.uniform(0, 1500, rows)
    day = np.minimum(event, left)
    day = np.ceil(day) if times == "days" else np.round(day, 5) + 1e-5
    covariates = pl.DataFrame(
        {"arm": pl.Series(["control", "msc"]).gather(arm), "age": age.astype(np.float64)}
    )
    return Patients(pl.DataFrame({"day": day, "status": (event <= left).astype(int)}), covariates)


def cpu_seconds(task: Callable[[], Sequence[float]]) -> Answer:
    """Least CPU time of three turns."""
    times: list[float] = []
    numbers: Sequence[float] = ()
    for _ in range(3):
        begun = time.process_time()
        numbers = task()
        times.append(time.process_time() - begun)
        if times[-1] > SLOW:
            break
    return Answer(min(times), numbers)


def read_curve(days: np.ndarray, values: np.ndarray) -> list[float]:
    """Values of a step function on the days that are compared."""
    return values[np.searchsorted(days, ASKED, side="right") - 1].tolist()


def ask_ours(patients: Patients) -> dict[str, Answer]:
    """The three tasks by this project."""

    def curve() -> Sequence[float]:
        table = estimate_survival(patients.outcomes).table
        return read_curve(table["day"].to_numpy(), table["probability"].to_numpy())

    def test() -> Sequence[float]:
        found = compare_survival(patients.outcomes, patients.arm)
        return [found.statistic, *found.expected]

    def cox() -> Sequence[float]:
        found = fit_cox(patients.outcomes, patients.covariates).effects
        return [each.coefficient for each in found] + [each.error for each in found]

    return {name: cpu_seconds(task) for name, task in zip(TASKS, (curve, test, cox), strict=True)}


def ask_r(patients: Patients) -> tuple[str, dict[str, Answer]]:
    """The three tasks by R survival, in one process of its own; reading the file is not counted."""
    if shutil.which("Rscript") is None:
        return "R survival, not installed", {}
    with tempfile.TemporaryDirectory() as folder:
        path, script = Path(folder) / "rows.csv", Path(folder) / "script.R"
        patients.outcomes.hstack(patients.covariates).write_csv(path)
        script.write_text(SCRIPT, "utf-8")
        asked = ",".join(f"{day:g}" for day in ASKED)
        done = subprocess.run(
            ["Rscript", "--vanilla", str(script), str(path), asked],
            capture_output=True,
            text=True,
            check=True,
        )
    *lines, last = done.stdout.strip().splitlines()
    found = {row["task"]: Answer(row["cpu"], row["numbers"]) for row in map(json.loads, lines)}
    return f"R survival {last.strip()}", found


def ask_lifelines(patients: Patients) -> tuple[str, dict[str, Answer]]:
    """The three tasks by lifelines."""
    try:
        lifelines = importlib.import_module("lifelines")
    except ImportError:
        return "lifelines, not installed", {}
    statistics = importlib.import_module("lifelines.statistics")
    day, status = patients.day, patients.status
    arm = (patients.arm == "msc").to_numpy()
    frame = patients.outcomes.with_columns(arm=arm.astype(float), age=patients.covariates["age"])
    columns = {name: frame[name].to_numpy() for name in frame.columns}
    table = importlib.import_module("pandas").DataFrame(columns)

    def curve() -> Sequence[float]:
        found = lifelines.KaplanMeierFitter().fit(day, status).survival_function_
        return read_curve(found.index.to_numpy(), found.iloc[:, 0].to_numpy())

    def test() -> Sequence[float]:
        return [statistics.multivariate_logrank_test(day, arm, status).test_statistic]

    def cox() -> Sequence[float]:
        found = lifelines.CoxPHFitter().fit(table, "day", "status", fit_options=NEAR)
        names = ["arm", "age"]
        return [*found.params_[names], *found.standard_errors_[names]]

    name = f"lifelines {version('lifelines')}"
    return name, ask("lifelines", day.size, (curve, test, cox))


def ask_scikit_survival(patients: Patients) -> tuple[str, dict[str, Answer]]:
    """The three tasks by scikit-survival."""
    try:
        nonparametric = importlib.import_module("sksurv.nonparametric")
    except ImportError:
        return "scikit-survival, not installed", {}
    compare = importlib.import_module("sksurv.compare")
    models = importlib.import_module("sksurv.linear_model")
    util = importlib.import_module("sksurv.util")
    happened, day = patients.status == 1, patients.day
    y = util.Surv.from_arrays(happened, day)
    arm = (patients.arm == "msc").to_numpy().astype(float)
    x = np.column_stack([arm, patients.covariates["age"].to_numpy()])

    def curve() -> Sequence[float]:
        days, values, _ = nonparametric.kaplan_meier_estimator(happened, day, conf_type="log-log")
        return read_curve(np.append(0.0, days), np.append(1.0, values))

    def test() -> Sequence[float]:
        return [compare.compare_survival(y, arm)[0]]

    def cox() -> Sequence[float]:
        return models.CoxPHSurvivalAnalysis(ties="efron", tol=1e-12).fit(x, y).coef_.tolist()

    name = f"scikit-survival {version('scikit-survival')}"
    return name, ask("scikit-survival", day.size, (curve, test, cox))


def ask(peer: str, rows: int, tasks: Sequence[Callable[[], Sequence[float]]]) -> dict[str, Answer]:
    """Time the tasks of a peer, but for those that would take many minutes."""
    return {
        name: cpu_seconds(task) if rows <= MOST.get((peer, name), rows) else Answer(None)
        for name, task in zip(TASKS, tasks, strict=True)
    }


def line(*cells: object) -> None:
    """Print a row of the table."""
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def differ(engine: str, task: str, ours: Answer, theirs: Answer) -> float:
    """Largest relative difference of the numbers that both give; where it is large, stop."""
    pairs = list(zip(ours.numbers, theirs.numbers, strict=False))
    largest = max(abs(one - other) / max(abs(other), 1e-12) for one, other in pairs)
    if largest > FAR.get((engine.partition(" ")[0], task), TOLERANCE[task]):
        raise SystemExit(f"{engine}, {task}: numbers differ by {largest:.1e}")
    return largest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--times", choices=("days", "continuous"), default="days")
    options = parser.parse_args()
    print(machine.describe())
    print(f"{options.rows:,} rows, times: {options.times}; load {machine.load()}")
    patients = draw_patients(options.rows, options.times)
    ours = ask_ours(patients)
    line("engine", "task", "CPU s", "times stromal", "largest difference")
    line(*["---"] * 5)
    for task in TASKS:
        line("stromal", task, f"{ours[task].cpu:.3f}", 1, "")
    for asked in (ask_r, ask_lifelines, ask_scikit_survival):
        name, answers = asked(patients)
        for task, answer in answers.items():
            if answer.cpu is None:
                line(name, task, "not asked", "", "")
                continue
            ratio = answer.cpu / ours[task].cpu
            apart = differ(name, task, ours[task], answer)
            line(name, task, f"{answer.cpu:.2f}", f"{ratio:.1f}", f"{apart:.0e}")
    again = ask_ours(patients)
    spread = ", ".join(f"{task} {again[task].cpu:.3f}" for task in TASKS)
    print(f"stromal once more at the end: {spread}")


if __name__ == "__main__":
    main()
