"""The first step is short enough for what begins at zero, however long the run is.

A drug that is infused and binds its target at once, in runs of a day to a thousand years: a first
step that suits the length of the run is far too long for the binding.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solve import solve
from stromal.kernels.timeline import Dose
from stromal.models.parse import read_model
from tests.flat import grouped

TIMES = np.array([0.3, 1.0, 10.0, 100.0])
BINDING = """
    A = 0; B = 0; C = 0; a = 1; b = 0.7; k = 100
    A' = a - k*A*B - 0.2*A; B' = b - k*A*B - 0.1*B; C' = k*A*B - 0.1*C
"""
TARGET = """
    C = 0; R = 5; CR = 0; P = 0; k = 30
    C' = -0.05*C - k*C*R + 0.05*CR - 0.2*C + 0.14*P
    R' = 1.8 - 0.2*R - k*C*R + 0.05*CR
    CR' = k*C*R - 0.05*CR - 0.02*CR
    P' = 0.2*C - 0.14*P
"""


def right(rates, first, until, **options):
    found = solve_ivp(
        rates, (0.0, until), first, "Radau", rtol=1e-9, atol=1e-13, dense_output=True, **options
    )
    return found.sol


@pytest.mark.parametrize("length", [1e2, 4e5])
def test_all_begins_at_zero(back_end, length):
    kernel = compile_kernel(read_model(BINDING), outputs=["A", "B", "C"], vary=["k"])
    constants = [1.0, 100.0, 1e4]
    asked = grouped(times=[*TIMES, length], **back_end.options)
    found = solve(kernel, {"k": constants}, **asked)
    assert not found.failed.any()
    for k, values in zip(constants, found.values, strict=True):

        def rates(_, y, k=k):
            meet = k * y[0] * y[1]
            return [1 - meet - 0.2 * y[0], 0.7 - meet - 0.1 * y[1], meet - 0.1 * y[2]]

        wanted = right(rates, [0.0, 0.0, 0.0], 100.0)(TIMES).T
        assert values[:4] == pytest.approx(wanted, abs=1e-3 * wanted.max())


@pytest.mark.parametrize("length", [4e5])
def test_an_infusion_meets_its_target(back_end, length):
    kernel = compile_kernel(
        read_model(TARGET), outputs=["C", "R", "CR", "P"], vary=["k"], dosed=["C"]
    )
    schedule = {"doses": [Dose(0.0, "C", 20.0, duration=1.0)], **back_end.options}
    constants = [3.0, 300.0]
    found = solve(kernel, {"k": constants}, **grouped(times=[*TIMES, length], **schedule))
    assert not found.failed.any()
    for k, values in zip(constants, found.values, strict=True):

        def rates(time, y, k=k):
            bound, lost = k * y[0] * y[1] - 0.05 * y[2], 0.2 * y[0] - 0.14 * y[3]
            into = 20.0 if time < 1.0 else 0.0
            return [
                into - 0.05 * y[0] - bound - lost,
                1.8 - 0.2 * y[1] - bound,
                bound - 0.02 * y[2],
                lost,
            ]

        during = right(rates, [0.0, 5.0, 0.0, 0.0], 1.0 - 1e-12)
        after = solve_ivp(
            lambda t, y, f=rates: f(t + 1.0, y),
            (0.0, 99.0),
            during(1.0 - 1e-12),
            "Radau",
            rtol=1e-9,
            atol=1e-13,
            dense_output=True,
        ).sol
        wanted = np.array([during(t) if t < 1.0 else after(t - 1.0) for t in TIMES])
        assert values[:4] == pytest.approx(wanted, abs=1e-3 * wanted.max())
