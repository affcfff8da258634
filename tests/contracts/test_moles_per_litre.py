"""Published models whose amounts are 1e-9 of a mole in a litre are right by default.

The witness solves the same equations, written apart from the model's text in the unit of the paper
(nmol/L), with SciPy's Radau at tolerances near rounding; the patient is the same in mol/L.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from stromal.kernels.door import Accuracy, Read, Work
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solve import solve
from stromal.models.parse import read_model

NANO = 1e-9

# Kholodenko 2000 (Eur J Biochem 267:1583), tables 1 and 2: a cascade that swings every 20 minutes.
CASCADE = """
    K3 = 90e-9; K3p = 10e-9; K2 = 280e-9; K2p = 10e-9; K2pp = 10e-9
    K1 = 280e-9; K1p = 10e-9; K1pp = 10e-9
    v1 := 2.5e-9*K3/((1 + K1pp/9e-9)*(10e-9 + K3))
    v2 := 0.25e-9*K3p/(8e-9 + K3p)
    v3 := 0.025*K3p*K2/(15e-9 + K2)
    v4 := 0.025*K3p*K2p/(15e-9 + K2p)
    v5 := 0.75e-9*K2pp/(15e-9 + K2pp)
    v6 := 0.75e-9*K2p/(15e-9 + K2p)
    v7 := 0.025*K2pp*K1/(15e-9 + K1)
    v8 := 0.025*K2pp*K1p/(15e-9 + K1p)
    v9 := 0.5e-9*K1pp/(15e-9 + K1pp)
    v10 := 0.5e-9*K1p/(15e-9 + K1p)
    K3' = v2 - v1; K3p' = v1 - v2
    K2' = v6 - v3; K2p' = v3 - v4 + v5 - v6; K2pp' = v4 - v5
    K1' = v10 - v7; K1p' = v7 - v8 + v9 - v10; K1pp' = v8 - v9
"""

# Mager and Jusko 2001 (J Pharmacokinet Pharmacodyn 28:507), the general model of disposition that
# its target mediates, with a dose far above and at the end far below what the receptors bind.
BINDING = """
    drug = 500e-9; receptor = 4e-9; complex = 0
    kon = 1e8; koff = 0.1; kel = 0.02; kint = 0.05; kdeg = 0.1; ksyn = 0.4e-9
    drug' = -kel*drug - kon*drug*receptor + koff*complex
    receptor' = ksyn - kdeg*receptor - kon*drug*receptor + koff*complex
    complex' = kon*drug*receptor - (koff + kint)*complex
"""


def _cascade(_, y):
    k3, k3p, k2, k2p, k2pp, k1, k1p, k1pp = y
    up3 = 2.5 / (1 + k1pp / 9) * k3 / (10 + k3) - 0.25 * k3p / (8 + k3p)
    first2, second2 = (0.025 * k3p * free / (15 + free) for free in (k2, k2p))
    back2, last2 = (0.75 * bound / (15 + bound) for bound in (k2pp, k2p))
    first1, second1 = (0.025 * k2pp * free / (15 + free) for free in (k1, k1p))
    back1, last1 = (0.5 * bound / (15 + bound) for bound in (k1pp, k1p))
    up2, up2p = first2 - last2, second2 - back2
    up1, up1p = first1 - last1, second1 - back1
    return [-up3, up3, -up2, up2 - up2p, up2p, -up1, up1 - up1p, up1p]


def _binding(_, y):
    drug, receptor, bound = y
    net = 0.1 * drug * receptor - 0.1 * bound
    return [-0.02 * drug - net, 0.4 - 0.1 * receptor - net, net - 0.05 * bound]


MODELS = {
    "cascade": (
        CASCADE,
        _cascade,
        {"K3": 90, "K3p": 10, "K2": 280, "K2p": 10, "K2pp": 10, "K1": 280, "K1p": 10, "K1pp": 10},
        np.arange(0, 6001, 150.0),
    ),
    "binding": (
        BINDING,
        _binding,
        {"drug": 500, "receptor": 4, "complex": 0},
        np.array([0, 0.01, 0.1, 1, 10, 100, 200, 500]),
    ),
}


@cache
def _witness(name):
    _, rates, start, times = MODELS[name]
    span = (0.0, times[-1])
    return solve_ivp(rates, span, list(start.values()), "Radau", times, rtol=1e-11, atol=1e-13).y


@pytest.mark.parametrize("name", MODELS)
def test_in_moles_per_litre(back_end, name):
    text, _, start, times = MODELS[name]
    kernel = compile_kernel(read_model(text), outputs=list(start), prune=False)
    found = solve(
        kernel,
        None,
        Read(times),
        accuracy=Accuracy(precision=back_end.precision),
        work=Work(backend=back_end.name),
    )
    exact = _witness(name)
    assert not found.failed.any()
    for place, state in enumerate(start):
        least = 1e-3 * np.abs(exact[place]).max()
        scale = np.maximum(np.abs(exact[place]), least)
        error = np.abs(found.output(state)[0] / NANO - exact[place]) / scale
        assert error.max() < 5e-3, state
