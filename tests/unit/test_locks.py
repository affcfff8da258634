"""Locks keep threads apart, and are open in a forked process."""

from __future__ import annotations

import os
import subprocess
import sys
from threading import Event, Thread

import pytest

from stromal.locks import ForkedLock

HELD = """
import os, signal, sys, threading, warnings
from contextlib import ExitStack
{imports}
held, done = threading.Event(), threading.Event()

def hold():
    with ExitStack() as stack:
        for each in ({locks},):
            stack.enter_context(each)
        held.set()
        done.wait()

{before}
thread = threading.Thread(target=hold)
thread.start()
held.wait()
warnings.simplefilter("ignore", DeprecationWarning)  # of forks where there are threads
child = os.fork()
if child == 0:
    signal.alarm(20)
    {inside}
    os._exit(0)
_, status = os.waitpid(child, 0)
done.set()
thread.join()
sys.exit(os.waitstatus_to_exitcode(status))
"""

PLAIN = {
    "imports": "from stromal.locks import ForkedLock\nlock = ForkedLock()",
    "locks": "lock",
    "before": "",
    "inside": "with lock: pass",
}

OURS = {
    "imports": """
from stromal.kernels.backends import _LOADING, find_backends
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.door import Read, Work
from stromal.kernels.solve import solve
from stromal.locks import PARSING
from stromal.models.parse import _ANTIMONY, read_model
try:
    from stromal.kernels.solvers.lanes.machine_code import _COMPILING
except ImportError:
    _COMPILING = PARSING

def run():
    kernel = compile_kernel(
        read_model("x = 1; k = 0.5; x' = -k * x;"), outputs=["x"], vary=["k"], slopes=False
    )
    for name in set(find_backends()) - {"gpu"}:
        solve(kernel, {"k": [0.5]}, Read([1.0]), work=Work(backend=name))
""",
    "locks": "*dict.fromkeys([_LOADING, PARSING, _ANTIMONY, _COMPILING])",
    "before": "find_backends()",
    "inside": "run()",
}


def test_one_thread_at_a_time():
    lock, inside = ForkedLock(), Event()

    def enter():
        with lock:
            inside.set()

    with lock:
        thread = Thread(target=enter)
        thread.start()
        assert not inside.wait(0.05)
    thread.join()
    assert inside.is_set()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("parts", [PLAIN, OURS], ids=["one lock", "every lock of the package"])
def test_what_another_thread_holds_is_open_in_a_forked_process(parts):
    ended = subprocess.run(
        [sys.executable, "-c", HELD.format(**parts)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
