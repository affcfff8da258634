from __future__ import annotations

import dataclasses

import pytest
import sympy

from stromal.models.model import Compartment, Event, Model, Parameter, Participant, Reaction, symbol

K = symbol("k")
MODEL = Model(
    "m",
    compartments=(Compartment("C", None),),
    parameters=(Parameter("k", None), Parameter("x", 1.0, constant=False)),
    reactions=(Reaction("J", (Participant("S", 2 * K),), (), (), K),),
    rate_rules={"x": -K},
    initial_assignments={"k": sympy.Integer(2)},
    events=(Event("E", K > 0, (("x", K),), delay=K),),
)


def test_values_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        MODEL.name = "other"
    with pytest.raises(TypeError):
        MODEL.rate_rules["x"] = K


def test_every_formula_has_its_place():
    assert [place for place, _ in MODEL.formulas()] == [
        "rate of J",
        "stoichiometry of S in J",
        "rate rule of x",
        "initial assignment of k",
        "trigger of event E",
        "delay of event E",
        "x in event E",
    ]


def test_values_replace_initial_assignments():
    model = MODEL.with_values({"k": 3.0, "C": 5.0})
    assert (model.parameters[0].value, model.compartments[0].size) == (3.0, 5.0)
    assert "k" not in model.initial_assignments
    assert MODEL.parameters[0].value is None


def test_value_of_an_unknown_name():
    with pytest.raises(KeyError, match="nothing"):
        MODEL.with_values({"nothing": 1.0})
