"""Whatever is given for any argument, the answer is a result or issues with hints, no traceback."""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np
import polars as pl
import pytest

from stromal.errors import InvalidInput
from stromal.kernels import reducers
from stromal.kernels.door import Read
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.reducers import Area, FirstCrossing, Minimum, TimeBelow, ValueAt
from stromal.kernels.solve import solve
from stromal.kernels.stream import solve_to_parquet
from stromal.kernels.timeline import Dose, Jump, ParameterChange
from stromal.models.parse import read_model
from tests.flat import grouped

STRANGE = {
    "None": None,
    "True": True,
    "zero": 0,
    "negative": -3,
    "fraction": 2.5,
    "large": 1e300,
    "huge": 10**30,
    "beyond f64": 10**400,
    "nan": float("nan"),
    "inf": float("inf"),
    "complex": 2j,
    "text": "drug",
    "no text": "",
    "bytes": b"drug",
    "date": dt.date(2020, 1, 1),
    "list": [],
    "nested": [[]],
    "uneven": [[1.0], [1.0, 2.0]],
    "names": ["drug", "drog"],
    "numbers": [1.0, 2.0, 3.0],
    "texts of numbers": ["1", "2"],
    "gaps": [None, None],
    "none of it": ["x", None, 3],
    "dates": np.array(["2020-01-01"], "datetime64[D]"),
    "mapping": {"drug": 1.0},
    "mapping of texts": {"drug": "x"},
    "mapping of numbers": {1: 2},
    "mapping of nothing": {},
    "array of no dimension": np.array(1.0),
    "text of no dimension": np.array("drug"),
    "two numbers": np.array([50, 50]),
    "masked texts": np.ma.array(["1", "2"], mask=[True, False]),
    "masked truths": np.ma.array([True, False], mask=[True, False]),
    "truths among numbers": [True, 2.0],
    "object": object(),
    "kind": float,
    "function": lambda *_: None,
    "array": np.ones((2, 2, 2)),
    "words": np.array(["x"]),
    "truths": np.array([True, False]),
    "table": pl.DataFrame({"x": [1]}),
    "no table": pl.DataFrame(),
    "table of words": pl.DataFrame(
        {"patient": ["x"], "day": ["x"], "state": [3], "amount": ["x"], "ke": ["x"]}
    ),
    "table of lists": pl.DataFrame({"day": [[1.0]], "state": [["drug"]], "amount": [[1.0]]}),
    "table of dates": pl.DataFrame(
        {"day": [dt.date(2020, 1, 1)], "state": ["drug"], "amount": [1.0]}
    ),
    "lazy": pl.LazyFrame({"day": [1.0]}),
    "column": pl.Series([1.0]),
    "model": read_model("x = 1"),
    "reducer": Minimum("drug"),
    "bare reducer": Minimum,
    "bad reducers": [
        Minimum(3),
        Minimum("drug", label=3),
        Area("drug", window=("x", None)),
        TimeBelow("drug", None),
        FirstCrossing("drug", 1.0, ["up"]),
    ],
    "reducer of one time": [ValueAt("drug", 3.0)],
    "reducer of no time": [ValueAt("drug", ())],
    "reducer of words": [ValueAt("drug", "x"), ValueAt("drug", ["x"])],
    "dose": Dose(1.0, "drug", 1.0),
    "dose of a number": [Dose(0, 3, 1)],
    "dose of words": [Dose("x", "drug", "y")],
    "doses of others": [Dose(1.0, "drug", [1.0] * 7)],
    "jump": [Jump(1.0, "drug", None)],
    "jump of dates": [Jump(dt.date(2020, 1, 1), "drug", 1.0)],
    "change": [ParameterChange(1.0, "ke", 1.0, patients="x")],
    "change of a volume": [ParameterChange(1.0, "plasma", "x")],
}

MODEL = "compartment plasma = 2; drug = 1; ke = 0.5; drug' = -ke * drug / plasma;"
SOLVE = (
    "parameters",
    "times",
    "doses",
    "jumps",
    "parameter_changes",
    "initial_states",
    "start",
    "reducers",
    "intervals",
    "backend",
    "precision",
    "rtol",
    "atol",
    "threads",
    "chunk",
    "max_steps",
    "progress",
)
COMPILE = ("outputs", "vary", "fixed", "dosed", "sensitivities", "slopes", "prune")
ABOUT_REDUCERS = [
    getattr(reducers, name)
    for name in (
        "Minimum",
        "Maximum",
        "Area",
        "TimeBelow",
        "TimeAbove",
        "FirstCrossing",
        "FirstRun",
    )
]


@cache
def _kernel():
    return compile_kernel(read_model(MODEL), outputs=["drug"], vary=["ke", "plasma"])


def _skip_functions(argument, given):
    """What fails in a function that somebody gave is theirs."""
    if argument in ("progress", "parameters") and isinstance(given, type):
        pytest.skip(f"{argument} may be a function")


def _ask(call, *arguments, **options):
    """The answer; None where there are issues, each of which says what to do."""
    try:
        return call(*arguments, **options)
    except InvalidInput as error:
        issues = error.issues
    assert issues
    assert all(issue.message and issue.hint for issue in issues), issues
    return None


@pytest.mark.parametrize("given", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("argument", [*SOLVE, "keep"])
def test_solve(argument, given):
    _skip_functions(argument, given)
    usual = {"parameters": {"ke": [0.5, 1.0]}, "times": [0.0, 4.0], "backend": "numpy"}
    solution = _ask(solve, _kernel(), **grouped(**{**usual, argument: given}))
    if solution is not None:
        assert len(solution.status) == len(solution.patients())


@pytest.mark.parametrize("given", STRANGE.values(), ids=STRANGE)
def test_what_is_no_kernel_is_said(given):
    assert _ask(solve, given, None, Read([1.0])) is None
    assert _ask(solve_to_parquet, given, {}, Read([1.0]), "nowhere", patients=1) is None


@pytest.mark.parametrize("given", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("argument", COMPILE)
def test_compile_kernel(argument, given):
    usual = {"outputs": ["drug"], "vary": ["ke"]}
    _ask(compile_kernel, read_model(MODEL), **{**usual, argument: given})


@pytest.mark.parametrize("given", STRANGE.values(), ids=STRANGE)
def test_read_model(given):
    assert _ask(read_model, given) is None


@pytest.mark.parametrize("given", STRANGE.values(), ids=STRANGE)
def test_what_is_no_model_is_said(given):
    made = _ask(compile_kernel, given, outputs=["x"])
    assert (made is None) == (given is not STRANGE["model"])


@pytest.mark.parametrize("given", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize(
    "argument",
    sorted({*SOLVE, "folder", "patients", "keep"} - {"initial_states"}),
)
def test_solve_to_parquet(argument, given, tmp_path, monkeypatch):
    _skip_functions(argument, given)
    monkeypatch.chdir(tmp_path)
    usual = {
        "parameters": lambda first, count: {"ke": np.linspace(0.1, 1.0, 5)[first : first + count]},
        "folder": "run",
        "patients": 5,
        "times": [0.0, 4.0],
        "chunk": 2,
        "backend": "numpy",
    }
    _ask(solve_to_parquet, _kernel(), **grouped(**{**usual, argument: given}))


@pytest.mark.parametrize("given", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("kind", ABOUT_REDUCERS)
def test_reducers(kind, given):
    threshold = () if kind in ABOUT_REDUCERS[:3] else (0.5,)
    run = {"parameters": {"ke": 0.5}, "times": [0.0, 4.0], "backend": "numpy"}
    made = [kind(given, *threshold)]
    made += [kind("drug", *threshold, **{name: given}) for name in ("window", "label")]
    made += [kind("drug", *threshold, window=each) for each in ((given, None), (None, given))]
    made += [kind("drug", given) for _ in threshold]
    for one in made:
        _ask(solve, _kernel(), **grouped(reducers=[one], **run))


@pytest.mark.parametrize("given", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize(
    ("argument", "kind", "usual"),
    [
        ("doses", Dose, {"time": 1.0, "state": "drug", "amount": 1.0}),
        ("jumps", Jump, {"time": 1.0, "state": "drug", "factor": 1.0, "amount": 1.0}),
        ("parameter_changes", ParameterChange, {"time": 1.0, "parameter": "ke", "value": 1.0}),
    ],
)
def test_events(argument, kind, usual, given):
    run = {"parameters": {"ke": [0.5, 1.0]}, "times": [0.0, 4.0], "backend": "numpy"}
    for name in (*usual, "patients"):
        event = kind(**{**usual, name: given})
        _ask(solve, _kernel(), **grouped(**run, **{argument: [event]}))
