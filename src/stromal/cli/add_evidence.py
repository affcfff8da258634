"""What `stromal evidence add` does: a study joins a record, and what changes is told."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from stromal.cli.printing import guard, plain_issue, print_issues, print_json, say
from stromal.evidence.add import Added, add_study


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


def _added(done: Added) -> dict[str, Any]:
    return {
        "record": None if done.folder is None else str(done.folder),
        "rows": {name: frame.to_dicts() for name, frame in done.rows.items()},
        "issues": [plain_issue(issue) for issue in done.issues],
        "changes": [{"before": one.before, "after": one.after} for one in done.changes],
    }
