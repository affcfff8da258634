"""Tables of covariates: what they become, and every issue of them at once."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from stromal.errors import InvalidInput
from stromal.kernels.covariates import Covariates, add_covariates, read_covariates
from stromal.kernels.door import Read, Schedule
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solve import solve
from stromal.kernels.timeline import ParameterChange
from stromal.models.parse import read_model

MODEL = read_model("""
    compartment V = 2; species x in V; x = 1; w = 1; k = 0.1; u = 4; f = 1
    J: x -> ; V*(k*w + 0*u)*x*f
""")
KERNEL = compile_kernel(
    MODEL, outputs=["x"], vary=["w", "k", "V"], covariates=["w"], fixed={"u": 3.0}
)


def visits(**columns):
    plain = {"patient": [0, 0, 1], "day": [1.0, 3.0, 2.0], "covariate": "w", "value": [1.0, 5, 2]}
    return pl.DataFrame(plain | columns, strict=False)


def read(table, *, linear=(), patients=2, start=0.0, end=10.0, kernel=KERNEL):
    given = Covariates(table, linear=linear)
    found = read_covariates(kernel, given, patients, start=start, end=end)
    return [
        (each.parameter, np.ravel(each.time).tolist(), np.ravel(each.value).tolist())
        for each in found
    ]


def test_carried_forward_and_held_before_the_first():
    first = np.nextafter(0.0, -np.inf)
    assert read(visits()) == [
        ("w", [first, first], [1.0, 2.0]),
        ("w", [1.0, 3.0, 2.0], [1.0, 5.0, 2.0]),
    ]


def test_visits_before_the_start_and_after_the_end_say_what_holds_within():
    before = np.nextafter(2.0, -np.inf)
    found = read(visits(), linear=["w"], start=2.0, end=2.5)
    assert found == [
        ("w", [before] * 2, [3.0, 2.0]),
        ("slope of w", [before] * 2, [2.0, 0.0]),
        ("visit of w", [before] * 2, [2.0, 2.0]),
        ("w", [], []),
        ("slope of w", [], []),
        ("visit of w", [], []),
    ]


def test_rows_of_patients_may_alternate():
    table = visits().sort("day")
    assert table["patient"].to_list() == [0, 1, 0]
    assert sorted(read(table)[1][1]) == [1.0, 2.0, 3.0]


def test_everyone_where_no_patient_is_named():
    table = visits().drop("patient").sort("day").rename({"day": "time"})
    assert [each[1:] for each in read(table)[1:]] == [
        ([1.0], [1.0]),
        ([2.0], [2.0]),
        ([3.0], [5.0]),
    ]


@pytest.mark.parametrize(
    ("columns", "row", "column", "message"),
    [
        ({"value": [1.0, None, 2.0]}, 3, "value", "value is not a finite number"),
        ({"value": [1.0, np.nan, 2.0]}, 3, "value", "value is not a finite number"),
        ({"day": [None, 3.0, 2.0]}, 2, "day", "day is not a finite number"),
        ({"day": [4.0, 3.0, 2.0]}, 3, "day", "day 3 stands below day 4"),
        ({"day": [3.0, 3.0, 2.0]}, 3, "day", "day 3 stands there twice"),
        ({"patient": [0, 0, 2]}, 4, "patient", "there is no patient 2"),
        ({"patient": [0, 0, 0.5]}, 4, "patient", "there is no patient 0.5"),
        ({"patient": [0, 0, None]}, None, "patient", "`w` is given for everyone and for single"),
        ({"covariate": ["w", "w", None]}, 4, "covariate", "covariate is missing"),
        ({"covariate": ["w", "w", "W"]}, None, "covariate", "has no parameter `W`"),
        ({"covariate": ["w", "w", "u"]}, None, "covariate", "`u` does not vary in this kernel"),
        ({"covariate": ["w", "w", "V"], "value": [1, 1, 0]}, 4, "value", "`V` is not positive"),
    ],
)
def test_what_is_wrong_with_a_row(columns, row, column, message):
    with pytest.raises(InvalidInput) as caught:
        read(visits(**columns))
    found = [issue for issue in caught.value.issues if message in issue.message]
    assert [(issue.row, issue.column) for issue in found] == [(row, column)]
    assert found[0].hint


@pytest.mark.parametrize(
    ("table", "linear", "message"),
    [
        (visits().drop("value"), [], "no column value"),
        (visits(dose=1.0), [], "column `dose` is not known"),
        (visits(value="high"), [], "column `value` holds no numbers"),
        (visits(covariate=1), [], "column `covariate` holds no names"),
        (visits(covariate="k"), ["k"], "`k` cannot change linearly in this kernel"),
        (visits(), ["weight"], "`weight` is linear, and has no visits"),
        (visits(), "w", "is no list of names"),
        ([1.0], [], "list stands where a table is meant"),
    ],
)
def test_what_is_wrong_with_a_table(table, linear, message):
    with pytest.raises(InvalidInput) as caught:
        read(table, linear=linear)
    assert message in str(caught.value)
    assert "hint" in str(caught.value)


def test_every_issue_comes_at_once():
    table = visits(patient=[0, 0, 7], day=[3.0, 1.0, None], covariate=["w", "w", "Q"])
    with pytest.raises(InvalidInput) as caught:
        read(table)
    assert len(caught.value.issues) == 4


def test_a_parameter_does_not_follow_two_masters():
    given = [ParameterChange(1.0, "w", 2.0)]
    follows = read_covariates(KERNEL, visits(), 2, start=0.0, end=9.0)
    with pytest.raises(InvalidInput, match="follows a covariate, and is changed beside it"):
        add_covariates(given, follows, 2)
    others = pl.DataFrame({"day": [1.0], "parameter": ["k"], "value": [0.5]})
    assert len(add_covariates(others, follows, 2)) == 1 + len(follows)
    assert add_covariates(others, [], 2) is others


def test_what_sensitivities_are_computed_to_does_not_change():
    kernel = compile_kernel(MODEL, outputs=["x"], vary=["w"], sensitivities=["w"])
    with pytest.raises(InvalidInput, match="sensitivities are computed to it"):
        read(visits(), kernel=kernel)


def test_initial_states_come_from_the_value_at_the_start():
    model = read_model("x = w; w = 1; x' = 0*x;")
    kernel = compile_kernel(model, outputs=["x"], vary=["w"], covariates=["w"])
    table = visits(patient=[0, 0, 1], day=[-1.0, 1.0, 4.0])
    for linear, right in (([], [1.0, 2.0]), (["w"], [3.0, 2.0])):
        schedule = Schedule(covariates=Covariates(table, linear=linear))
        found = solve(kernel, {"w": [9.0, 9.0]}, Read([0.0, 5.0]), schedule=schedule)
        assert found.output("x")[:, 1].tolist() == right
