"""Doses at steady state on every back end: closed forms, linear algebra, and libRoadRunner."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.linalg import expm

from stromal.kernels.door import Accuracy, Read, Schedule, Work
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.reducers import Area, Maximum
from stromal.kernels.solve import solve
from stromal.kernels.status import Status
from stromal.kernels.stream import solve_to_parquet
from stromal.kernels.timeline import Dose, ParameterChange
from stromal.models.parse import read_model
from tests.flat import grouped

ONE = compile_kernel(
    read_model("A = 0; ke = 0.1; A' = -ke*A;"), outputs=["A"], vary=["ke"], dosed=["A"]
)
TWO = compile_kernel(
    read_model("""
        depot = 0; central = 0; deep = 0; ka = 1; ke = 0.3; k12 = 0.2; k21 = 0.05
        depot' = -ka*depot
        central' = ka*depot - (ke + k12)*central + k21*deep
        deep' = k12*central - k21*deep
    """),
    outputs=["depot", "central", "deep"],
    vary=["ka", "k21"],
    dosed=["depot", "central"],
)
KE = np.array([2.0, 0.1, 1e-3])


def settle(back_end, kernel, parameters, doses, times, **options):
    accuracy = back_end.within(back_end.tight)
    more = {"doses": doses, **options, **accuracy}
    found = solve(kernel, parameters, **grouped(times=times, **more))
    assert not found.failed.any()
    return found.values


def test_one_compartment_given_at_once(back_end):
    dose = Dose(0, "A", [100, 50, 0], every=[8, 24, 24], fraction=0.5, steady_state=True)
    times = np.array([0.0, 3.0, 24.0])
    found = settle(back_end, ONE, {"ke": KE}, [dose], times)[:, :, 0]
    peak = np.array([50 / -np.expm1(-16.0), 25 / -np.expm1(-2.4), 0.0])
    right = peak[:, None] * np.exp(-KE[:, None] * times)
    assert found == pytest.approx(right, rel=10 * back_end.tight, abs=1e-7)


@pytest.mark.parametrize("lasts", [3.0, 8.0, 20.0])
@pytest.mark.parametrize("lag", [0.0, 5.0, 9.0])
def test_one_compartment_infused(back_end, lasts, lag):
    """Also longer than the interval, and later than the next: all doses added up, for ever."""
    times = np.linspace(0.0, 40.0, 11)
    dose = Dose(0, "A", 80, duration=lasts, every=8, count=2, lag=lag, steady_state=True)
    found = settle(back_end, ONE, {"ke": [0.1, 0.3]}, [dose], times)[:, :, 0]
    number = np.arange(-3000, 2)
    for ke, curve in zip((0.1, 0.3), found, strict=True):
        since = times[:, None] - (8.0 * number + lag)
        into = np.clip(since, 0.0, lasts)
        left = np.exp(-ke * np.maximum(since - lasts, 0.0))
        right = (80 / lasts / ke * -np.expm1(-ke * into) * left).sum(axis=1)
        assert curve == pytest.approx(right, rel=20 * back_end.tight)


def test_a_constant_infusion_ends_at_the_dose(back_end):
    dose = Dose(0, "A", 0, rate=[10.0, 10.0, 0.1], steady_state=True)
    times = np.array([0.0, 1.0, 7.0])
    found = settle(back_end, ONE, {"ke": KE}, [dose], times)[:, :, 0]
    right = (np.array([10.0, 10.0, 0.1]) / KE)[:, None] * np.exp(-KE[:, None] * times)
    assert found == pytest.approx(right, rel=10 * back_end.tight, abs=1e-6)


@pytest.mark.parametrize("state", ["depot", "central"])
def test_two_compartments_against_the_exponential_of_a_matrix(back_end, state):
    """k21 so small that the deep compartment takes hundreds of intervals to fill."""
    ka, k21 = np.array([0.7, 2.0]), np.array([0.05, 2e-4])
    times = np.linspace(0.0, 24.0, 7)
    dose = Dose(0, state, 100, duration=2, every=24, steady_state=True)
    found = settle(back_end, TWO, {"ka": ka, "k21": k21}, [dose], times)
    for patient in range(2):
        a, b = ka[patient], k21[patient]
        off = np.array([[-a, 0, 0, 0], [a, -0.5, b, 0], [0, 0.2, -b, 0], [0, 0, 0, 0]])
        on = off.copy()
        on[0 if state == "depot" else 1, 3] = 50.0
        whole = expm(22 * off) @ expm(2 * on)
        rest = np.linalg.solve(np.eye(3) - whole[:3, :3], whole[:3, 3])
        for time, values in zip(times, found[patient], strict=True):
            now = expm(max(time - 2, 0.0) * off) @ expm(min(time, 2.0) * on) @ [*rest, 1.0]
            largest = np.abs(found[patient]).max()
            assert values == pytest.approx(now[:3], rel=50 * back_end.tight, abs=1e-6 * largest)


def test_the_default_tolerance_holds(back_end):
    dose = Dose(0, "A", 100, every=8, steady_state=True)
    found = solve(ONE, {"ke": KE}, **grouped(times=[0.0, 8.0], doses=[dose], **back_end.options))
    right = 100 / -np.expm1(-8 * KE)
    assert found.output("A")[:, 0] == pytest.approx(right, rel=1e-5)


def test_what_has_no_steady_state_says_so_and_leaves_the_others_alone(back_end):
    """A drug that is used up at most so fast, of which more is given than that."""
    model = read_model("A = 0; most = 10; A' = -most*A/(5 + A);")
    kernel = compile_kernel(model, outputs=["A"], vary=["most"], dosed=["A"])
    dose = Dose(0, "A", 100, every=24, steady_state=True)
    schedule = {"doses": [dose], **back_end.options}
    found = solve(kernel, {"most": [5.0, 4.0, 10.0]}, **grouped(times=[0.0, 24.0], **schedule))
    assert found.status.tolist() == [Status.DONE, Status.NO_STEADY_STATE, Status.DONE]
    assert np.isnan(found.values[1]).all()
    note = found.patients()["note"].to_list()
    assert note[0] is None
    assert "stopped before the first time" in note[1]
    # time to fall from the peak to the trough: 5 log(peak / trough) + 100 = most * 24
    right = 100 + 100 / np.expm1((np.array([5.0, 10.0]) * 24 - 100) / 5)
    assert found.output("A")[[0, 2], 0] == pytest.approx(right, rel=1e-5)


def test_same_to_the_bit_in_any_chunk_and_on_any_thread(back_end):
    random = np.random.default_rng(5)
    count = 12
    every = np.where(np.arange(count) % 3, 24.0, 12.0)
    doses = [
        Dose(0, "depot", random.uniform(1, 9, count), every=every, count=2, steady_state=True),
        Dose(0, "central", 5.0, duration=30.0, every=every, lag=3.0, steady_state=True),
        Dose(1.5, "central", 2.0, patients=[1, 4]),
    ]
    changes = [ParameterChange(2.0, "ka", random.uniform(0.5, 2, count))]
    parameters = {"ka": random.uniform(0.5, 3, count), "k21": random.uniform(1e-3, 0.1, count)}
    schedule = {"doses": doses, "parameter_changes": changes, **back_end.options}
    reducers = [Area("central"), Maximum("deep")]
    runs = [
        solve(
            TWO,
            parameters,
            **grouped(times=[0.0, 1.0, 50.0], reducers=reducers, chunk=c, threads=t, **schedule),
        )
        for c, t in ((1, 1), (1, 2), (7, 2), (count, 1))
    ]
    for other in runs[1:]:
        assert np.array_equal(other.values, runs[0].values)
        assert np.array_equal(other.final_states, runs[0].final_states)
        for name, values in runs[0].reduced.items():
            assert np.array_equal(other.reduced[name], values)


def test_patients_without_such_a_dose_have_the_course_they_had(back_end):
    dose = Dose(0, "A", [100, 0, 100], every=8, count=2, steady_state=[True, True, False])
    plain = Dose(0, "A", [0, 0, 100], every=8, count=2)
    times = [0.0, 3.0, 20.0]
    one = settle(back_end, ONE, {"ke": KE}, [dose], times)
    other = settle(back_end, ONE, {"ke": KE}, [plain], times)
    assert np.array_equal(one[1:], other[1:])


def test_parameters_changed_before_the_start_count_before_it(back_end):
    dose = Dose(0, "A", 100, every=8, steady_state=True)
    changes = [ParameterChange(-1.0, "ke", 0.2), ParameterChange(0.0, "ke", 0.4)]
    options = {"parameter_changes": changes}
    found = settle(back_end, ONE, {"ke": [0.1]}, [dose], [0.0, 5.0], **options)[0, :, 0]
    peak = 100 / -np.expm1(-1.6)
    assert found == pytest.approx([peak, peak * np.exp(-2.0)], rel=10 * back_end.tight)


def test_sensitivities_are_those_of_the_steady_state(back_end):
    model = read_model("A = 0; ke = 0.1; A' = -ke*A;")
    kernel = compile_kernel(
        model, outputs=["A"], vary=["ke"], dosed=["A"], sensitivities=["ke", "A"]
    )
    dose = Dose(0, "A", 100, every=8, steady_state=True)
    found = settle(back_end, kernel, {"ke": [0.1]}, [dose], [0.0])[0, 0]
    gone = np.exp(-0.8)
    right = [100 / (1 - gone), -100 * 8 * gone / (1 - gone) ** 2, 0.0]
    assert found == pytest.approx(right, rel=20 * back_end.tight, abs=1e-4)


def test_against_libroadrunner_after_many_cycles():
    """Blood formation with feedback under a daily drug, nonlinear; 300 doses one by one."""
    roadrunner = pytest.importorskip("roadrunner")
    antimony = """
        model blood
        drug = 0; prol = 5; t1 = 5; t2 = 5; cells = 5; ktr = 0.5; slope = 0.1; ke = 1.5
        drug' = -ke*drug
        prol' = ktr*prol*(1 - slope*drug)*(5/cells)^0.17 - ktr*prol
        t1' = ktr*prol - ktr*t1
        t2' = ktr*t1 - ktr*t2
        cells' = ktr*t2 - ktr*cells
        end
    """
    model = read_model(antimony)
    kernel = compile_kernel(model, outputs=["cells", "prol"], vary=["slope"], dosed=["drug"])
    dose = Dose(0, "drug", 4.0, every=1.0, steady_state=True)
    found = solve(kernel, {"slope": [0.1]}, Read([0.0, 0.5, 1.0]), schedule=Schedule(doses=[dose]))
    import antimony as text  # noqa: PLC0415 - beside libRoadRunner only

    text.clearPreviousLoads()
    assert text.loadAntimonyString(antimony) >= 0
    other = roadrunner.RoadRunner(text.getSBMLString(text.getMainModuleName()))
    other.integrator.relative_tolerance = 1e-10
    other.integrator.absolute_tolerance = 1e-12
    for day in range(300):
        other.setValue("drug", other.getValue("drug") + 4.0)
        if day < 299:
            other.simulate(day, day + 1, 2)
    right = [[other.getValue("cells"), other.getValue("prol")]]
    for half in (299.0, 299.5):
        other.simulate(half, half + 0.5, 2)
        right.append([other.getValue("cells"), other.getValue("prol")])
    assert found.values[0] == pytest.approx(np.array(right), rel=2e-5)


def test_a_stream_has_the_numbers_of_one_run(tmp_path):
    every = np.array([8.0, 24.0, 8.0, 8.0, 24.0])
    schedule = Schedule(doses=[Dose(0, "A", 10.0, every=every, steady_state=True)])
    parameters, read = {"ke": np.linspace(0.05, 0.5, 5)}, Read([0.0, 5.0], [Area("A")])
    whole = solve(ONE, parameters, read, schedule=schedule)
    folder, work = tmp_path / "run", Work(chunk=2)
    stream = solve_to_parquet(ONE, parameters, read, folder, schedule=schedule, work=work)
    written = stream.patients().collect()["area(A)"].to_numpy()
    assert np.array_equal(written, whole.reduced["area(A)"])


IN_SIMULATOR = """
import numpy as np
from stromal.kernels.backends import Backend
from stromal.kernels.door import Read, Schedule
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.run import pose_run
from stromal.kernels.settling import settle_patients
from stromal.kernels.solvers import cuda_solver
from stromal.kernels.timeline import Dose
from stromal.models.parse import read_model

model = read_model("A = 0; ke = 0.1; A' = -ke*A;")
kernel = compile_kernel(model, outputs=["A"], vary=["ke"], dosed=["A"], slopes=False)
dose = Dose(0, "A", 100, duration=2, every=8, steady_state=True)
run = pose_run(kernel, {"ke": [0.2, 0.4]}, Read([0.0, 9.0]), schedule=Schedule(doses=[dose]))


class Simulated(Backend):
    def load(self, program):
        return cuda_solver.load_functions(program)


found = settle_patients(Simulated("gpu", "f64", cuda_solver.integrate), run.problem, run.settling)
ke = np.array([0.2, 0.4])
right = 50 / ke * -np.expm1(-2 * ke) * np.exp(-6 * ke) / -np.expm1(-8 * ke)
np.testing.assert_allclose(found.states[:, 0], right, rtol=1e-5)
print("equal")
"""


def test_the_cuda_simulator_finds_it_too():
    done = subprocess.run(
        [sys.executable, "-c", IN_SIMULATOR],
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "equal", done.stderr


def test_a_million_times_more_is_a_million_times_more():
    """Sizes of states do not matter: amounts in mol and in cells."""
    times = [0.0, 8.0]
    for scale in (1e-12, 1.0, 1e12):
        dose = Dose(0, "A", 100 * scale, every=8, steady_state=True)
        found = solve(
            ONE,
            {"ke": [0.1]},
            Read(times),
            schedule=Schedule(doses=[dose]),
            accuracy=Accuracy(rtol=1e-8),
        )
        assert found.output("A")[0, 0] == pytest.approx(scale * 100 / -np.expm1(-0.8), rel=1e-8)
