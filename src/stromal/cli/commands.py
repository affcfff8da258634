"""What commands that compute do: call the library, print what it gave, say how it ended."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stromal.cli.printing import guard, plain_issue, print_issues, print_json, say
from stromal.kernels.door import Work
from stromal.progress import show_stages
from stromal.study.library import find_studies
from stromal.study.run import analyse_study, run_study
from stromal.study.simulate import Simulated, simulate_study
from stromal.study.write import Run


def run(study: Path, output: Path | None, seed: int | None, *, as_json: bool) -> int:
    """`stromal run`: the report's path on stdout."""

    def work() -> None:
        done = _run_one(study, output, seed)
        if as_json:
            print_json(_summary(done))
        else:
            sys.stdout.write(f"{done.folder / 'report.html'}\n")

    return guard(work, as_json=as_json)


def demo(output: Path | None, seed: int | None, *, as_json: bool) -> int:
    """`stromal demo`: the path of each shipped study's report on stdout."""

    def work() -> None:
        runs = []
        for study in find_studies(with_patients=True):
            runs.append(_run_one(study, output / study.name if output else None, seed))
            if not as_json:
                sys.stdout.write(f"{runs[-1].folder / 'report.html'}\n")
        if as_json:
            print_json([_summary(run) for run in runs])

    return guard(work, as_json=as_json)


def analyse(study: Path, output: Path | None, seed: int | None, *, as_json: bool) -> int:
    """`stromal analyse`: the estimates on stdout, as CSV or JSON."""

    def work() -> None:
        with show_stages(study.name) as progress:
            done = analyse_study(study, output, seed=seed, progress=progress)
        print_issues(done.issues)
        say(f"written to {done.folder}")
        if as_json:
            print_json(_summary(done))
        else:
            sys.stdout.write((done.folder / "estimates.csv").read_text("utf-8"))

    return guard(work, as_json=as_json)


def simulate(study: Path, output: Path | None, asked: Mapping[str, Any], *, as_json: bool) -> int:
    """`stromal simulate`: the folder of the patients on stdout."""

    def work() -> None:
        done = simulate_study(study, output, **asked, work=Work(progress=True))
        print_issues(done.issues)
        for line in say_simulated(done):
            say(line)
        if as_json:
            print_json(_simulated(done))
        else:
            sys.stdout.write(f"{done.folder}\n")

    return guard(work, as_json=as_json)


def say_simulated(done: Simulated) -> tuple[str, ...]:
    """Return what was simulated, in sentences.

    Who could not be simulated to the end is counted: no number is of them.
    """
    numbering = done.trial.numbering
    trials = f"{numbering.replicates} trial{'s' if numbering.replicates > 1 else ''}"
    lines = [f"{done.patients} patients in {trials} of {numbering.trial}, seed {done.trial.seed}"]
    if done.failed:
        lines.append(f"{done.failed} have no numbers; failures.csv says why")
    lines.append("simulated by research software: not for treating patients")
    return tuple(lines)


def _simulated(done: Simulated) -> dict[str, Any]:
    return {
        "study": done.study,
        "folder": str(done.folder),
        "patients": done.patients,
        "failed": done.failed,
        "issues": [plain_issue(issue) for issue in done.issues],
        "predictions": done.predictions.to_dicts(),
    }


def _run_one(study: Path, output: Path | None, seed: int | None) -> Run:
    with show_stages(study.name) as progress:
        done = run_study(study, output, seed=seed, progress=progress)
    print_issues(done.issues)
    return done


def _summary(run: Run) -> dict[str, Any]:
    report = run.folder / "report.html"
    return {
        "study": run.study,
        "folder": str(run.folder),
        "report": str(report) if report.exists() else None,
        "issues": [plain_issue(issue) for issue in run.issues],
        "estimates": run.estimates.to_dicts(),
    }
