from __future__ import annotations

import pytest

from stromal.models.antimony_text.outline import OUTSIDE, read_outline, read_path, split, written
from stromal.models.antimony_text.tokens import read_tokens


def outline(text):
    return read_outline(read_tokens(text))


def statements(text):
    return [(item.model, written(item.tokens)) for item in outline(text).statements]


def test_models_functions_and_statements():
    found = outline(
        "model *a(x, $y)\nx = 1\nend\nfunction f(p, q)\n p + q\nend; model b z = 2; end"
    )
    assert [(item.name, item.row, item.arguments, item.starred) for item in found.models] == [
        ("a", 1, ("x", "y"), True),
        ("b", 6, (), False),
    ]
    (function,) = found.functions
    assert (function.name, function.row, function.arguments) == ("f", 4, ("p", "q"))
    assert written([token for token in function.body if token.text.strip()]) == "p+q"
    assert [(item.model, item.row) for item in found.statements] == [("a", 2), ("b", 6)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1; y = 2\nz = 3", ["x=1", "y=2", "z=3"]),
        ("x = 1;;;\n\n", ["x=1"]),
        ("J: A -> B; k*A; x = 1", ["J:A->B", "x=1"]),
        ("J: A -> B;\nx = 1", ["J:A->B", "x=1"]),
        ("A -(B; k; x = 1", ["A-(B", "x=1"]),
        ("x = a -(b); y = 1", ["x=a-(b)", "y=1"]),
        ("A in c x = 1; B in d.e $C in f", ["Ainc", "x=1", "Bind.e", "Cinf"]),
        ("A in c = 1; B in c has mole", ["Ainc=1", "Binchasmole"]),
        ("at time > 1:\n x = 2,\n\n y = 3; z = 4", ["attime>1:x=2,y=3", "z=4"]),
        ("E: at a -(b) > 1: x = 2; y = 3", ["E:ata-(b)>1:x=2", "y=3"]),
        ("constraint: a -(b) > 1; y = 3", ["constraint:a-(b)>1", "y=3"]),
    ],
)
def test_where_statements_end(text, expected):
    assert [words for _, words in statements(text)] == expected


def test_the_rate_of_a_reaction():
    rates = [item.rate for item in outline("J: -> x; 2*k; -> y;\n x = 1").statements]
    assert [rate if rate is None else written(rate) for rate in rates] == ["2*k", "", None]


def test_words_about_a_model_inside_and_after_it():
    text = 'model a x = 1; model notes "n"\n model.sboTerm = 3\n end; a is "name"'
    assert statements(text) == [
        ("a", "x=1"),
        ("a", 'modelnotes"n"'),
        ("a", "model.sboTerm=3"),
        (OUTSIDE, 'ais"name"'),
    ]
    assert [item.of_block for item in outline(text).statements] == [False, False, False, True]
    assert not outline('a is "name"; model a x = 1; end').statements[0].of_block


@pytest.mark.parametrize(
    "text", ["model", "model *", "function", "model a(", "function f(", "end end"]
)
def test_heads_that_are_cut_off(text):
    assert not outline(text).statements


def test_parts_between_signs():
    parts = split(read_tokens("a, f(b, c), {d, e}"), ",")
    assert [written(part) for part in parts] == ["a", "f(b,c)", "{d,e}"]
    assert split([], ",") == []


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [("$S in c", "S", "inc"), ("A.b.c = 3", "A.b.c", "=3"), ("3 x", "", "3x"), ("x", "x", "")],
)
def test_paths(text, name, rest):
    found, after = read_path(read_tokens(text))
    assert (found, written(after)) == (name, rest)
