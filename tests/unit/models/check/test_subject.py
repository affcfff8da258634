"""What checks look at: formulas, written out, and what the model makes of them."""

from __future__ import annotations

import polars as pl
import pytest
import sympy

from stromal.errors import Severity
from stromal.models.check.ranges import Range
from stromal.models.check.subject import Subject, as_number, list_names, show
from stromal.models.model import symbol
from stromal.models.parameters import PARAMETERS
from stromal.models.parse import read_model

TEXT = "k = 2; x = 1; h = 0; y := x/(k + x); watch := ln(x + 3); x' = k - k*y; h' = y"


def test_nodes_say_where_they_stand_and_whether_they_drive():
    (watcher,) = Subject(read_model(TEXT)).nodes(sympy.log)
    assert (watcher.place, str(watcher), watcher.drives) == (
        "assignment of watch",
        "ln(x + 3)",
        False,
    )


def test_assignments_are_written_out():
    subject = Subject(read_model(TEXT + "; z := exp(y)"))
    (node,) = subject.nodes(sympy.exp)
    x, k = symbol("x"), symbol("k")
    assert node.expanded == sympy.exp(x / (k + x))
    assert node.written == sympy.exp(symbol("y"))


def test_concentrations_are_written_out():
    text = "compartment C = 2; species S in C = 4; a := ln(S); J: S -> ; 0.1*S"
    subject = Subject(read_model(text))
    (node,) = subject.nodes(sympy.log)
    assert node.expanded.free_symbols == {symbol("S"), symbol("C")}
    (rate,) = [place for place, _, drives in subject._formulas() if drives]
    assert rate == "rate of J"


def test_limits_of_the_table_are_ranges_of_constants():
    rows = pl.DataFrame({"name": ["k"], "value": [2.0], "low": [1.0], "high": [3.0]})
    subject = Subject(read_model(TEXT), PARAMETERS.conform(rows))
    assert subject.region.box[symbol("k")] == Range(1.0, 3.0, never_zero=True)


def test_a_model_without_equations_says_why():
    subject = Subject(read_model("x = 1; x' = -k*x"))
    assert subject.odes is None
    assert subject.region is None
    assert subject.refusals
    assert subject.start == {}


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (sympy.log(symbol("x")) ** 2, "ln(x)^2"),
        (sympy.Max(symbol("x"), 0, evaluate=False), "max(x, 0)"),
        (sympy.Min(symbol("x"), 2, evaluate=False), "min(x, 2)"),
        (sympy.Abs(symbol("x")), "abs(x)"),
        (
            sympy.Piecewise((symbol("x"), symbol("x") > sympy.Float(0.02)), (0.02, True)),
            "piecewise(x, x > 0.02, 0.02)",
        ),
    ],
)
def test_expressions_are_shown_as_antimony(expression, text):
    assert show(expression) == text


def test_long_expressions_are_cut():
    assert len(show(sympy.Add(*(symbol(f"name{i}") for i in range(30))))) == 60


def test_numbers_and_names():
    assert as_number(sympy.Integer(2)) == 2.0
    assert as_number(symbol("x")) != as_number(symbol("x"))
    assert list_names(["a"]) == "`a`"
    assert list_names(("a", "b", "c")) == "`a`, `b` and `c`"


def test_issues_name_the_file_of_the_model(tmp_path):
    file = tmp_path / "model.ant"
    file.write_text("x = 1; x' = -x")
    issue = Subject(read_model(file)).issue("a", "b", "c", Severity.NOTE)
    assert str(issue) == "model.ant b: a.\nhint: c"
