"""Sensitivities against closed forms, central differences and SciPy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.integrate import solve_ivp
from tests.flat import grouped
from tests.unit.kernels.examples import TWO_COMPARTMENTS, derive

from stromal.errors import InvalidInput
from stromal.kernels.door import Read, Schedule
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.sensitivity import derive_sensitivities
from stromal.kernels.solve import solve
from stromal.kernels.timeline import Jump
from stromal.models.derive import derive_odes
from stromal.models.model import RATE_OF, symbol
from stromal.models.parse import read_model

TIGHT = {"rtol": 1e-9, "atol": 1e-12, "backend": "numpy"}
TIMES = np.linspace(0.0, 12.0, 25)
DOSES = pl.DataFrame({"day": [1.0, 4.0], "state": ["drug", "drug"], "amount": [6.0, 3.0]})
HITS = pl.DataFrame({"day": [2.0], "state": ["cells"], "factor": [0.3]})
PARAMETERS = {"ke": 0.4, "kill": 0.3, "kgrow": 0.1, "kin": 0.2}
WANTED = ["share", "cells", "drug"]


@pytest.fixture(scope="module")
def solved():
    kernel = compile_kernel(
        derive(TWO_COMPARTMENTS),
        outputs=WANTED,
        vary=list(PARAMETERS),
        dosed=["drug"],
        sensitivities=[*PARAMETERS, "cells"],
    )
    return solve(kernel, PARAMETERS, **grouped(times=TIMES, doses=DOSES, jumps=HITS, **TIGHT))


@pytest.fixture(scope="module")
def plain():
    return compile_kernel(
        derive(TWO_COMPARTMENTS), outputs=WANTED, vary=list(PARAMETERS), dosed=["drug", "cells"]
    )


@pytest.mark.parametrize("to", PARAMETERS)
def test_central_differences(solved, plain, to):
    step = 1e-4 * PARAMETERS[to]
    values = {name: [value, value] for name, value in PARAMETERS.items()}
    values[to] = [PARAMETERS[to] - step, PARAMETERS[to] + step]
    pair = solve(plain, values, **grouped(times=TIMES, doses=DOSES, jumps=HITS, **TIGHT))
    for output in WANTED:
        difference = np.diff(pair.output(output), axis=0)[0] / (2 * step)
        scale = np.abs(difference).max()
        found = solved.output(f"d({output})/d({to})")[0]
        assert found == pytest.approx(difference, abs=2e-6 * scale + 1e-7)


def test_initial_states(solved, plain):
    step = 1e-4
    shifted = [
        solve(
            plain,
            PARAMETERS,
            **grouped(
                times=TIMES,
                doses=pl.concat(
                    [DOSES, pl.DataFrame({"day": [0.0], "state": ["cells"], "amount": [by]})]
                ),
                jumps=HITS,
                **TIGHT,
            ),
        ).output("share")[0]
        for by in (-step, step)
    ]
    difference = (shifted[1] - shifted[0]) / (2 * step)
    assert solved.output("d(share)/d(cells)")[0] == pytest.approx(difference, abs=1e-6)


def test_against_scipy_on_the_variational_equations():
    text = "x = 2; y = 0; a = 0.7; b = 0.3; x' = -a * x; y' = a * x - b * y^2;"
    kernel = compile_kernel(derive(text), outputs=["y"], sensitivities=["a", "b"])
    found = solve(kernel, None, **grouped(times=TIMES, **TIGHT))

    def slope(_, s):
        x, y, xa, ya, xb, yb = s
        a, b = 0.7, 0.3
        return [
            -a * x,
            a * x - b * y**2,
            -a * xa - x,
            a * xa + x - 2 * b * y * ya,
            -a * xb,
            a * xb - 2 * b * y * yb - y**2,
        ]

    witness = solve_ivp(slope, (0, 12), [2, 0, 0, 0, 0, 0], "DOP853", TIMES, rtol=1e-11, atol=1e-13)
    assert found.output("d(y)/d(a)")[0] == pytest.approx(witness.y[3], abs=1e-8)
    assert found.output("d(y)/d(b)")[0] == pytest.approx(witness.y[5], abs=1e-8)


def test_doses_add_nothing_and_jumps_multiply():
    text = "x = 1; k = 0.5; x' = -k * x;"
    kernel = compile_kernel(derive(text), outputs=["x"], vary=["k"], sensitivities=["k"])
    doses = pl.DataFrame({"day": [1.0], "state": ["x"], "amount": [3.0]})
    hits = pl.DataFrame({"day": [2.0], "state": ["x"], "factor": [0.25]})
    found = solve(
        kernel, {"k": 0.5}, **grouped(times=[1.0, 2.0, 3.0], doses=doses, jumps=hits, **TIGHT)
    )
    # x = e^-kt, then + 3 e^-k(t-1) from day 1, all by 1/4 from day 2
    at = {1.0: -np.exp(-0.5)}
    at[2.0] = 0.25 * (-2 * np.exp(-1.0) - 3 * np.exp(-0.5))
    at[3.0] = 0.25 * (-3 * np.exp(-1.5) - 3 * 2 * np.exp(-1.0))
    assert found.output("d(x)/d(k)")[0] == pytest.approx(list(at.values()), rel=1e-8)


def test_a_jump_of_some_patients_multiplies_their_sensitivities_alone():
    text = "x = 1; k = 0.5; x' = -k * x;"
    kernel = compile_kernel(derive(text), outputs=["x"], vary=["k"], sensitivities=["k"])
    hits = [Jump(2.0, "x", 0.25, patients=[1])]
    found = solve(kernel, {"k": [0.5, 0.5]}, **grouped(times=[3.0], jumps=hits, **TIGHT))
    assert found.output("d(x)/d(k)")[:, 0] == pytest.approx(
        [-3 * np.exp(-1.5), -0.75 * np.exp(-1.5)], rel=1e-8
    )


def test_a_change_whose_time_is_a_parameter():
    text = "x = 1; k = 0.5; when = 2; at (time >= when): x = x + 3; x' = -k * x;"
    odes = derive(text)
    kernel = compile_kernel(odes, outputs=["x"], vary=["when"], sensitivities=["when"])
    found = solve(kernel, {"when": 2.0}, **grouped(times=[1.0, 2.0, 5.0], **TIGHT))
    # after the change x = e^-kt + 3 e^-k(t - when), whose slope to `when` is 3 k e^-k(t - when)
    expected = [0.0, 3 * 0.5, 3 * 0.5 * np.exp(-0.5 * 3.0)]
    assert found.output("d(x)/d(when)")[0] == pytest.approx(expected, abs=1e-8)


def test_a_switch_in_a_rate_whose_time_is_a_parameter():
    """An infusion from `on` to `off`: the closed form of one compartment, and its slopes."""
    text = """
        x = 0; k = 0.5; on = 2; off = 5; x' = -k*x + piecewise(3, time >= on && time < off, 0)
    """
    names = ["on", "off", "k"]
    kernel = compile_kernel(derive(text), outputs=["x"], vary=names, sensitivities=names)
    found = solve(kernel, {"on": 2.0, "off": 5.0}, **grouped(times=[1.0, 3.0, 8.0], **TIGHT))
    to_on = [0.0, -3 * np.exp(-0.5), -3 * np.exp(-3.0)]
    to_off = [0.0, 0.0, 3 * np.exp(-1.5)]
    assert found.output("d(x)/d(on)")[0] == pytest.approx(to_on, abs=1e-8)
    assert found.output("d(x)/d(off)")[0] == pytest.approx(to_off, abs=1e-8)
    # x = 6 (1 - e^-k(t - on)) during, with 6 = 3 / k
    slope = -12 * (1 - np.exp(-0.5)) + 6 * np.exp(-0.5)
    assert found.output("d(x)/d(k)")[0, 1] == pytest.approx(slope, abs=1e-8)


@pytest.mark.parametrize("backend", ["numpy", "scalar", "lanes"])
@pytest.mark.parametrize(
    "rate",
    [
        "piecewise(2*k, time < a, -k)*x + piecewise(0, 2*time <= 2*a, 1)",
        "piecewise(2, time < a, 1)*piecewise(k, 3*a <= 3*time, 2*k) - k*x",
        "piecewise(1, sin(a*time) > 0.3, 0) - k*x",
        "max(a*time, 4) + abs(time - a) - k*x",
        "piecewise(1, time^2 - a*time > k, 0) - k*x*x",
    ],
)
def test_switches_against_central_differences(rate, backend):
    """With an event at the same instant, which begins from the new rates."""
    model = derive(f"x = 1; a = 2.2; k = 0.3; x' = {rate}; at (time >= a): x = x/2 + a;")
    tight, times = TIGHT | {"backend": backend}, np.linspace(0.01, 8.01, 17)
    kernel = compile_kernel(model, outputs=["x"], vary=["a", "k"], sensitivities=["a", "k"])
    plain = compile_kernel(model, outputs=["x"], vary=["a", "k"])
    found = solve(kernel, None, **grouped(times=times, **tight))
    for name, value in (("a", 2.2), ("k", 0.3)):
        pair = solve(plain, {name: [value - 1e-5, value + 1e-5]}, **grouped(times=times, **tight))
        right = np.diff(pair.output("x"), axis=0)[0] / 2e-5
        own = found.output(f"d(x)/d({name})")[0]
        assert own == pytest.approx(right, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize(
    ("rate", "message"),
    [
        ("piecewise(1, time % a < 1, 0)", "switch at"),
        ("piecewise(1, time % 1 < a, 0)", "switch at"),
        ("piecewise(2, time < a, 1)*piecewise(2, k*time < k*a, 1)", "the switches at"),
    ],
)
def test_switches_that_cannot_be_followed_are_refused(rate, message):
    model = derive(f"x = 1; a = 2.2; k = 0.3; x' = {rate} - k*x;")
    with pytest.raises(InvalidInput, match="how is not followed") as caught:
        compile_kernel(model, outputs=["x"], vary=["a", "k"], sensitivities=["a"])
    assert message in str(caught.value)


def test_what_decides_such_a_time_cannot_change_on_the_way():
    text = "x = 1; a = 2; b = 1; x' = piecewise(1, time >= a + b, -x);"
    kernel = compile_kernel(derive(text), outputs=["x"], vary=["a", "b"], sensitivities=["a"])
    assert kernel.deciding == {"a", "b"}
    changes = pl.DataFrame({"day": [1.0], "parameter": ["b"], "value": [0.1]})
    with pytest.raises(InvalidInput, match="it decides when something happens"):
        solve(kernel, None, Read([2.0]), schedule=Schedule(parameter_changes=changes))


def test_a_parameter_in_the_initial_state():
    kernel = compile_kernel(
        derive("size = 3; k = 0.5; x = 2 * size; x' = -k * x;"),
        outputs=["x"],
        sensitivities=["size"],
    )
    found = solve(kernel, None, **grouped(times=[0.0, 2.0], **TIGHT))
    assert found.output("d(x)/d(size)")[0] == pytest.approx([2.0, 2 * np.exp(-1.0)], rel=1e-8)


def test_a_parameter_under_sensitivity_cannot_change_on_the_way():
    kernel = compile_kernel(
        derive("x = 1; k = 0.5; x' = -k * x;"), outputs=["x"], vary=["k"], sensitivities=["k"]
    )
    changes = pl.DataFrame({"day": [1.0], "parameter": ["k"], "value": [0.1]})
    with pytest.raises(InvalidInput, match="sensitivities are computed to it"):
        solve(kernel, {"k": 0.5}, Read([2.0]), schedule=Schedule(parameter_changes=changes))


def test_unknown_and_repeated_names():
    odes = derive("x = 1; k = 0.5; x' = -k * x;")
    with pytest.raises(InvalidInput) as error:
        derive_sensitivities(odes, ["z", "k", "k"])
    assert [issue.message for issue in error.value.issues][1] == "k is asked for twice"
    assert "z is neither a parameter nor a state" in error.value.issues[0].message


@pytest.mark.parametrize("backend", ["numpy", "scalar"])
def test_powers_of_a_state_that_starts_at_zero(backend):
    text = "u = 0; u' = 1; n = 1.5; y = 0; y' = u^n; p := u^n; slope := 0*p;"
    model = read_model(text)
    rules = {**model.assignment_rules, "slope": RATE_OF(symbol("p"))}
    odes = derive_odes(replace(model, assignment_rules=rules))
    kernel = compile_kernel(odes, outputs=["y", "slope"], vary=["n"], sensitivities=["n", "u"])
    t, n = np.linspace(0.0, 4.0, 9), 1.5
    found = solve(kernel, {"n": [n]}, **grouped(times=t, rtol=1e-9, atol=1e-12, backend=backend))
    log = np.log(np.where(t > 0, t, 1.0))
    wanted = {
        "y": t**2.5 / 2.5,
        "slope": n * t**0.5,
        "d(y)/d(n)": t**2.5 * (log / 2.5 - 1 / 2.5**2),
        "d(y)/d(u)": t**1.5,
        "d(slope)/d(n)": t**0.5 * (1 + n * log),
    }
    for output, values in wanted.items():
        assert found.output(output)[0] == pytest.approx(values, abs=1e-7)
