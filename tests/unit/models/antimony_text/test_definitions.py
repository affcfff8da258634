from __future__ import annotations

import pytest

from stromal.models.antimony_text.definitions import check_definitions
from stromal.models.antimony_text.outline import read_outline
from stromal.models.antimony_text.tokens import read_tokens
from stromal.models.parse import read_model

SUB = "model s(x) x' = -x; end\n"


def issues(text):
    return [(item.row, item.message) for item in check_definitions(read_outline(read_tokens(text)))]


def said(name, first, second):
    return f"{name} {first} in row 1 and {second} in row 2, and only one can hold"


@pytest.mark.parametrize(
    ("text", "name", "what"),
    [
        ("x = 1\nx = 2", "`x`", "has a value"),
        ("x = 1\nx =", "`x`", "has a value"),
        ("const x = 1\nx = 2", "`x`", "has a value"),
        ("species x = 1\nx = 2", "`x`", "has a value"),
        ("species $x in c = 1, y = 2\nx in c = 2", "`x`", "has a value"),
        ("compartment c = 1\nc = 2", "`c`", "has a value"),
        ("x := 1\nx := 2", "`x`", "has an assignment rule"),
        ("x' = 1\nx' = 2", "`x`", "has a rate rule"),
        ("J: -> A; 1\nJ: -> B; 2", "`J`", "is a reaction"),
        ("E: at time > 1: x = 2\nE: at time > 2: y = 2", "`E`", "is an event"),
        ("function f(a) a end\nfunction f(b) 2*b end", "`f`", "is a function"),
        ("model m() x = 1; end\nmodel m() y = 2; end", "`m`", "is a model"),
        ("unit u = second\nunit u = metre", "`u`", "is a unit"),
        ("A in c\nA in d", "`A`", "has a compartment"),
        ("x has second\nx has metre", "`x`", "has a unit"),
        ("X: A--B\nX: B--A", "`X`", "is a strand of DNA"),
        ("at time > 1: x = 2,\nx = 3", "`x`", "is set by the event"),
        ("at time > 1, t0 = false,\nt0 = true: x = 2", "`t0`", "is set by the event"),
        ("A in c x = 1\nx = 2", "`x`", "has a value"),
    ],
)
def test_the_same_said_twice(text, name, what):
    assert issues(text) == [(2, said(name, what, "again"))]


@pytest.mark.parametrize(
    ("text", "name", "first", "second"),
    [
        ("x = 1\nx := 2", "`x`", "has a value", "has an assignment rule"),
        ("x := 1\nx = 2", "`x`", "has an assignment rule", "has a value"),
        ("x := 1\nx' = 2", "`x`", "has an assignment rule", "has a rate rule"),
        ("x' = 1\nx := 2", "`x`", "has a rate rule", "has an assignment rule"),
        ("J = 1\nJ: -> A; 2", "`J`", "has a value", "is a reaction"),
        ("J: -> A; 1\nJ = 2", "`J`", "is a reaction", "has a value"),
        ("J: -> A; 1\nJ := 2", "`J`", "is a reaction", "has an assignment rule"),
        ("J: -> A;\nJ: -> A; 2", "`J`", "is a reaction without a rate", "is a reaction"),
        ("E = 1\nE: at time > 1: x = 2", "`E`", "has a value", "is an event"),
        ("unit u = second\nu = 1", "`u`", "is a unit", "has a value"),
    ],
)
def test_two_things_of_which_one_can_hold(text, name, first, second):
    assert issues(text) == [(2, said(name, first, second))]


def test_each_definition_after_the_first_is_an_issue():
    assert [row for row, _ in issues("x = 1\nx = 2\ny := 1\nx = 3\ny := 2")] == [2, 4, 5]


def test_names_that_are_one_thing():
    assert issues("a is b; a = 1\nb = 2") == [(2, said("`b`, also `a`,", "has a value", "again"))]
    text = f"{SUB}A: s(y); A.x = 2\ny = 3"
    assert [message for _, message in issues(text)] == [
        "`y`, also `A.x`, has a value in row 2 and again in row 3, and only one can hold"
    ]
    assert [row for row, _ in issues(f"{SUB}A: s(5)\nA.x = 2")] == [3]
    assert [row for row, _ in issues(f"{SUB}A: s()\nA: s()")] == [3]


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ("x = 1; x = 2", False),
        ("J: -> A; 1; J: -> A; 2", True),
        ("E = 1; E: at time > 1: x = 1", True),
    ],
)
def test_hints(text, renamed):
    (issue,) = check_definitions(read_outline(read_tokens(text)))
    assert issue.hint == "keep one of them" + " or give them different names" * renamed


@pytest.mark.parametrize(
    "text",
    [
        "x = 1; x' = -x",
        "x' = -x; x = 1",
        "species x; x = 1",
        "species x = 1; x' = 2; x has mole",
        "const x = 1; const x",
        "x = 1; x' = 1; at time > 1: x = 2, y = 3; at time > 2: x = 4; y = 0",
        "E: at time > 1, t0 = false: x = 2; E2: at time > 2, t0 = false: x = 3; x = 0",
        "x = 0; t0 = 0; at time > 1, t0 = false: x = 2, t0 = 3",
        "compartment c = 2; species S in c; S = 3; S in c",
        'x = 1; x is "one"; x is "two"; x identity "urn:a"; x identity "urn:b"',
        "x = 1; x has second; x has second",
        "J: -> A; k; k = 1; J in c; compartment c = 1",
        "J: -> A;\nJ = 3",
        "J = 3; J: -> A;\n",
        "-> A; 1; -> A; 2",
        "unit u = second; x = 1 u; x has u",
        f"{SUB}model m A: s(y); y = 5; B: s(); B.x = 6; end",
        f"{SUB}model m A: s(y); y = 5; A.x' = 3; end",
        "model s x = 1; x' = -x; end; model m A: s(); A.x is x; x = 2; end",
        "S in c y = 3; c = 1",
        "x = 1 // x = 2\n/* x = 3 */ # x = 4",
    ],
)
def test_what_may_be_said_beside_each_other(text):
    assert issues(text) == []
    read_model(text)
