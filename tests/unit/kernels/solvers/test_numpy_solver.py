"""The back end in NumPy: what is asked of it besides the contract of `test_problem.py`."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from tests.unit.kernels.solvers.programs import decay, run


def test_nothing_is_compiled():
    code = "import sys, stromal.kernels.solvers.numpy_solver; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "False"


def test_the_caller_keeps_warnings_of_its_own():
    before = np.geterr()
    run("numpy", decay, [[1e4, 1.0]], [0, 1])
    assert np.geterr() == before


def test_what_is_given_is_not_written_to():
    parameters = np.array([[1.0, 2.0]])
    parameters.setflags(write=False)
    times = np.array([0.0, 1.0])
    times.setflags(write=False)
    run("numpy", decay, parameters, times)
    assert parameters.tolist() == [[1.0, 2.0]]
