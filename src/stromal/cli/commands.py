"""What each command does: call the library, print what it gave, say how it ended."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from stromal.errors import InvalidInput, Issue, has_errors
from stromal.evidence.add import Added, add_study
from stromal.kernels.door import Work
from stromal.progress import show_stages
from stromal.study.library import find_studies
from stromal.study.read import check_study
from stromal.study.run import analyse_study, run_study
from stromal.study.simulate import Simulated, simulate_study
from stromal.study.write import Run

DONE, STUDY_HAS_ERRORS = 0, 1


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
        lines.append(f"{done.failed} were not simulated to the end; failures.csv says why")
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


def check(study: Path, *, as_json: bool) -> int:
    """`stromal check`: every issue on stdout."""
    issues: tuple[Issue, ...] = ()

    def work() -> None:
        nonlocal issues
        issues = check_study(study)
        if as_json:
            print_json({"issues": [plain_issue(issue) for issue in issues]})
        else:
            for issue in issues:
                sys.stdout.write(f"{issue.severity}: {issue}\n")
            say(_count(issues))

    ended = guard(work, as_json=as_json)
    return STUDY_HAS_ERRORS if has_errors(issues) else ended


def add_evidence(form: Path, record: Path | None, *, as_json: bool) -> int:
    """`stromal evidence add`: every pooled number that changes on stdout, before and after."""

    def work() -> None:
        done = add_study(form, record)
        print_issues(done.issues)
        say(str(done))
        if as_json:
            print_json(_added(done))
        else:
            for change in done.changes:
                sys.stdout.write(f"{change}\n")

    return guard(work, as_json=as_json)


def _run_one(study: Path, output: Path | None, seed: int | None) -> Run:
    with show_stages(study.name) as progress:
        done = run_study(study, output, seed=seed, progress=progress)
    print_issues(done.issues)
    return done


def guard(work: Callable[[], None], *, as_json: bool) -> int:
    """Do the work; what is wrong with its inputs is listed, never thrown at the user."""
    try:
        work()
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough (`stromal analyse ... | head -1`).
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  (open to the end)
    except InvalidInput as error:
        print_issues(error.issues)
        say(_count(error.issues))
        if as_json:
            print_json({"issues": [plain_issue(issue) for issue in error.issues]})
        return STUDY_HAS_ERRORS
    except OSError as error:
        reason = error.strerror or str(error)
        place = f" {error.filename}" if error.filename else ""
        print_issues([Issue(f"reading or writing{place} failed: {reason}")])
        return STUDY_HAS_ERRORS
    return DONE


def _summary(run: Run) -> dict[str, Any]:
    report = run.folder / "report.html"
    return {
        "study": run.study,
        "folder": str(run.folder),
        "report": str(report) if report.exists() else None,
        "issues": [plain_issue(issue) for issue in run.issues],
        "estimates": run.estimates.to_dicts(),
    }


def _added(done: Added) -> dict[str, Any]:
    return {
        "record": None if done.folder is None else str(done.folder),
        "rows": {name: frame.to_dicts() for name, frame in done.rows.items()},
        "issues": [plain_issue(issue) for issue in done.issues],
        "changes": [{"before": one.before, "after": one.after} for one in done.changes],
    }


def plain_issue(issue: Issue) -> dict[str, Any]:
    """Return an issue as plain values."""
    return {
        "severity": str(issue.severity),
        "table": issue.table,
        "row": issue.row,
        "column": issue.column,
        "message": issue.message,
        "hint": issue.hint,
    }


def print_issues(issues: tuple[Issue, ...] | list[Issue]) -> None:
    """Print issues on stderr, each with its severity."""
    for issue in issues:
        say(f"{issue.severity}: {issue}")


def _count(issues: tuple[Issue, ...]) -> str:
    counts = dict.fromkeys(("error", "warning", "note"), 0)
    for issue in issues:
        counts[issue.severity] += 1
    said = [f"{n} {name}{'' if n == 1 else 's'}" for name, n in counts.items() if n]
    return ", ".join(said) or "no issues"


def print_json(value: Any) -> None:  # noqa: ANN401  (anything that JSON can hold)
    """Print a value as JSON on stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def say(text: str) -> None:
    """Print words on stderr."""
    sys.stderr.write(text + "\n")
