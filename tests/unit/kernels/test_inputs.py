"""What a run is given: every form, and every issue."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.flat import grouped
from tests.unit.kernels.examples import TWO_COMPARTMENTS

from stromal.errors import InvalidInput
from stromal.kernels.door import Read, Schedule
from stromal.kernels.inputs import (
    find_bad_volumes,
    read_parameters,
    read_saved_states,
    read_timeline,
    read_tolerances,
    spread_states,
)
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solve import solve
from stromal.kernels.status import Status
from stromal.kernels.timeline import Dose, Jump, Kind, ParameterChange
from stromal.models.parse import read_model


@pytest.fixture(scope="module")
def kernel():
    return compile_kernel(
        read_model(TWO_COMPARTMENTS),
        outputs=["cells"],
        vary=["ke", "plasma", "kill"],
        dosed=["drug", "idle"],
    )


def _issues(call, *arguments, **options):
    with pytest.raises(InvalidInput) as error:
        call(*arguments, **options)
    return [f"{issue.message} | {issue.hint}" for issue in error.value.issues]


def _timeline(kernel, patients=3, doses=None, jumps=None, changes=None):
    return read_timeline(kernel, patients, doses, jumps, changes, start=0.0, end=10.0)


def _entries(timeline, patient):
    plan = timeline.plans[patient]
    part = slice(timeline.offsets[plan], timeline.offsets[plan + 1])
    return [
        (float(time), int(kind), float(factor), float(amount))
        for time, kind, factor, amount in zip(
            timeline.times[part],
            timeline.kinds[part],
            timeline.factors[part],
            timeline.amounts[part],
            strict=True,
        )
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"ke": [0.1, 0.2], "plasma": 5.0},
        pl.DataFrame({"patient": [0, 1], "ke": [0.1, 0.2], "plasma": [5, 5]}),
        np.array([[0.1, 5.0, 0.3], [0.2, 5.0, 0.3]]),
    ],
    ids=["mapping", "table", "array"],
)
def test_parameters(kernel, given):
    assert read_parameters(kernel, given).tolist() == [[0.1, 5.0, 0.3], [0.2, 5.0, 0.3]]


def test_no_parameters_are_those_of_the_model(kernel):
    assert read_parameters(kernel, None).tolist() == [[0.4, 3.0, 0.3]]
    assert read_parameters(kernel, None, 4).shape == (4, 3)
    assert read_parameters(kernel, pl.DataFrame({"patient": [0, 1]})[:, []]).shape[1] == 3


@pytest.mark.parametrize(
    "given",
    [
        {"ke": []},
        pl.DataFrame({"ke": []}),
        pl.DataFrame(schema={"ke": pl.Float64}),
        pl.DataFrame(schema={"patient": pl.Int64}),
        np.empty((0, 3)),
    ],
)
def test_an_empty_table_is_of_nobody(kernel, given):
    assert read_parameters(kernel, given).shape == (0, 3)


def test_no_row_is_lost_where_nothing_varies(kernel):
    plain = compile_kernel(read_model(TWO_COMPARTMENTS), outputs=["cells"])
    rows = pl.DataFrame({"patient": [0, 1, 2]})
    assert read_parameters(plain, rows).shape == (3, 0)
    assert read_parameters(kernel, rows).shape == (3, 3)


def test_rows_are_patients_in_order(kernel):
    with pytest.raises(InvalidInput, match="patients are out of order"):
        read_parameters(kernel, pl.DataFrame({"patient": [1, 0], "ke": [0.1, 0.2]}))
    for numbers in ([7, 8], [0, None], ["a", "b"]):
        with pytest.raises(InvalidInput, match="patients are out of order"):
            read_parameters(kernel, pl.DataFrame({"patient": numbers, "ke": [0.1, 0.2]}))
    assert len(read_parameters(kernel, pl.DataFrame({"patient": [0, 1], "ke": [0.1, 0.2]}))) == 2


def test_issues_of_parameters(kernel):
    found = _issues(
        read_parameters, kernel, {"kee": 1.0, "kin": 1.0, "ke": [1, 2], "kill": [1, 2, 3]}
    )
    assert "has no parameter `kee` | did you mean `ke`?" in found[0]
    assert found[1].startswith("`kin` does not vary in this kernel | compile the kernel with vary=")
    assert found[2].startswith("parameters are of different lengths: ke 2, kill 3")
    assert "shape (2, 2), not (patients, 3)" in _issues(read_parameters, kernel, np.ones((2, 2)))[0]
    words = pl.DataFrame({"ke": ["a"]})
    assert "holds no numbers" in _issues(read_parameters, kernel, words)[0]
    assert "`ke`: not all of it is numbers" in _issues(read_parameters, kernel, {"ke": ["a"]})[0]
    assert "shape (1, 1)" in _issues(read_parameters, kernel, {"ke": [[1.0]]})[0]


def test_volumes(kernel):
    table = read_parameters(kernel, {"plasma": [3.0, 0.0, -1.0, np.nan]})
    assert find_bad_volumes(kernel, table).tolist() == [False, True, True, False]


def test_doses_of_every_patient(kernel):
    timeline = _timeline(kernel, doses=pl.DataFrame({"day": [1], "state": ["drug"], "amount": [2]}))
    assert [_entries(timeline, patient) for patient in range(3)] == [
        [(1.0, Kind.DOSE, 1.0, 2.0)]
    ] * 3


def test_doses_of_some_patients(kernel):
    doses = pl.DataFrame(
        {
            "patient": [2, 0, 2, None],
            "time": [4.0, 1.0, 3.0, 5.0],
            "state": ["drug"] * 4,
            "amount": [1.0, 2.0, 3.0, 9.0],
        }
    )
    timeline = _timeline(kernel, doses=doses)
    every = (5.0, Kind.DOSE, 1.0, 9.0)
    assert _entries(timeline, 0) == [(1.0, Kind.DOSE, 1.0, 2.0), every]
    assert _entries(timeline, 1) == [every]
    assert _entries(timeline, 2) == [(3.0, Kind.DOSE, 1.0, 3.0), (4.0, Kind.DOSE, 1.0, 1.0), every]


def test_jumps(kernel):
    jumps = pl.DataFrame({"patient": [1], "day": [2.0], "state": ["cells"], "factor": [0.5]})
    timeline = _timeline(kernel, jumps=jumps)
    assert [_entries(timeline, patient) for patient in range(3)] == [
        [],
        [(2.0, Kind.JUMP, 0.5, 0.0)],
        [],
    ]


def test_changes_of_parameters_leave_other_patients_as_they_are(kernel):
    changes = pl.DataFrame(
        {
            "patient": [0, 0, 1],
            "day": [2.0, 6.0, 3.0],
            "parameter": ["ke"] * 3,
            "value": [0.7, 0.9, 0.8],
        }
    )
    timeline = _timeline(kernel, changes=changes)
    assert [_entries(timeline, patient) for patient in range(3)] == [
        [(2.0, Kind.PARAMETER, 1.0, 0.7), (6.0, Kind.PARAMETER, 1.0, 0.9)],
        [(3.0, Kind.PARAMETER, 1.0, 0.8)],
        [],
    ]


def test_events_as_objects(kernel):
    timeline = _timeline(
        kernel,
        doses=[Dose(1.0, "drug", [1.0, 0.0, 2.0])],
        jumps=[Jump(2.0, "cells", 0.5)],
        changes=[ParameterChange(3.0, "ke", 0.2)],
    )
    assert len(_entries(timeline, 1)) == 2
    assert len(_entries(timeline, 2)) == 3


def test_a_dose_to_a_state_that_no_output_sees_changes_nothing(kernel):
    assert "idle" not in kernel.states
    doses = pl.DataFrame({"day": [1.0], "state": ["idle"], "amount": [2.0]})
    assert _entries(_timeline(kernel, doses=doses), 0) == []


def test_issues_of_events(kernel):
    bad = pl.DataFrame({"day": [1.0], "state": ["drog"], "amount": [1.0]})
    assert "has no state `drog` | did you mean `drug`?" in _issues(_timeline, kernel, doses=bad)[0]
    lost = compile_kernel(read_model(TWO_COMPARTMENTS), outputs=["cells"], vary=["ke"])
    dose = bad.with_columns(state=pl.lit("drug"))
    assert 'dosed=["drug", ...]' in _issues(_timeline, lost, doses=dose)[0]
    late = dose.with_columns(day=pl.lit(99.0))
    assert "after the end" in _issues(_timeline, kernel, doses=late)[0]
    early = dose.with_columns(day=pl.lit(-1.0))
    assert "before the start" in _issues(_timeline, kernel, doses=early)[0]
    nobody = dose.with_columns(patient=pl.lit(3))
    assert (
        "no patient 3 | patients are numbered from 0 to 2"
        in _issues(_timeline, kernel, doses=nobody)[0]
    )
    gap = dose.with_columns(amount=pl.lit(None, dtype=pl.Float64))
    assert "a value is missing" in _issues(_timeline, kernel, doses=gap)[0]
    columns = pl.DataFrame({"amount": [1.0]})
    assert "no column state, day" in _issues(_timeline, kernel, doses=columns)[0]
    unknown = pl.DataFrame({"day": [1.0], "parameter": ["kin"], "value": [1.0]})
    assert "kin" in _issues(_timeline, kernel, changes=unknown)[0]
    endless = dose.with_columns(amount=pl.lit(float("inf")))
    assert "not a finite number" in _issues(_timeline, kernel, doses=endless)[0]


def test_tables_of_the_wrong_kind(kernel):
    dose = pl.DataFrame({"patient": [0], "day": [1.0], "state": ["drug"], "amount": [1.0]})
    words = dose.with_columns(patient=pl.lit("x"), amount=pl.lit("x"))
    assert _issues(_timeline, kernel, doses=words) == [
        "column `patient` holds no numbers | give numbers",
        "column `amount` holds no numbers | give numbers",
    ]
    for number in (0.5, float("nan"), -1):
        half = dose.with_columns(patient=pl.lit(number))
        assert f"there is no patient {number}" in _issues(_timeline, kernel, doses=half)[0]
    assert "| there are none" in _issues(_timeline, kernel, 0, doses=dose)[0]
    nothing = pl.DataFrame({"day": [], "state": [], "amount": []})
    assert _entries(_timeline(kernel, doses=nothing), 0) == []
    jump = [Jump(1.0, "drug", 2.0)]
    assert (
        "Jump stands where a Dose is meant | give a Polars table, or a list of Dose"
        in _issues(_timeline, kernel, doses=jump)[0]
    )
    assert "str stands where" in _issues(_timeline, kernel, doses={"day": 1.0})[0]
    assert "int stands where a ParameterChange" in _issues(_timeline, kernel, changes=1)[0]


@pytest.mark.parametrize("size", [0.0, -1.0])
def test_a_volume_stays_positive(kernel, size):
    changes = pl.DataFrame({"patient": [2], "day": [1.0], "parameter": ["plasma"], "value": [size]})
    for given in (changes, [ParameterChange(1.0, "plasma", [3.0, 3.0, size])]):
        (issue,) = _issues(_timeline, kernel, changes=given)
        assert "volume `plasma` changes to what is not positive" in issue


def test_tolerances(kernel):
    run = "f64", 10.0
    _, share = read_tolerances(kernel, None, *run)
    assert (share > 0).all()
    named, share = read_tolerances(kernel, {"cells": 1e-3, "idle": 5.0}, *run)
    cells = kernel.states.index("cells")
    assert (named[cells], share[cells]) == (1e-3, 0.0)
    assert (share > 0).sum() == len(kernel.states) - 1
    plain, share = read_tolerances(kernel, 1e-9, *run)
    assert (plain.tolist(), share.tolist()) == ([1e-9] * 3, [0.0] * 3)
    assert "has no state `cell`" in _issues(read_tolerances, kernel, {"cell": 1.0}, *run)[0]
    assert "atol has shape (2,)" in _issues(read_tolerances, kernel, [1.0, 2.0], *run)[0]


def test_initial_states(kernel):
    assert read_saved_states(kernel, None) is None
    assert spread_states(kernel, None, 2) is None
    states = read_saved_states(kernel, [1, 2, 3])
    assert spread_states(kernel, states, 2).tolist() == [[1.0, 2.0, 3.0]] * 2
    assert "shape (2, 2), not (2, 3)" in _issues(spread_states, kernel, np.ones((2, 2)), 2)[0]
    table = pl.DataFrame([pl.Series(name, [1.0, None]) for name in reversed(kernel.states)])
    assert np.isnan(read_saved_states(kernel, table)[1]).all()
    words = table.with_columns(pl.lit("x").alias(kernel.states[0]))
    assert "holds no numbers" in _issues(read_saved_states, kernel, words)[0]


def test_what_decides_times_is_moved_by_the_model_alone():
    model = read_model("x = 1; n = 2; x' = -x; at (time > n): n = n + 1, x = x + 1")
    kernel = compile_kernel(model, outputs=["x"])
    for given in ({"doses": [Dose(1.0, "n", 1.0)]}, {"jumps": [Jump(1.0, "n", 2.0)]}):
        with pytest.raises(InvalidInput, match="`n` decides when something happens"):
            solve(kernel, {}, **grouped(times=[0.0, 5.0], **given))


def test_a_run_with_delays_goes_on_from_no_saved_states():
    model = read_model("x = 1; x' = -x; at 2 after (time > 1), fromTrigger = false: x = 3")
    kernel = compile_kernel(model, outputs=["x"])
    first = solve(kernel, {}, Read([0.0, 2.0]))
    later = Schedule(start=2.0, initial_states=first.final_states)
    with pytest.raises(InvalidInput, match="event _E0 has a delay, and saved states"):
        solve(kernel, {}, Read([5.0]), schedule=later)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"k": None}, "`k` is None"),
        ({"k": [1.0, None, 2.0, None]}, "`k` is None for patients 1, 3"),
        (pl.DataFrame({"k": [1.0, None]}), "`k` is None for patient 1"),
        ([[1.0], [None]], "`k` is None for patient 1"),
        ({"k": float("nan")}, "`k` is NaN for every patient"),
    ],
)
def test_a_parameter_without_a_value_is_an_issue_that_names_its_patients(given, message):
    kernel = compile_kernel(read_model("x = 1; k = 1; x' = -k*x"), outputs=["x"], vary=["k"])
    with pytest.raises(InvalidInput) as error:
        read_parameters(kernel, given)
    assert [issue.message for issue in error.value.issues] == [message]
    assert "leave the parameter out" in error.value.issues[0].hint


def test_nan_that_a_draw_gives_is_one_patients():
    kernel = compile_kernel(read_model("x = 1; k = 1; x' = -k*x"), outputs=["x"], vary=["k"])
    found = solve(kernel, {"k": [1.0, np.nan]}, Read([1.0]))
    assert found.status.tolist() == [Status.DONE, Status.BAD_PARAMETERS]
