"""Work is shared out, errors come back, and nothing goes on when it is no longer wanted."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from time import sleep

import numpy as np
import pytest

from stromal.kernels.workers import map_in_order, share_out


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
    halt, begun, ended = np.zeros(1, np.int64), [], []

    def work(part):
        begun.append(part)
        while part and not halt[0]:
            sleep(0.001)
        if part:
            sleep(0.05)
        ended.append(part)
        return part

    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        share_out(work, range(1000), threads=2, halt=halt, tell=interrupt)
    assert halt[0] == 1
    assert len(ended) == len(begun)  # and what was begun has been waited for


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_what_is_stopped_from_outside_is_never_taken_for_done(parts):
    halt = np.zeros(1, np.int64)

    def work(_):
        halt[0] = 1
        return 1

    told = []
    with pytest.raises(SystemExit):
        share_out(work, range(parts), threads=2, halt=halt, tell=told.append)
    assert told == []
    with pytest.raises(SystemExit):
        share_out(work, range(parts), threads=2, halt=np.ones(1, np.int64), tell=told.append)


def test_a_signal_that_another_thread_takes_is_seen():
    """Python looks at signals in the main thread, which waits: it has to look up now and then."""
    halt = np.zeros(1, np.int64)
    before = signal.signal(signal.SIGUSR1, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))

    def work(_):
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
        while not halt[0]:
            sleep(0.001)
        return 1

    try:
        with pytest.raises(KeyboardInterrupt):
            share_out(work, [0], threads=1, halt=halt, tell=print)
    finally:
        signal.signal(signal.SIGUSR1, before)


BEGIN = """
import atexit, os, threading, time
import numpy as np
from stromal.kernels.workers import map_in_order, share_out

halt, begun = np.zeros(1, np.int64), []

def say(word):
    os.write(1, f"{word} ".encode())

def work(part):
    say("begun")
    begun.append(part)
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
def endless():
    try:
        run("endless")
    finally:
        say("stopped")

thread = threading.Thread(target=endless, daemon=True)
atexit.register(lambda: thread.join(60))  # after the run's own, which is registered later
thread.start()
while len(begun) < 2:
    time.sleep(0.001)
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


def test_a_run_in_a_thread_that_is_left_stops_as_the_process_ends():
    said = _printed(LEFT)
    assert sorted(said) == ["begun", "begun", "left", "stopped"]
    assert said[-1] == "stopped"


def test_workers_do_not_hold_the_process():
    seen = []
    _shared(lambda _: seen.append(threading.current_thread().daemon) or 1, range(3), 2)
    assert seen == [True] * 3


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_what_is_made_side_by_side_comes_in_order(threads):
    made = map_in_order(lambda part: part * part, range(40), threads=threads)
    assert list(made) == [part * part for part in range(40)]


def test_no_more_is_made_than_is_taken_soon():
    begun = []
    made = map_in_order(lambda part: begun.append(part) or part, range(40), threads=2)
    assert next(made) == 0
    sleep(0.2)
    assert len(begun) <= 4
    made.close()
    sleep(0.2)
    assert len(begun) <= 5


def test_what_fails_is_raised_in_its_turn():
    def work(part):
        if part == 3:
            raise ValueError("the third")
        return part

    taken = []

    def take():
        for one in map_in_order(work, range(9), threads=2):
            taken.append(one)  # noqa: PERF402 - what came before the error is looked at

    with pytest.raises(ValueError, match="the third"):
        take()
    assert taken == [0, 1, 2]
