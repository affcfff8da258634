"""How every command prints: data on stdout, words and issues on stderr, and how it ends."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stromal.errors import InvalidInput, Issue

DONE, STUDY_HAS_ERRORS = 0, 1


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
        say(count_issues(error.issues))
        if as_json:
            print_json({"issues": [plain_issue(issue) for issue in error.issues]})
        return STUDY_HAS_ERRORS
    except OSError as error:
        reason = error.strerror or str(error)
        place = f" {error.filename}" if error.filename else ""
        print_issues([Issue(f"reading or writing{place} failed: {reason}")])
        return STUDY_HAS_ERRORS
    return DONE


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


def count_issues(issues: tuple[Issue, ...]) -> str:
    """Return how many errors, warnings and notes there are, in words.

    Examples
    --------
    >>> count_issues((Issue("no such folder"),))
    '1 error'
    """
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
