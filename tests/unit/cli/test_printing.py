import json
import sys

import pytest

from stromal.cli.printing import (
    DONE,
    STUDY_HAS_ERRORS,
    count_issues,
    guard,
    plain_issue,
    print_json,
)
from stromal.errors import InvalidInput, Issue, Severity

ISSUE = Issue("4 of 3 patients", table="x.csv", row=2, column="events", hint="look again")


def _fail(error):
    def work():
        raise error

    return work


def test_work_that_ends_is_done(capsys):
    assert guard(lambda: print_json({"a": 1}), as_json=True) == DONE
    assert json.loads(capsys.readouterr().out) == {"a": 1}


@pytest.mark.parametrize("as_json", [True, False])
def test_wrong_inputs_are_listed_and_counted(capsys, as_json):
    assert guard(_fail(InvalidInput([ISSUE])), as_json=as_json) == STUDY_HAS_ERRORS
    told = capsys.readouterr()
    assert "error: x.csv row 2 column events: 4 of 3 patients" in told.err
    assert told.err.endswith("1 error\n")
    assert bool(told.out) is as_json


def test_a_disk_that_fails_is_an_issue(capsys):
    failed = OSError(28, "No space left on device", "runs/1")
    assert guard(_fail(failed), as_json=False) == STUDY_HAS_ERRORS
    assert "runs/1 failed: No space left on device" in capsys.readouterr().err


def test_a_reader_who_has_seen_enough_is_no_error(monkeypatch):
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    assert guard(_fail(BrokenPipeError()), as_json=False) == DONE
    sys.stdout.close()


def test_issues_are_counted_by_severity():
    note = Issue("so so", severity=Severity.NOTE)
    assert count_issues((ISSUE, ISSUE, note)) == "2 errors, 1 note"
    assert count_issues(()) == "no issues"


def test_an_issue_is_plain_values():
    assert plain_issue(ISSUE)["row"] == 2
    assert plain_issue(ISSUE)["severity"] == "error"
