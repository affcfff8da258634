"""Progress in words, in numbers and as a bar."""

from __future__ import annotations

import re

import pytest

from stromal.errors import InvalidInput
from stromal.progress import Clock, Progress, follow_patients, say_duration, show_stages


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")


def _drawn(capsys) -> str:
    """What stands on stderr, without the colours."""
    captured = capsys.readouterr()
    assert captured.out == ""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", captured.err)


def test_nothing_done_says_no_rate():
    progress = Progress(0, 10, 0.0)
    assert (progress.rate, progress.seconds_left) == (0.0, float("inf"))
    assert str(progress) == "0 of 10 patients"


def test_patients_done_before_are_not_in_the_rate():
    progress = Progress(done=60, total=100, seconds=2.0, before=40)
    assert (progress.rate, progress.seconds_left) == (10.0, 4.0)


def test_a_slow_run_still_says_its_rate():
    words = "1 of 3 patients, 0.25 per second, 8 s left"
    assert str(Progress(done=1, total=3, seconds=4.0)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 s"),
        (59.1, "1 min 0 s"),
        (3599.5, "1 h 0 min"),
        (7.5 * 3600, "7 h 30 min"),
        (float("inf"), "no end"),
    ],
)
def test_durations(seconds, words):
    assert say_duration(seconds) == words


def test_clock_counts_up():
    told = []
    clock = Clock(10, told.append)
    clock.skip(4)
    clock.glance(2)
    clock.count(6)
    seen = [(one.done, one.before, one.total) for one in told]
    assert seen == [(4, 4, 10), (6, 4, 10), (10, 4, 10)]
    assert told[2].seconds >= told[0].seconds >= 0


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("progress", [None, False])
def test_nobody_is_told(progress, capsys):
    with follow_patients(3, "decay", progress=progress) as clock:
        clock.count(3)
    assert _drawn(capsys) == ""


@pytest.mark.usefixtures("terminal")
def test_a_terminal_sees_rate_and_time_left(capsys):
    with follow_patients(4000, "decay [draft]", progress=True) as clock:
        clock.count(1000)
    drawn = _drawn(capsys)
    assert re.search(
        r"decay \[draft\]: 1,000 of 4,000 patients, [\d,]+ per second, \d+ s left", drawn
    )
    assert "━" in drawn


@pytest.mark.usefixtures("terminal")
def test_a_bar_goes_when_the_run_fails(capsys):
    with pytest.raises(ZeroDivisionError), follow_patients(4, "decay", progress=True) as clock:
        clock.count(1 // 0)
    assert _drawn(capsys).count("\n") <= 1


def test_no_bar_where_nobody_looks(capsys):
    with follow_patients(3, "decay", progress=True) as clock:
        clock.count(3)
    with show_stages("itp-dose") as tell:
        tell("reading", 0, 5)
        tell("writing", 4, 5)
    assert _drawn(capsys) == ""


@pytest.mark.usefixtures("terminal")
def test_a_terminal_sees_the_stage(capsys):
    with show_stages("itp-dose") as tell:
        tell("drawing figures", 3, 5)
    assert "itp-dose: drawing figures" in _drawn(capsys)


def test_what_cannot_be_told_is_an_issue():
    with (
        pytest.raises(InvalidInput, match="progress is 'bar'"),
        follow_patients(3, "decay", progress="bar"),
    ):
        pass
