from __future__ import annotations

import pytest

from stromal.errors import InvalidInput
from stromal.models.antimony_text.models import check_fatal, check_models, find_submodel
from stromal.models.antimony_text.outline import read_outline
from stromal.models.antimony_text.tokens import read_tokens
from stromal.models.parse import read_model

A = "model a() x = 1; end\n"
B = "model b() y = 2; end\n"
OF_A = "model c() A: a(); end\n"
KEEP = "keep one model, or mark the one to take as `model *a`"
MOVE = "move what stands outside into the model"


def issues(text):
    found = check_models(read_outline(read_tokens(text)))
    return [(item.row, item.message, item.hint) for item in found]


def ignored(what, taken):
    return f"{what} would be ignored: {taken} is taken"


@pytest.mark.parametrize(
    ("text", "row", "what", "taken", "hint"),
    [
        (A + B, 1, "model `a`", "model `b`", KEEP),
        (B + A, 1, "model `b`", "model `a`", KEEP.replace("*a", "*b")),
        (B.replace(" b", " *b") + A, 2, "model `a`", "model `b`", KEEP),
        (A.replace(" a", " *a") + B.replace(" b", " *b"), 1, "model `a`", "model `b`", KEEP),
        (B + A + OF_A, 1, "model `b`", "model `c`", KEEP.replace("*a", "*b")),
        (A + "z = 3", 1, "model `a`", "what stands outside (row 2)", MOVE),
        ("z = 3\n" + A, 2, "model `a`", "what stands outside (row 1)", MOVE),
        ("unit u = second\n" + A, 2, "model `a`", "what stands outside (row 1)", MOVE),
        ('a is "early"\n' + A, 2, "model `a`", "what stands outside (row 1)", MOVE),
        (A + "-> S; 2", 1, "model `a`", "what stands outside (row 2)", MOVE),
        (A + B + "A: a()", 2, "model `b`", "what stands outside (row 3)", MOVE),
        (
            A.replace(" a", " *a") + "z = 3",
            2,
            "what stands outside any model",
            "model `a`",
            "move it into the model, before its `end`",
        ),
    ],
)
def test_what_would_be_ignored(text, row, what, taken, hint):
    assert issues(text) == [(row, ignored(what, taken), hint)]


def test_models_that_only_ignored_models_use_are_ignored():
    rows = [row for row, *_ in issues(A + OF_A + "model *d() z = 3; end")]
    assert rows == [1, 2]


@pytest.mark.parametrize(
    ("text", "name", "names"),
    [
        ("x = 1", "model", ["x"]),
        (A, "a", ["x"]),
        (A + ";;\n\n// nothing\n", "a", ["x"]),
        (A + 'a is "A model"\na identity "urn:a"\na.sboTerm = 3', "a", ["x"]),
        ("function f(q) 2*q end\n" + A, "a", ["x"]),
        (A + "function f(q) 2*q end\n", "a", ["x"]),
        (A + OF_A, "c", ["A_x"]),
        (A + OF_A + "model d() C: c(); B: a(); end", "d", ["B_x", "C_A_x"]),
        (A.replace(" a", " *a"), "a", ["x"]),
        (A + OF_A.replace(" c", " *c"), "c", ["A_x"]),
        (A + "A: a()", "model", ["A_x"]),
        (A + "A: a(); A.x = 4; z = 3", "model", ["A_x", "z"]),
    ],
)
def test_texts_that_are_one_model(text, name, names):
    assert issues(text) == []
    model = read_model(text)
    assert (model.name, sorted(parameter.name for parameter in model.parameters)) == (name, names)


@pytest.mark.parametrize(
    ("text", "row", "message"),
    [
        ("x = 1\ndelete A.x", 2, "`A.x` cannot be deleted: `A` is no submodel here"),
        ("x = 1\ndelete x.y", 2, "`x.y` cannot be deleted: `x` is no submodel here"),
        (A + "A: a(); delete A.x.y", 2, "`A.x.y` cannot be deleted: `x` is no submodel here"),
        (A + "delete A.x; A: a()", 2, "`A.x` cannot be deleted: `A` is no submodel here"),
        (A + "A: a()\ndelete A.x, B.x", 3, "`B.x` cannot be deleted: `B` is no submodel here"),
    ],
)
def test_deletions_of_what_is_in_no_submodel(text, row, message):
    (issue,) = check_fatal(read_outline(read_tokens(text)))
    assert (issue.row, issue.message) == (row, message)
    assert issue.hint == "delete only parts of a submodel, after it"


@pytest.mark.parametrize(
    ("text", "row", "message", "hint"),
    [
        (
            "model a()\nA: a(); x = 1; end",
            2,
            "model `a` is made of itself",
            "remove this submodel",
        ),
        (
            'x = 1\ndelay is "late"',
            2,
            "`delay` is a function of Antimony and can have no other name",
            "name something else",
        ),
        (
            "x = 1\nconstraint: not(x > 2)",
            2,
            "constraints behind the word `constraint` are not supported",
            "leave it out, or write the comparison alone, as `x > 0`; it changes no value",
        ),
    ],
)
def test_what_ends_the_process(text, row, message, hint):
    (issue,) = check_fatal(read_outline(read_tokens(text)))
    assert (issue.row, issue.message, issue.hint) == (row, message, hint)
    with pytest.raises(InvalidInput):
        read_model(text)


def test_a_comparison_alone_changes_nothing():
    assert not list(check_fatal(read_outline(read_tokens("x = 1; x > 0"))))
    assert read_model("x = 1; x > 0").parameters == read_model("x = 1").parameters


def test_deletions_of_parts():
    text = f"model a() x = 1; y = 2; end\n{OF_A}B: c(); A: a(); delete A.x, B.A.y"
    assert not list(check_fatal(read_outline(read_tokens(text))))
    assert {item.name for item in read_model(text).parameters} == {"A_y", "B_A_x"}


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("A: a(x)", "a"),
        ("a()", "a"),
        ("A in c: a(2)", "a"),
        ("A.b: a()", "a"),
        ("x = a(2)", None),
        ("x := a(2)", None),
        ("J: a -> b; a(2)", None),
        ("A: other(2)", None),
    ],
)
def test_submodels(text, model):
    (statement,) = read_outline(read_tokens(text)).statements
    assert find_submodel(statement, {"a"}) == model
