"""Small models as modellers write them that once gave a wrong number, or none, with no word of it.

Each is solved as it stands, with nothing said of tolerances, on every back end of this machine. The
expected values are closed forms, or SciPy's Radau at 1e-11 run from switch to switch.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from stromal.kernels.backends import why_not
from stromal.kernels.door import Accuracy, Read, Schedule, Work
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.reducers import Area, Maximum, Minimum
from stromal.kernels.solve import solve
from stromal.kernels.timeline import Dose
from stromal.models.parse import read_model

FOLDER = Path(__file__).parent / "engine"
BACK_ENDS = [
    ("numpy", "f64"),
    ("scalar", "f64"),
    ("lanes", "f64"),
    ("lanes", "f32"),
    ("gpu", "f64"),
]

VALUES = [
    ("small_cell.ant", "S", 5, 3.3465e-15),
    ("small_cell.ant", "S", 10, 8.351e-18),
    ("cycle_day.ant", "A", 3, 5 * (1 - np.exp(-3))),
    ("cycle_day.ant", "A", 21, 5 * (1 - np.exp(-3)) * np.exp(-18)),
    ("cycle_day.ant", "A", 171, 5 * (1 - np.exp(-3)) / (1 - np.exp(-21))),
    ("regular_doses_next.ant", "C", 100, 2.87797),
    ("scaled_trigger.ant", "A", 2, 2.72119),
    ("guarded_division.ant", "A", 4, 2.72933),
    ("guarded_division.ant", "r", 4, 1.5),
    ("savic_log.ant", "cen", 7, 4.0386),
    ("layout_level2.xml", "A", 1, 6.06531),
    ("strict_trigger.ant", "A", 2, 1.0),
    ("strict_trigger.ant", "A", 2.001, 5.0),
    ("body_weight.ant", "Cp", 4, 5 * np.exp(-1.2)),
    ("body_weight.ant", "Cl", 4, (28 - 14 * np.exp(-1.2)) / 1.4),
    ("compartment_event.ant", "S", 10, 6 / 2),
    ("compartment_event.ant", "S", 12, 6 / 10.2),
    ("moving_volume.xml", "Y", 3, 0.5 * np.exp(-0.9) / 5),
    ("moving_volume.xml", "Z", 3, 0.5 / 5),
    ("switch_at_zero.ant", "S", 0.05, 10 - 145 * 0.05),
]


@pytest.fixture(params=BACK_ENDS, ids="-".join)
def back_end(request):
    name, _ = request.param
    reason = why_not(name)
    if reason is not None:
        pytest.skip(f"{name}: {reason}")
    return request.param


@cache
def _compile(file, output, dosed=()):
    return compile_kernel(read_model(FOLDER / file), outputs=[output], dosed=dosed)


def _solve(back_end, file, output, times, reducers=(), doses=None):
    name, precision = back_end
    dosed = tuple(dict.fromkeys(dose.state for dose in doses or ()))
    return solve(
        _compile(file, output, dosed),
        None,
        Read(times, reducers),
        schedule=Schedule(doses=doses),
        accuracy=Accuracy(precision=precision),
        work=Work(backend=name),
    )


@pytest.mark.parametrize(("file", "output", "time", "value"), VALUES)
def test_values(back_end, file, output, time, value):
    found = _solve(back_end, file, output, [0, time])
    assert not found.failed.any(), found.patients()["status"].to_list()
    # the last of many digits lost is that of an amount that has fallen by five orders
    assert found.output(output)[0, 1] == pytest.approx(value, rel=5e-3)


def test_an_infusion_of_three_hours_is_not_stepped_over(back_end):
    found = _solve(back_end, "infusion_window.ant", "C", [0, 60], [Minimum("C")])
    assert found.reduced["minimum(C)"][0] == pytest.approx(2.30690, rel=2e-3)
    at_nadir = _solve(back_end, "infusion_window.ant", "C", [0, 28.62])
    assert at_nadir.output("C")[0, 1] == pytest.approx(2.30690, rel=2e-3)


def test_a_pulse_of_an_hour_comes_every_day(back_end):
    found = _solve(back_end, "daily_pulse.ant", "A", [0, 480], [Area("A"), Maximum("A")])
    assert found.reduced["area(A)"][0] == pytest.approx(100, rel=1e-3)
    assert found.reduced["maximum(A)"][0] == pytest.approx(3.16060, rel=1e-3)


def test_infusions_that_overlap_are_two_doses(back_end):
    doses = [Dose(0, "A", 100, duration=10), Dose(1, "A", 50, duration=5)]
    found = _solve(back_end, "infusion_rate.ant", "A", [0, 6, 10, 15], doses=doses)
    assert found.output("A")[0, 1:] == pytest.approx([84.46577, 89.58709, 54.33732], rel=1e-3)


IN_SIMULATOR = """
import json
import math
import sys
from pathlib import Path
import numpy as np
import sympy  # before mathematics is changed, which it uses

# where a device gives no number, Python raises, also in a piece that is not taken
np.seterr(all="ignore")
for name in ("log", "sqrt", "exp"):
    setattr(math, name, lambda x, of=getattr(np, name): float(of(np.float64(x))))

from stromal.kernels.door import Read
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.run import pose_run
from stromal.kernels.solvers import cuda_solver
from stromal.models.parse import read_model

found = []
for file, output, time in json.loads(sys.argv[1]):
    kernel = compile_kernel(read_model(Path(file)), outputs=[output], slopes=False)
    problem = pose_run(kernel, None, Read([0.0, time])).problem
    answer = cuda_solver.integrate(cuda_solver.load_functions(kernel.program), problem)
    found.append([int(answer.status[0]), float(answer.values[0, 1, 0])])
print(json.dumps(found))
"""


def test_values_in_the_simulator_of_cuda():
    asked = [[str(FOLDER / file), output, time] for file, output, time, _ in VALUES]
    done = subprocess.run(
        [sys.executable, "-c", IN_SIMULATOR, json.dumps(asked)],
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [status for status, _ in found] == [0] * len(VALUES)
    assert [value for _, value in found] == pytest.approx([case[3] for case in VALUES], rel=5e-3)
