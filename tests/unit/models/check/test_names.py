"""Names by the grammar."""

from __future__ import annotations

import pytest

from stromal.models.check.names import check_look_alikes, check_names
from stromal.models.check.subject import Subject
from stromal.models.model import Model, Parameter
from stromal.models.parse import read_model
from tests.unit.models.check.examples import tell


def _named(name):
    issues = check_names(Subject(Model("m", parameters=(Parameter(name, 1.0),))))
    return "\n".join(f"{issue.severity}: {issue}" for issue in issues)


@pytest.mark.parametrize(
    "name", ["_x", "2x", "größe", "x y", "lambda", "Time", "time", "exp", "gamma", "J.del", "Ei"]
)
def test_names_that_are_told(name, snapshot):
    assert _named(name) == snapshot


@pytest.mark.parametrize("name", ["x", "x_2", "ANC", "S", "E1", "J.k", "lambda_", "I", "N"])
def test_names_that_are_good(name):
    assert _named(name) == ""


def test_reactions_and_assignments_have_names_too():
    text = "compartment C = 1; species S in C = 1; zeta: S -> ; 0.1*S; beta := 2*S"
    told = tell(check_names, text)
    assert "`zeta`" in told
    assert "`beta`" in told


def test_names_that_look_alike(snapshot):
    assert tell(check_look_alikes, "kd = 1; Kd = 2; KD = 3; a = 1; b = 2") == snapshot
    assert not list(check_look_alikes(Subject(read_model("a = 1; b = 2"))))
