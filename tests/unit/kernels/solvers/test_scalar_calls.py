"""Functions called by their address."""

from __future__ import annotations

import numpy as np
from tests.unit.kernels.solvers.programs import functions_of, refilled

from stromal.kernels.solvers import scalar_calls


def test_each_place_has_its_function():
    program = functions_of("scalar", refilled).addresses
    c, y, f, w = np.zeros(3), np.zeros(2), np.zeros(2), np.zeros(2)
    scalar_calls.constants(program, np.array([0.5, 3.0]), c)
    assert c.tolist() == [0.5, 3.0, 4.0]
    scalar_calls.initial(program, c, y)
    assert y.tolist() == [1.0, 0.0]
    scalar_calls.rates(program, y, c, f)
    assert f.tolist() == [-0.5, 1.0]
    f[:] = 0
    scalar_calls.factor(program, y, c, 1.5, f, w)
    assert (f.tolist(), w.tolist()) == ([-0.5, 1.0], [0.5, 1 / 1.5])
    x = np.array([2.0, 3.0])
    scalar_calls.resolve(program, w, x)
    assert x.tolist() == [1.0, 2.0]
    o = np.zeros(1)
    scalar_calls.observe(program, np.array([7.0, 0.0]), c, o)
    assert o[0] == 7.0
    scalar_calls.jump(program, 1, np.array([9.0, 4.0]), c, x)
    assert x.tolist() == [3.0, 4.0]
