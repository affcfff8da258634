"""Progress in words and numbers."""

from __future__ import annotations

from stromal.kernels.progress import Clock, Progress


def test_nothing_done_says_no_rate():
    progress = Progress(0, 10, 0.0)
    assert (progress.rate, progress.seconds_left) == (0.0, float("inf"))
    assert str(progress) == "0 of 10 patients"


def test_patients_done_before_are_not_in_the_rate():
    progress = Progress(done=60, total=100, seconds=2.0, before=40)
    assert (progress.rate, progress.seconds_left) == (10.0, 4.0)


def test_clock_counts_up():
    told = []
    clock = Clock(10, told.append)
    clock.skip(4)
    clock.count(6)
    assert [(one.done, one.before, one.total) for one in told] == [(4, 4, 10), (10, 4, 10)]
    assert told[1].seconds >= told[0].seconds >= 0
