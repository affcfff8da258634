"""Formulas that are sound where a part of them is not, on every back end: powers at 0, pieces."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.kernels.door import Accuracy, Read, Work
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solve import solve
from stromal.kernels.status import Status
from stromal.models.parse import read_model

# Savic's transit absorption in logarithms; the witness is SciPy's Radau at 1e-11
SAVIC = """
depot = 0; cen = 0; cl = 17.2; vc = 45.1; ka = 0.38; mtt = 0.37; n = 20.1; D = 20
k := cl/vc
ktr := (n+1)/mtt
lf := 0.9189385332046727 + (n+0.5)*ln(n) - n + ln(1 + 1/(12*n))
depot' = exp(ln(D) + ln(ktr) + n*ln(ktr*time) - ktr*time - lf) - ka*depot
cen' = ka*depot - k*cen
"""
GUARDED = """
on = 1; a = 2; b = 3; A = 1
q := piecewise(a, on > 0, 0)
r := piecewise(b/q, on > 0, 0)
A' = -0.5*A + r
"""
# ln(x) at 0, 0/0 and a root of a negative number, in pieces within pieces and in an event
PIECES = """
x = 0; y = 1; start = 2
z = piecewise(1/x, x > 0, 3)
y' = -piecewise(piecewise(ln(x), x > 5, x/x), x > 1, piecewise(sqrt(x - 1), x > 2, 0.5))*y
x' = 0
at (time > 1): y = y + piecewise(1/x, x > 0, start)
"""


def run(text, output, at, back_end, given=None):
    kernel = compile_kernel(read_model(text), outputs=[output], vary=list(given or {}))
    accuracy = Accuracy(back_end.tight, 1e-3 * back_end.tight, back_end.precision)
    found = solve(kernel, given or {}, Read([at]), accuracy=accuracy, work=Work(back_end.name))
    return found.values[:, 0, 0], found.status


@pytest.mark.parametrize(
    ("text", "output", "at", "right"),
    [
        (SAVIC, "cen", 7.0, 4.0386265),
        (GUARDED, "A", 4.0, 3 - 2 * np.exp(-2.0)),
        (PIECES, "y", 2.0, np.exp(-1.0) + 2 * np.exp(-0.5)),
        ("y = 0; y' = time^time", "y", 1.0, 0.7834305107121344),  # the sophomore's dream
        ("y = 0; y' = 0^time + 1", "y", 1.0, 1.0),
    ],
    ids=["savic", "guarded", "pieces", "sophomore", "zero"],
)
def test_a_formula_that_is_sound_runs(text, output, at, right, back_end):
    values, status = run(text, output, at, back_end)
    assert status.tolist() == [Status.DONE]
    assert values == pytest.approx([right], rel=100 * back_end.tight)


def test_a_power_of_time_starts_at_zero(back_end):
    """A Weibull hazard: S(t) = exp(-(t/td)^b), for an exponent b - 1 of 0 and more."""
    shapes = np.array([1.0, 1.5, 2.0, 2.5])
    text = "y = 1; b = 1; td = 2; y' = -y*(b/td)*(time/td)^(b-1)"
    values, status = run(text, "y", 1.0, back_end, {"b": shapes})
    assert not status.any()
    assert values == pytest.approx(np.exp(-(0.5**shapes)), rel=100 * back_end.tight)


def test_an_exponent_that_varies_gives_the_patient_of_one_that_does_not(back_end):
    """Of a base that is negative too; what has no real power has an honest status."""
    text = "y = 0; b = 2; x = -2; x' = -1; y' = x^b"
    exponents = np.array([2.0, 3.0, -2.0, 0.0, 0.5])
    values, status = run(text, "y", 1.0, back_end, {"b": exponents})
    assert values[:4] == pytest.approx([19 / 3, -65 / 4, 1 / 6, 1.0], rel=100 * back_end.tight)
    assert status[:4].tolist() == [Status.DONE] * 4
    assert status[4] == Status.NOT_FINITE
    for exponent, value in zip(exponents[:4], values, strict=False):
        fixed, _ = run(text.replace("b = 2", f"b = {exponent}"), "y", 1.0, back_end)
        assert fixed == pytest.approx([value], rel=100 * back_end.tight)


def test_a_saturable_rate_starts_from_nothing(back_end):
    """Slopes of y^h at y = 0: 1, none, and one that is infinite."""
    text = "y = 0; h = 1; y' = 1 - y^h/(1 + y^h)"
    values, status = run(text, "y", 1.0, back_end, {"h": np.array([1.0, 2.0, 0.5])})
    # y + y^(h + 1)/(h + 1) = t, which has these roots at t = 1
    assert not status.any()
    for h, y in zip((1.0, 2.0, 0.5), values, strict=True):
        assert y + y ** (h + 1) / (h + 1) == pytest.approx(1.0, rel=100 * back_end.tight)
