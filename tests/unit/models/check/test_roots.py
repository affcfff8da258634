"""Roots on either side of zero, by the scale of a state."""

from __future__ import annotations

import pytest
import sympy

from stromal.models.check.roots import find_nearest_root, find_root
from stromal.models.check.subject import Subject
from stromal.models.model import symbol
from stromal.models.parse import read_model

X, K = sympy.symbols("x k", real=True)


@pytest.mark.parametrize(
    ("expression", "sign", "root"),
    [
        (X + 1e-9, -1, -1e-9),
        (X + 5, -1, -5.0),
        (X - 0.5, 1, 0.5),
        (X, -1, 0.0),
        (X**2 + 1, -1, None),
        (X - 1, -1, None),
        (sympy.Max(X, 0, evaluate=False) + 1e-9, -1, None),
        (1 / X, -1, None),
        (sympy.log(X + 2), -1, -1.0),
    ],
)
def test_root(expression, sign, root):
    found = find_root(expression, X, {}, 1.0, sign)
    assert found == (None if root is None else pytest.approx(root, rel=1e-9))


def test_other_states_are_taken_at_the_end_that_is_nearer():
    text = "y = 3; x = 1; x' = -x; y' = -y; z := 1/(0.5 + x + y)"
    subject = Subject(read_model(text))
    bottom = sympy.Rational(1, 2) + symbol("x") + symbol("y")
    assert find_nearest_root(subject, bottom, symbol("x")) == pytest.approx(-0.5)


def test_no_equations_no_root():
    subject = Subject(read_model("x = 1; x' = -k*x"))
    assert subject.odes is None
    assert find_nearest_root(subject, symbol("x") + 1, symbol("x")) is None
