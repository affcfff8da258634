"""Work is shared out, errors come back, and nothing goes on when it is no longer wanted."""

from __future__ import annotations

import subprocess
import sys
import threading
from time import sleep

import numpy as np
import pytest

from stromal.kernels.workers import share_out


def _shared(work, parts, threads, halt=None):
    told = []
    halt = np.zeros(1, np.int64) if halt is None else halt
    share_out(work, parts, threads=threads, halt=halt, tell=told.append)
    return told


@pytest.mark.parametrize("threads", [1, 2, 7, 500])
def test_every_part_is_worked_on_once(threads):
    assert sorted(_shared(lambda part: part, range(300), threads)) == list(range(300))


def test_nothing_to_do():
    assert _shared(lambda part: part, [], 4) == []


def test_parts_begin_in_order():
    begun = []
    _shared(lambda part: begun.append(part) or 1, range(50), 1)
    assert begun == list(range(50))


def test_parts_are_worked_on_side_by_side():
    both = threading.Barrier(2, timeout=60)
    assert _shared(lambda _: both.wait() * 0 + 1, range(2), 2) == [1, 1]


@pytest.mark.parametrize("threads", [1, 3])
def test_an_error_comes_back_and_stops_the_others(threads):
    halt, begun = np.zeros(1, np.int64), []

    def work(part):
        begun.append(part)
        if part == 5:
            raise ValueError("part 5")
        while part > 5 and not halt[0]:
            sleep(0.001)
        return 1

    with pytest.raises(ValueError, match="part 5"):
        _shared(work, range(10_000), threads, halt)
    assert halt[0] == 1
    assert len(begun) < 10


def test_an_interruption_while_waiting_stops_the_work():
    halt, ended = np.zeros(1, np.int64), []

    def work(part):
        while part and not halt[0]:
            sleep(0.001)
        ended.append(part)
        return part

    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        share_out(work, range(1000), threads=2, halt=halt, tell=interrupt)
    assert halt[0] == 1
    assert sorted(ended) in ([0], [0, 1], [0, 1, 2])  # and what was begun has been waited for


BEGIN = """
import os, threading, time
import numpy as np
from stromal.kernels.workers import share_out

halt = np.zeros(1, np.int64)

def say(word):
    os.write(1, f"{word} ".encode())

def work(part):
    say("begun")
    while part == "endless" and not halt[0]:
        time.sleep(0.001)
    return 1

def run(part):
    share_out(work, [part] * 3, threads=2, halt=halt, tell=lambda _: say("told"))
"""

LATE = """
def late():
    threading.main_thread().join()
    run("short")
threading.Thread(target=late).start()
"""

LEFT = """
threading.Thread(target=run, args=["endless"], daemon=True).start()
time.sleep(0.2)
say("left")
"""


def _printed(text):
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + text],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


def test_workers_can_be_had_after_the_main_thread_has_ended():
    assert sorted(_printed(LATE)) == ["begun"] * 3 + ["told"] * 3


def test_a_run_in_a_thread_that_is_left_does_not_hold_the_process():
    assert "left" in _printed(LEFT)
