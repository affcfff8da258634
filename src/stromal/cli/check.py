"""What `stromal check` does: every issue of a study, and nothing computed.

The simulator and its kernels are imported only where the protocol has a simulation to check.
"""

from __future__ import annotations

import sys
from pathlib import Path

from stromal.cli.printing import (
    STUDY_HAS_ERRORS,
    count_issues,
    guard,
    plain_issue,
    print_json,
    say,
)
from stromal.errors import InvalidInput, Issue, has_errors
from stromal.study.read import read_study


def check(study: Path, *, as_json: bool) -> int:
    """`stromal check`: every issue on stdout."""
    issues: tuple[Issue, ...] = ()

    def work() -> None:
        nonlocal issues
        issues = _find_issues(study)
        if as_json:
            print_json({"issues": [plain_issue(issue) for issue in issues]})
        else:
            for issue in issues:
                sys.stdout.write(f"{issue.severity}: {issue}\n")
            say(count_issues(issues))

    ended = guard(work, as_json=as_json)
    return STUDY_HAS_ERRORS if has_errors(issues) else ended


def _find_issues(folder: Path) -> tuple[Issue, ...]:
    """Return what `check_study` does."""
    try:
        study = read_study(folder)
    except InvalidInput as error:
        return error.issues
    if study.protocol.simulation is None:
        return study.issues
    from stromal.study.check import check_trials  # noqa: PLC0415 (it brings the simulator)

    return (*study.issues, *check_trials(study))
