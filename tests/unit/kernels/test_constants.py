"""A scenario with other fixed values is the same text, and gives the numbers that it should."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.kernels.backends import why_not
from stromal.kernels.door import Read, Work
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solve import solve
from stromal.models.parse import read_model

TEXT = """
x = 2; y = 0; k = 0.5; v = 3; h = 2; m = 1; s = 0; t1 = 4;
x' = -k*x + s; y' = v*x^h/(m^h + x^h) - y + piecewise(1, x > t1, 0);
"""


def compiled(**fixed):
    return compile_kernel(read_model(TEXT), outputs=["x", "y"], vary=["s"], fixed=fixed)


def test_other_values_are_the_same_functions():
    kernels = [compiled(k=value, v=2 * value) for value in (0.3, 0.7)]
    assert len({kernel.program.text_digest for kernel in kernels}) == 1
    assert kernels[0].parameters == kernels[1].parameters == ("s",)
    assert kernels[1].hidden == {"k": 0.7, "v": 1.4}


@pytest.mark.parametrize("fixed", [{"h": 3.0}, {"k": 0.0}, {"t1": 5.0}])
def test_exponents_zeros_and_conditions_stay_in_the_text(fixed):
    assert not compiled(**fixed).hidden
    assert compiled(**fixed).program.text_digest != compiled().program.text_digest


@pytest.mark.parametrize("backend", ["numpy", "scalar", "lanes"])
def test_scenarios_give_the_closed_form(backend):
    if reason := why_not(backend):
        pytest.skip(f"{backend}: {reason}")
    times = [0.0, 1.0, 5.0]
    for k in (0.3, 0.7):
        solution = solve(compiled(k=k), {"s": [0.0, 1.0]}, Read(times), work=Work(backend=backend))
        for patient, s in enumerate((0.0, 1.0)):
            expected = s / k + (2.0 - s / k) * np.exp(-k * np.array(times))
            np.testing.assert_allclose(solution.output("x")[patient], expected, rtol=1e-3)
