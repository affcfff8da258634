"""Covariates over time on every back end: closed forms, libRoadRunner, and the same bits."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from stromal.kernels.covariates import Covariates
from stromal.kernels.door import Accuracy, Read, Schedule, Work
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.reducers import Area, FirstCrossing, Maximum
from stromal.kernels.solve import solve
from stromal.kernels.stream import solve_to_parquet
from stromal.kernels.timeline import Dose
from stromal.models.parse import read_model
from tests.flat import grouped

DRIVEN = compile_kernel(
    read_model("A = 10*w; w = 1; k = 0.1; r := k*w; A' = -r*A;"),
    outputs=["A", "r"],
    vary=["w", "k"],
    covariates=["w"],
    dosed=["A"],
)
VISITS = pl.DataFrame(
    {
        "patient": [0, 0, 0, 1, 1],
        "day": [1.0, 3.0, 6.5, -5.0, 15.0],
        "covariate": "w",
        "value": [1.0, 2.0, 0.5, 1.0, 3.0],
    }
)
TIMES = np.linspace(0.0, 10.0, 41)


def visits_of(patient):
    own = VISITS.filter(pl.col("patient") == patient)
    return own["day"].to_numpy(), own["value"].to_numpy()


def integral(time, day, value, *, linear):
    """Of a covariate from 0 to a time, piece by piece."""
    points = np.unique(np.clip([0.0, time, *day], 0.0, time))
    middle = 0.5 * (points[1:] + points[:-1])
    if linear:
        held = np.interp(middle, day, value)
    else:
        held = value[np.maximum(np.searchsorted(day, middle, side="right") - 1, 0)]
    return (held * np.diff(points)).sum()


@pytest.mark.parametrize("linear", [True, False])
def test_against_the_closed_form(back_end, linear):
    """A patient without visits keeps the parameter; the first value holds before its visit."""
    covariates = Covariates(VISITS, linear=["w"] if linear else [])
    accuracy = back_end.within(back_end.tight)
    schedule = {"covariates": covariates, **accuracy}
    found = solve(DRIVEN, {"w": [9.0, 9.0, 0.7]}, **grouped(times=TIMES, **schedule))
    assert not found.failed.any()
    for patient in range(2):
        day, value = visits_of(patient)
        first = np.interp(0.0, day, value) if linear else value[0]
        whole = np.array([integral(time, day, value, linear=linear) for time in TIMES])
        right = 10 * first * np.exp(-0.1 * whole)
        near = 50 * back_end.tight
        assert found.output("A")[patient] == pytest.approx(right, rel=near)
        if linear:
            now = 0.1 * np.interp(TIMES, day, value)
            assert found.output("r")[patient] == pytest.approx(now, rel=1e-6)
    assert found.output("A")[2] == pytest.approx(7 * np.exp(-0.07 * TIMES), rel=50 * back_end.tight)


def test_sensitivities_beside_a_linear_covariate(back_end):
    model = read_model("A = 10; w = 1; k = 0.1; A' = -k*w*A;")
    kernel = compile_kernel(
        model, outputs=["A"], vary=["w", "k"], covariates=["w"], sensitivities=["k"]
    )
    day, value = visits_of(0)
    schedule = {"covariates": Covariates(VISITS.filter(pl.col("patient") == 0), linear=["w"])}
    accuracy = back_end.within(back_end.tight)
    found = solve(kernel, {"w": [1.0]}, **grouped(times=TIMES, **schedule, **accuracy))
    whole = np.array([integral(time, day, value, linear=True) for time in TIMES])
    right = -10 * whole * np.exp(-0.1 * whole)
    assert found.output("d(A)/d(k)")[0] == pytest.approx(right, rel=1e-4, abs=1e-4)


def test_a_steady_state_of_the_value_at_the_start(back_end):
    """Carried forward from before the start; the change on day 3 comes after it."""
    kernel = compile_kernel(
        read_model("A = 0; k = 1; A' = -k*A;"), outputs=["A"], vary=["k"], dosed=["A"]
    )
    table = pl.DataFrame({"day": [-9.0, 3.0], "covariate": "k", "value": [0.1, 0.4]})
    dose = Dose(0, "A", 100, every=8, steady_state=True)
    schedule = {"doses": [dose], "covariates": table, **back_end.within(back_end.tight)}
    found = solve(kernel, {"k": [1.0]}, **grouped(times=[0.0, 5.0], **schedule)).output("A")[0]
    peak = 100 / -np.expm1(-0.8)
    assert found == pytest.approx([peak, peak * np.exp(-0.3 - 0.8)], rel=20 * back_end.tight)


def test_a_threshold_that_a_covariate_crosses_between_visits_is_a_stop(back_end):
    """A kink within a segment, where the solver stops: 2 days above 1.5, at a coarse tolerance."""
    model = read_model("A = 0; w = 1; A' = piecewise(1, w > 1.5, 0);")
    kernel = compile_kernel(model, outputs=["A"], vary=["w"], covariates=["w"])
    day, value = [1.0, 3.0, 6.0], [1.0, 2.0, 0.5]
    table = pl.DataFrame({"day": day, "covariate": "w", "value": value})
    schedule = {"covariates": Covariates(table, linear=["w"]), **back_end.options}
    found = solve(
        kernel, {"w": [1.0]}, **grouped(times=[2.0, 3.0, 4.0, 10.0], rtol=1e-2, **schedule)
    )
    assert found.output("A")[0] == pytest.approx([0.0, 1.0, 2.0, 2.0], abs=1e-5)
    assert kernel.open_times == ()


def test_reducers_see_the_kinks(back_end):
    covariates = Covariates(VISITS, linear=["w"])
    reducers = [Maximum("r"), FirstCrossing("r", 0.1999, "up")]
    schedule = {"covariates": covariates, **back_end.options}
    asked = grouped(times=[0.0, 10.0], reducers=reducers, intervals=7, **schedule)
    found = solve(DRIVEN, {"w": [1.0, 1.0]}, **asked)
    assert found.reduced["maximum(r)"] == pytest.approx([0.2, 0.25], rel=1e-5)
    (crossing,) = [value for name, value in found.reduced.items() if "crossing" in name]
    assert crossing[0] == pytest.approx(2.998, abs=1e-4)


def test_same_to_the_bit_in_any_chunk_and_on_any_thread(back_end):
    """Regimens, covariates and events of the model in one run."""
    model = read_model("""
        A = 1; B = 0; w = 1; k = 0.3; late = 4
        A' = -k*w*A + piecewise(0.5, time % 2 < 0.25, 0); B' = A - B
        at (time >= late): B = B + w
    """)
    kernel = compile_kernel(
        model, outputs=["A", "B"], vary=["w", "k", "late"], covariates=["w"], dosed=["A"]
    )
    count, random = 14, np.random.default_rng(11)
    table = pl.DataFrame(
        {
            "patient": np.repeat(np.arange(0, count, 2), 3),
            "day": np.sort(random.uniform(-1, 9, (count // 2, 3)), axis=1).ravel(),
            "covariate": "w",
            "value": random.uniform(0.5, 2.0, 3 * count // 2),
        }
    )
    cycles = Dose(
        0.5, "A", random.uniform(1, 2, count), duration=0.3, every=3, count=3, lag=0.2, fraction=0.8
    )
    parameters = {
        "w": random.uniform(0.5, 2, count),
        "k": random.uniform(0.1, 0.5, count),
        "late": random.uniform(1, 9, count),
    }
    schedule = {"covariates": Covariates(table, linear=["w"]), "doses": [cycles]}
    asked = {"reducers": [Area("B"), Maximum("A")], **schedule, **back_end.options}
    runs = [
        solve(kernel, parameters, **grouped(times=[0, 5, 10.0], chunk=c, threads=t, **asked))
        for c, t in ((1, 1), (1, 2), (7, 1), (7, 2), (count, 1), (count, 2))
    ]
    for other in runs[1:]:
        assert np.array_equal(other.values, runs[0].values)
        assert np.array_equal(other.final_states, runs[0].final_states)
        assert np.array_equal(other.steps, runs[0].steps)
        for name, values in runs[0].reduced.items():
            assert np.array_equal(other.reduced[name], values)


def test_against_libroadrunner_with_the_covariate_written_out():
    """Two covariates, one of each kind, in a nonlinear model; the other has piecewise text."""
    roadrunner = pytest.importorskip("roadrunner")
    import antimony  # noqa: PLC0415 - beside libRoadRunner only

    body = """
        A = 5; B = 1
        A' = -k*w*A/(1 + A); B' = k*A - 0.2*w*B
    """
    linear = "piecewise(2, time < 1, 2 - (time - 1)/2, time < 3, 1 + (time - 3)/4, time < 7, 2)"
    forward = "piecewise(0.5, time < 4, 1.5)"
    written = f"model written\n{body} w := {linear}; k := {forward}; end"
    antimony.clearPreviousLoads()
    assert antimony.loadAntimonyString(written) >= 0
    other = roadrunner.RoadRunner(antimony.getSBMLString("written"))
    other.integrator.relative_tolerance = 1e-10
    other.integrator.absolute_tolerance = 1e-12
    other.integrator.maximum_time_step = 0.01
    right = np.asarray(other.simulate(0, 10, 21, ["A", "B"]))
    model = read_model(f"w = 1; k = 1; {body}")
    kernel = compile_kernel(model, outputs=["A", "B"], vary=["w", "k"], covariates=["w"])
    table = pl.DataFrame(
        {
            "day": [1.0, 3.0, 7.0, 0.0, 4.0],
            "covariate": ["w", "w", "w", "k", "k"],
            "value": [2.0, 1.0, 2.0, 0.5, 1.5],
        }
    )
    found = solve(
        kernel,
        None,
        Read(np.linspace(0, 10, 21)),
        schedule=Schedule(covariates=Covariates(table, linear=["w"])),
        accuracy=Accuracy(rtol=1e-8),
    )
    assert found.values[0] == pytest.approx(right, rel=1e-6)


def test_a_stream_has_the_numbers_of_one_run(tmp_path):
    schedule = Schedule(covariates=Covariates(VISITS, linear=["w"]))
    parameters, read = (
        {"w": np.ones(5), "k": np.linspace(0.1, 0.3, 5)},
        Read([0.0, 9.0], [Area("A")]),
    )
    whole = solve(DRIVEN, parameters, read, schedule=schedule)
    work = Work(chunk=2)
    stream = solve_to_parquet(
        DRIVEN, parameters, read, tmp_path / "run", schedule=schedule, work=work
    )
    written = stream.patients().collect()["area(A)"].to_numpy()
    assert np.array_equal(written, whole.reduced["area(A)"])
