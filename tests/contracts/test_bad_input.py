"""Every back end refuses what is wrong in the same words, and loses no patient over another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from stromal.errors import InvalidInput
from stromal.kernels.backends import why_not
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.reducers import Area, FirstCrossing, Minimum, ValueAt
from stromal.kernels.solve import solve
from stromal.kernels.status import Status
from stromal.kernels.timeline import Dose, Jump, ParameterChange
from stromal.models.parse import read_model
from tests.contracts.clinic import CLINIC, clinic, doses_of, patients_of
from tests.flat import grouped

TIMES = (0.0, 4.0, 8.0)
DOSE = pl.DataFrame({"patient": [0], "day": [1.0], "state": ["drug"], "amount": [2.0]})

BAD_VALUES = [
    ("ke", np.nan, Status.BAD_PARAMETERS),
    ("ke", np.inf, Status.BAD_PARAMETERS),
    ("kill", -np.inf, Status.BAD_PARAMETERS),
    ("plasma", np.nan, Status.BAD_PARAMETERS),
    ("plasma", 0.0, Status.BAD_VOLUME),
    ("plasma", -0.0, Status.BAD_VOLUME),
    ("plasma", -3.0, Status.BAD_VOLUME),
    ("plasma", -np.inf, Status.BAD_VOLUME),
    ("visit", np.nan, Status.BAD_PARAMETERS),
]


@pytest.mark.parametrize(("name", "value", "status"), BAD_VALUES)
def test_a_bad_patient_has_a_status_and_no_numbers(back_end, name, value, status):
    options = {
        "times": TIMES,
        "doses": doses_of(11).filter(pl.col("day") <= TIMES[-1]),
        "reducers": (Minimum("cells"), ValueAt("drug", (1.0, 2.0))),
        **back_end.options,
    }
    given = patients_of(11)
    good = solve(clinic(), given, **grouped(**options))
    given[name] = np.where(np.arange(11) == 4, value, given[name])
    found = solve(clinic(), given, **grouped(**options))
    assert found.status.tolist() == [status if patient == 4 else 0 for patient in range(11)]
    assert np.isnan(found.values[4]).all()
    assert np.isnan(found.final_states[4]).all()
    assert all(np.isnan(values[4]).all() for values in found.reduced.values())
    others = np.delete(np.arange(11), 4)
    np.testing.assert_array_equal(found.values[others], good.values[others])
    np.testing.assert_array_equal(found.final_states[others], good.final_states[others])
    rows = found.patients()
    assert rows.height == 11
    assert rows["status"][4] == status.words


def test_a_bad_saved_state_is_that_of_one_patient(back_end):
    given = patients_of(5, visit=np.full(5, 99.0))
    states = solve(clinic(), given, **grouped(times=TIMES, **back_end.options)).final_states
    options = {"times": (9.0,), "start": 8.0, **back_end.options}
    good = solve(clinic(), given, **grouped(initial_states=states, **options))
    states[[1, 3], 1] = np.nan, np.inf
    found = solve(clinic(), given, **grouped(initial_states=states, **options))
    bad = Status.BAD_INITIAL_STATE
    assert found.status.tolist() == [0, bad, 0, bad, 0]
    assert np.isnan(found.values[[1, 3]]).all()
    np.testing.assert_array_equal(found.values[::2], good.values[::2])


def _nobody():
    names = clinic().parameters
    return [
        {"ke": []},
        pl.DataFrame({"ke": []}),
        pl.DataFrame(schema=dict.fromkeys(names, pl.Float64)),
        pl.DataFrame(schema={"patient": pl.Int64}),
        np.empty((0, len(names))),
    ]


@pytest.mark.parametrize("given", _nobody(), ids=lambda given: type(given).__name__)
def test_nobody_is_an_empty_solution(back_end, given):
    options = {
        "doses": [Dose(1.0, "drug", 2.0)],
        "reducers": (Area("drug"), FirstCrossing("cells", 2.0), ValueAt("cells", (1.0, 2.0))),
        **back_end.options,
    }
    found = solve(clinic(), given, **grouped(times=TIMES, **options))
    states = len(clinic().states)
    assert (found.values.shape, found.final_states.shape) == ((0, 3, 3), (0, states))
    assert found.reduced["value_at(cells)"].shape == (0, 2)
    assert found.frame().height == found.patients().height == 0
    later = solve(
        clinic(),
        given,
        **grouped(times=(9.0,), start=8.0, initial_states=found.final_states, **back_end.options),
    )
    assert later.values.shape == (0, 1, 3)


@pytest.mark.parametrize(
    ("given", "options", "words"),
    [
        ({"kee": [1.0]}, {}, "no parameter `kee` | did you mean `ke`?"),
        ({"ke": [1.0, 2.0], "kill": [1.0] * 3}, {}, "of different lengths: ke 2, kill 3"),
        ({"ke": ["fast"]}, {}, "`ke`: not all of it is numbers"),
        (pl.DataFrame({"ke": ["fast"]}), {}, "column `ke` holds no numbers"),
        (pl.DataFrame({"patient": [1, 0], "ke": [1.0, 2.0]}), {}, "patients are out of order"),
        (np.ones((2, 2)), {}, "parameters have shape (2, 2), not (patients, 6)"),
        (pl.DataFrame({"patient": [1, 2], "ke": [1.0, 2.0]}), {}, "patients are out of order"),
        (None, {"rtol": "x"}, "rtol is 'x', not a number"),
        (None, {"start": "x"}, "start is 'x', not a number"),
        (None, {"reducers": ["cells"]}, "'cells' is no reducer | give a list of reducers"),
        (None, {"doses": DOSE.rename({"patient": "Patient"})}, "`Patient` is not known"),
        (None, {"start": np.inf}, "start is inf, not a finite number"),
        (None, {"max_steps": 10**20}, "max_steps is 100000000000000000000, too many"),
        (None, {"times": ["1", "2"]}, "times: not all of it is numbers"),
        (None, {"progress": "bar"}, "progress is 'bar' | give True for a bar"),
        (None, {"initial_states": pl.DataFrame({"drug": [1.0]})}, "states has no column"),
        (None, {"times": [2.0, 1.0]}, "times are out of order: 2 stands before 1 | sort them"),
        (None, {"times": [1.0, np.inf]}, "a time is not a finite number"),
        (None, {"times": [1.0], "start": 2.0}, "the first time, 1, is before the start at 2"),
        (None, {"doses": [Dose(1.0, "drog", 1.0)]}, "no state `drog` | did you mean `drug`?"),
        (None, {"doses": [Dose(9.0, "drug", 1.0)]}, "dose of `drug` at 9 is after the end at 8"),
        (None, {"doses": [Dose(-1.0, "drug", 1.0)]}, "`drug` at -1 is before the start at 0"),
        (None, {"doses": [Dose(1.0, "drug", np.nan)]}, "amount is not a finite number"),
        (None, {"doses": [Dose(np.inf, "drug", 0.0)]}, "time is not a finite number"),
        (None, {"doses": DOSE.with_columns(patient=1)}, "no patient 1 | patients are numbered"),
        (None, {"doses": DOSE.with_columns(patient=0.5)}, "there is no patient 0.5"),
        (None, {"doses": DOSE.drop("amount")}, "no column amount | it has patient, day, state"),
        (None, {"doses": DOSE.with_columns(day=None)}, "a value is missing | every row has"),
        (None, {"doses": DOSE.with_columns(amount=pl.lit("much"))}, "`amount` holds no numbers"),
        (None, {"parameter_changes": [ParameterChange(1.0, "kin", 1.0)]}, "parameters that vary"),
        (None, {"parameter_changes": [ParameterChange(1.0, "plasma", 0.0)]}, "not positive"),
        (None, {"parameter_changes": [ParameterChange(1.0, "ke", np.nan)]}, "value is not a fin"),
        (None, {"initial_states": [1.0]}, "initial states have shape (1,), not"),
        (None, {"reducers": (Minimum("cell"),)}, "has no output `cell` | did you mean `cells`?"),
        (None, {"rtol": 0.0}, "tolerance is 0, not between 0 and 1"),
        (None, {"atol": -1.0}, "an absolute tolerance is not a positive number"),
        (None, {"max_steps": 0}, "max_steps is 0, less than 1"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_run(back_end, given, options, words):
    options = {"times": TIMES, **back_end.options, **options}
    with pytest.raises(InvalidInput) as error:
        solve(clinic(), given, **grouped(**options))
    said = [f"{issue.message} | {issue.hint}" for issue in error.value.issues]
    assert any(words in issue for issue in said), said
    assert all(issue.hint for issue in error.value.issues)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"outputs": ["cell"]}, "no output `cell` | did you mean `cells`?"),
        ({"outputs": []}, "no outputs are asked for"),
        ({"outputs": "cells"}, '`cells` is no list of names | write ["cells"]'),
        ({"outputs": ["cells"], "vary": ["kee"]}, "no parameter `kee` | did you mean `ke`?"),
        ({"outputs": ["cells"], "dosed": ["drog"]}, "no state `drog` | did you mean `drug`?"),
        ({"outputs": ["cells"], "fixed": {"plasma": -1.0}}, "volume `plasma` is -1"),
        ({"outputs": ["cells"], "fixed": {"ke": np.nan}}, "`ke` is nan, not a number"),
    ],
)
def test_a_kernel_of_what_is_not_there(options, words):
    with pytest.raises(InvalidInput) as error:
        compile_kernel(read_model(CLINIC), **options)
    said = [f"{issue.message} | {issue.hint}" for issue in error.value.issues]
    assert any(words in issue for issue in said), said


def test_a_compartment_that_shrinks_to_nothing_ends_the_patient(back_end):
    model = read_model("compartment V = 1; species A in V; A = 1; out = 1; V' = -out; J: A ->; A*V")
    kernel = compile_kernel(model, outputs=["A"], vary=["out"])
    options = {"times": [0.0, 0.5, 2.0], "reducers": [Minimum("A")], **back_end.options}
    found = solve(kernel, {"out": [1.0, 0.1, -1.0]}, **grouped(**options))
    assert found.status.tolist() == [Status.BAD_VOLUME, Status.DONE, Status.DONE]
    assert np.isnan(found.output("A")).tolist() == [[False, False, True], [False] * 3, [False] * 3]
    assert np.isnan(found.final_states).all(axis=1).tolist() == [True, False, False]
    assert np.isnan(found.reduced["minimum(A)"]).tolist() == [True, False, False]
    read = solve(kernel, {"out": [1.0, 0.1, -1.0]}, **grouped(**{**options, "reducers": ()}))
    np.testing.assert_array_equal(read.values, found.values)
    assert found.outputs == ("A",)


SIZES = {  # each with k = 1 for a patient whose compartment stays positive, and k = -1
    "written out of parameters": "V = 0.5 + k;",
    "a rule of parameters": "V := 0.5 + k;",
    "a rule of time": "V := 2 + k*(time - 5)*(time > 5);",
    "a rule of a state": "V := w; w = 2; w' = k*piecewise(0.75, time < 3, -0.75, time < 6, 0);",
    "a state between two times": "V = 2; V' = -3*piecewise(1 - k, 1)*cos(time);",
    "an event": "V = 2; E: at time >= 5: V = k; F: at time >= 5.001: V = 2;",
    "an event on what it is made of": (
        "V := w; w = 2; E: at time >= 5: w = k; F: at time >= 5.001: w = 2;"
    ),
}


@pytest.mark.parametrize("size", list(SIZES))
def test_a_size_is_looked_at_however_it_comes_about(back_end, size):
    text = f"k = 1; compartment V; {SIZES[size]} species A in V; A = 1; A' = 0; x := 1/V"
    model, given = read_model(text), {"k": [1.0, -1.0, 1.0]}
    for outputs in (["A"], ["x"], ["A", "x", "V"]):
        for reducers in ([], [Minimum(outputs[0])]):
            kernel = compile_kernel(model, outputs=outputs, vary=["k"])
            options = {"reducers": reducers, "chunk": 2, **back_end.options}
            found = solve(kernel, given, **grouped(times=[0.0, 10.0], **options))
            assert found.status.tolist() == [Status.DONE, Status.BAD_VOLUME, Status.DONE]
            assert np.isnan(found.values[1, -1]).all()
            assert np.isnan(found.final_states[1]).all()
            assert np.isfinite(found.values[[0, 2]]).all()


def test_a_size_is_looked_at_where_its_patient_has_changes(back_end):
    text = "k = 1; compartment V; V := k; species A in V; A = 1; A' = 0; x := 1/V"
    kernel = compile_kernel(read_model(text), outputs=["x"], vary=["k"])
    rows = [(0, 3.0, "k", -1.0), (0, 3.001, "k", 1.0), (1, 3.0005, "k", 2.0)]
    changes = pl.DataFrame(rows, schema=["patient", "day", "parameter", "value"], orient="row")
    options = {"times": [0.0, 2.0, 4.0], "parameter_changes": changes, **back_end.options}
    found = solve(kernel, {"k": [1.0, 1.0, 1.0]}, **grouped(**options))
    assert found.status.tolist() == [Status.BAD_VOLUME, Status.DONE, Status.DONE]
    assert np.isnan(found.values[:, :, 0]).tolist() == [
        [False, False, True],
        [False] * 3,
        [False] * 3,
    ]


def test_where_others_have_changes_a_size_is_not_looked_at(back_end):
    """A pulse between two points of the grid, which only the other patient's change stands in."""
    text = "k = 1; z = 0; compartment V; V := 1 - k*z*exp(-((time - 5.03)/0.01)^2); species A in V"
    model = read_model(text + "; A = 1; A' = 0; x = 1; x' = z*k*(1 - x)")
    kernel = compile_kernel(model, outputs=["x"], vary=["k", "z"])
    change = [ParameterChange(5.03, "k", 3.0, patients=[0])]
    options = {"times": [0.0, 360.0], "parameter_changes": change, **back_end.options}
    together = solve(kernel, {"k": [0.0, 2.0], "z": [0.0, 1.0]}, **grouped(**options))
    assert together.status.tolist() == [Status.DONE, Status.DONE]
    mine = solve(kernel, {"k": [0.0, 2.0], "z": [1.0, 1.0]}, **grouped(**options))
    assert mine.status.tolist() == [Status.BAD_VOLUME, Status.DONE]


def test_a_patient_who_failed_for_another_reason_keeps_it(back_end):
    text = "k = 1; compartment V; V := 2 + 0*x; species A in V; A = 1; A' = 0; x = 1; x' = k*x*x"
    kernel = compile_kernel(read_model(text), outputs=["x", "V"], vary=["k"])
    found = solve(kernel, {"k": [1.0, 0.01]}, **grouped(times=[0.0, 0.5, 9.0], **back_end.options))
    assert found.status[0] in (Status.STEP_TOO_SMALL, Status.NOT_FINITE, Status.STEP_LIMIT)
    assert np.isfinite(found.values[0, 1]).all()
    assert found.status[1] == Status.DONE


@pytest.mark.parametrize("size", ["1/k", "ln(k)"])
def test_a_size_that_is_no_number_ends_the_patient(back_end, size):
    text = f"k = 1; compartment V; V := {size}; species A in V; A = 1; A' = 0; x = 1; x' = -x"
    kernel = compile_kernel(read_model(text), outputs=["x"], vary=["k"])
    found = solve(kernel, {"k": [2.0, 0.0]}, **grouped(times=[0.0, 1.0], **back_end.options))
    assert found.status.tolist() == [Status.DONE, Status.BAD_VOLUME]
    assert np.isnan(found.values[1]).all()


def test_a_size_is_looked_at_where_sensitivities_are_computed(back_end):
    text = "k = 1; compartment V; V := 0.5 + k; species A in V; A = 1; A' = -k*A"
    kernel = compile_kernel(read_model(text), outputs=["A"], vary=["k"], sensitivities=["k"])
    found = solve(kernel, {"k": [1.0, -1.0]}, **grouped(times=[0.0, 1.0], **back_end.options))
    assert found.status.tolist() == [Status.DONE, Status.BAD_VOLUME]


def test_a_compartment_without_dimensions_has_no_size():
    text = "compartment V; V := -time; x = 1; x' = -x"
    model = read_model(text)
    point = replace(
        model, compartments=tuple(replace(v, dimensions=0.0) for v in model.compartments)
    )
    assert compile_kernel(model, outputs=["x"]).watched == ("V",)
    assert compile_kernel(point, outputs=["x"]).watched == ()


@pytest.mark.parametrize("text", ["V = -1;", "V = 0;", "k = -1; V := 2*k;", "k = 0; V := 1/k;"])
def test_a_size_that_nothing_reads_is_positive_too(text):
    with pytest.raises(InvalidInput, match="volume `V` is"):
        compile_kernel(read_model(f"compartment V; {text} x = 1; x' = -x"), outputs=["x"])


def test_repeated_times_beside_as_many_points_of_the_grid(back_end):
    model = read_model("x = 1; k = 1; x' = -k*x")
    kernel = compile_kernel(model, outputs=["x"], vary=["k"])
    for more in (
        {"reducers": [ValueAt("x", (1.0,))]},
        {"reducers": [Minimum("x")], "intervals": 2},
    ):
        found = solve(
            kernel, None, **grouped(times=[0.0, 0.0, 2.0], **more, **back_end.options)
        ).output("x")
        assert found[0] == pytest.approx([1.0, 1.0, np.exp(-2.0)], rel=1e-3)


def test_a_size_that_never_varies_is_said_when_it_is_compiled():
    text = "k = -1; compartment V; V := 2*k; species A in V; A = 1; A' = 0"
    with pytest.raises(InvalidInput, match=r"volume `V` is -2"):
        compile_kernel(read_model(text), outputs=["A"])
    with pytest.raises(InvalidInput, match=r"volume `V` is 0"):
        compile_kernel(read_model(text), outputs=["A"], fixed={"k": 0.0})
    assert compile_kernel(read_model(text), outputs=["A"], fixed={"k": 1.0}).watched == ()


def test_time_is_given_no_doses(back_end):
    model = read_model("x = 0; k = 0.5; x' = k*exp(-time)")
    kernel = compile_kernel(model, outputs=["x"], vary=["k"])
    assert "time" in kernel.states
    for given in ({"doses": [Dose(1.0, "time", 7.0)]}, {"jumps": [Jump(1.0, "time", 0.0)]}):
        with pytest.raises(InvalidInput, match="has no state `time`"):
            solve(kernel, None, **grouped(times=TIMES, **given, **back_end.options))
    first = solve(kernel, None, **grouped(times=[4.0], **back_end.options))
    states = pl.DataFrame({"x": first.final_states[:, kernel.states.index("x")]})
    rest = solve(
        kernel, None, **grouped(times=[8.0], start=4.0, initial_states=states, **back_end.options)
    )
    assert rest.output("x")[0, 0] == pytest.approx(0.5 * (1.0 - np.exp(-8.0)), rel=1e-3)


@pytest.mark.parametrize(
    ("start", "end"), [(0.3, 0.1 + 0.2), (20000.3, 20000.3 + 1e-9), (1.7e12, 1.7e12 + 10)]
)
def test_a_run_that_is_short_and_far_from_zero(back_end, start, end):
    kernel = compile_kernel(read_model("x = 1; k = 1e-3; x' = -k * x"), outputs=["x"])
    found = solve(kernel, None, **grouped(times=[start, end], start=start, **back_end.options))
    assert found.status.tolist() == [Status.DONE]
    assert found.output("x")[0, 1] == pytest.approx(np.exp(1e-3 * (start - end)), rel=1e-4)


def test_whole_numbers_of_what_is_none_or_very_large(back_end):
    if back_end.precision == "f32":
        pytest.skip("1e19 is no number of seven digits")
    model = read_model("x = 1; x' = -x; n := floor(ln(x - 2)); y := floor(x * 1e20); z := ceil(-x)")
    kernel = compile_kernel(model, outputs=["n", "y", "z"], slopes=False)
    found = solve(kernel, None, **grouped(times=[0.0, 1.0], **back_end.options)).values[0]
    assert np.isnan(found[:, 0]).all()
    assert found[:, 1] == pytest.approx([1e20, 1e20 * np.exp(-1.0)], rel=1e-3)
    assert found[:, 2].tolist() == [-1.0, 0.0]


@pytest.mark.parametrize("size", [1e-100, 1e-60, 1.0, 1e60])
def test_tolerances_hold_at_any_size(back_end, size):
    if back_end.precision == "f32":
        pytest.skip("numbers of f32 end at 1e-38 and 1e38")
    text = "a = {0}; b = 0; c = 0; d = 0; a' = -a; b' = a - b; c' = b - c; d' = c - d"
    kernel = compile_kernel(read_model(text.format(size)), outputs=["d"])
    options = {"rtol": 1e-6, "atol": 1e-9 * size, **back_end.options}
    found = solve(kernel, None, **grouped(times=[3.0], **options))
    assert found.output("d")[0, 0] == pytest.approx(size * 4.5 * np.exp(-3.0), rel=1e-5)


def test_what_numbers_of_seven_digits_cannot_keep_is_refused():
    if (reason := why_not("lanes")) is not None:
        pytest.skip(f"lanes: {reason}")
    for given, words in (
        ({"rtol": 1e-7}, "rtol is 1e-07"),
        ({"atol": 1e-40}, "below 1e-30 become"),
    ):
        with pytest.raises(InvalidInput, match=words):
            solve(
                clinic(), None, **grouped(times=TIMES, precision="f32", **{"rtol": 1e-5, **given})
            )
