"""Every back end is right whatever the size of a state, by default, and says where it is not."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.special import lambertw
from scipy.stats import gamma

from stromal.kernels.door import Accuracy, Read, Schedule, Work
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solve import solve
from stromal.kernels.timeline import Dose
from stromal.kernels.trace import Trace
from stromal.models.parse import read_model

SMALL_CELL = """
    S = 5e-13; P = 0; E = 1e-15; V = 5e-12
    kcat = 600; Km = 0.1
    S' = -kcat*E*(S/V)/(Km + S/V)
    P' = kcat*E*(S/V)/(Km + S/V)
"""
RTOL = 1e-4


@cache
def _compile(text, outputs, dosed=()):
    return compile_kernel(read_model(text), outputs=outputs, dosed=dosed, prune=False)


def _run(back_end, text, outputs, times, **options):
    kernel = _compile(text, tuple(outputs), tuple(options.pop("dosed", ())))
    return solve(
        kernel,
        None,
        Read(times),
        schedule=Schedule(doses=options.get("doses")),
        accuracy=Accuracy(atol=options.get("atol"), precision=back_end.precision),
        work=Work(backend=back_end.name),
    )


def michaelis(t):
    """What is left of an amount that an enzyme takes up, in closed form."""
    s0, km, speed = 5e-13 / 5e-12, 0.1, 600 * 1e-15 / 5e-12
    return 5e-12 * km * np.real(lambertw(s0 / km * np.exp((s0 - speed * t) / km)))


def test_amounts_of_a_small_cell(back_end):
    found = _run(back_end, SMALL_CELL, ["S"], [0, 5, 10]).output("S")[0]
    # 5e-13, 3.3465e-15 and 8.351e-18
    assert found == pytest.approx(michaelis(np.array([0.0, 5.0, 10.0])), rel=5e-3)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_amounts_in_another_unit_are_the_same_patient(back_end, scale):
    plain, scaled = (
        _run(
            back_end,
            f"""
            depot = {one}; central = 0; deep = 0; cells = {3 * one}
            depot' = -2*depot
            central' = 2*depot - 0.5*central - 0.3*central + 0.1*deep
            deep' = 0.3*central - 0.1*deep
            cells' = 0.2*cells*(1 - cells/{5 * one}) - 0.4*cells*central/(central + {0.2 * one})
            """,
            ["central", "deep", "cells"],
            range(0, 31, 3),
        ).values[0]
        / one
        for one in (1.0, scale)
    )
    assert scaled == pytest.approx(plain, rel=20 * RTOL, abs=1e-6)


@pytest.mark.parametrize("length", [3, 10, 50])
def test_a_chain_of_empty_compartments_fills(back_end, length):
    rate = length / 5
    lines = ["A0 = 1", f"A0' = -{rate}*A0"]
    lines += [f"A{i} = 0; A{i}' = {rate}*A{i - 1} - {rate}*A{i}" for i in range(1, length)]
    times = np.array([0.0, 1.0, 3.0, 5.0, 8.0, 20.0])
    last = f"A{length - 1}"
    found = _run(back_end, "; ".join(lines), [last], times)
    exact = gamma.pdf(times, length, scale=1 / rate) / rate
    assert not found.failed.any()
    assert found.output(last)[0] == pytest.approx(exact, abs=5 * RTOL * exact.max())


def test_a_fast_state_that_begins_empty(back_end):
    text = "D = 1; C = 0; D' = -0.1*D; C' = 1e3*D - 1e6*C"
    found = _run(back_end, text, ["C"], [0, 1, 10])
    assert found.output("C")[0, 1:] == pytest.approx(1e-3 * np.exp([-0.1, -1.0]), rel=5 * RTOL)


@pytest.mark.parametrize("fall", [8, 18, 26, 40])
def test_a_tumour_comes_back_from_what_is_left_of_it(back_end, fall):
    # killed for ten days, e^-fall of it left: from 1e11 cells to 4e-7 of one
    text = f"""
        tumour = 1e11; kill = {fall / 10 + 0.5}
        tumour' = 0.5*tumour - kill*tumour
        at time >= 10: kill = 0
    """
    times = np.array([0.0, 10.0, 20.0, 40.0])
    found = _run(back_end, text, ["tumour"], times)
    logs = np.where(times <= 10, -fall / 10 * times, -fall + 0.5 * (times - 10))
    assert np.log(found.output("tumour")[0] / 1e11) == pytest.approx(logs, abs=5e-3)
    assert found.patients()["note"].to_list() == [None]


def test_a_tumour_that_comes_back_from_below_a_given_tolerance_says_so(back_end):
    text = "tumour = 1e3; kill = 3; tumour' = (1 - kill)*tumour; at time >= 10: kill = 0"
    found = _run(back_end, text, ["tumour"], [0, 40], atol=1e-3)
    place = found.states.index("tumour")
    assert found.traces[0, place] == Trace.CAME_BACK
    assert "tumour grew again" in found.patients()["note"][0]


def test_what_lies_below_a_given_tolerance_throughout_says_so(back_end):
    found = _run(back_end, SMALL_CELL, ["S", "P"], [0, 10], atol=1e-7)
    assert found.traces.tolist() == [[Trace.NEVER_SEEN, Trace.NEVER_SEEN]]
    assert "S below its absolute tolerance throughout" in found.patients()["note"][0]


def test_a_dose_brings_a_drug_back_and_nothing_is_said(back_end):
    text = "drug = 0; cells = 1; drug' = -5*drug; cells' = 0.1*cells - drug*cells"
    doses = [Dose(1.0, "drug", 3.0), Dose(25.0, "drug", 3.0)]
    found = _run(back_end, text, ["drug"], [0, 25, 26], doses=doses, dosed=("drug",))
    assert found.output("drug")[0, 1:] == pytest.approx([3.0, 3 * np.exp(-5)], rel=20 * RTOL)
    assert found.patients()["note"].to_list() == [None]


def test_nothing_all_life_long_is_nothing(back_end):
    found = _run(back_end, "x = 0; y = 1; x' = -x; y' = -y", ["x", "y"], [0, 5])
    assert found.output("x")[0].tolist() == [0.0, 0.0]
    assert not found.failed.any()


def test_rounding_of_flows_that_should_be_equal_is_not_followed(back_end):
    text = """
        P = 5; C = 5; k = 0.8; I = 0
        P' = k*P*(5/C)^0.17 - k*P; C' = k*P - k*C
        I' = 0.3*(C - 5) + 0.1*(P - C) - 1e-3*I
    """
    found = _run(back_end, text, ["I"], [0, 300])
    limit = 1e-2 if back_end.precision == "f32" else 1e-11
    assert abs(found.output("I")[0, 1]) < limit
    assert found.steps[0] < 200


def test_a_given_tolerance_is_the_callers(back_end):
    # far above the state, so that no step is ever held up
    loose = _run(back_end, "x = 1; x' = -x", ["x"], [0, 20], atol=1e6)
    tight = _run(back_end, "x = 1; x' = -x", ["x"], [0, 20], atol={"x": 1e-12})
    assert loose.steps[0] < 12 < tight.steps[0]
