"""Expressions come back from a pickle as they were written, also those that sympy would rewrite."""

from __future__ import annotations

import copy
import pickle

import pytest
import sympy

from stromal.models.arithmetic import choose
from stromal.models.derive import derive_odes
from stromal.models.model import Model, symbol
from stromal.models.parse import read_model

X = symbol("x")
UNTOUCHED = [
    choose([(X, sympy.Ge(X / 2, 0, evaluate=False))]),
    sympy.Min(5, 7, X, evaluate=False),
    sympy.Pow(sympy.Integer(0), X, evaluate=False),
]


def _sent(value):
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("copied", [_sent, copy.deepcopy])
@pytest.mark.parametrize("expression", UNTOUCHED, ids=str)
def test_what_was_not_evaluated_stays_so(expression, copied):
    model = Model("one", assignment_rules={"y": expression})
    assert copied(model) == model
    assert repr(copied(model)) == repr(model)


def test_deep_expressions():
    text = "x = 1; x' = -a60; a0 := sin(x);"
    text += "".join(f"a{n} := 1 + sin(a{n - 1} + 2);" for n in range(1, 61))
    odes = derive_odes(read_model(text))
    assert _sent(odes) == odes
