from __future__ import annotations

import pytest

from stromal.models.antimony_text.tokens import Kind, read_tokens


def words(text):
    return [token.text for token in read_tokens(text) if token.kind is not Kind.END]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x' = -k*x", ["x", "'", "=", "-", "k", "*", "x"]),
        ("x := .5 + 5. + 1e+5", ["x", ":", "=", ".5", "+", "5.", "+", "1e+5"]),
        ("1e400 1e 0x10 1_000", ["1e400", "1", "e", "0", "x10", "1", "_000"]),
        ("J: 2 A -> B; k", ["J", ":", "2", "A", "->", "B", "k"]),
        ("a => b <==> c -| d -o e", ["a", "=>", "b", "<==>", "c", "-|", "d", "-o", "e"]),
        ("a-other", ["a", "-", "other"]),
        ("A--B", ["A", "--", "B"]),
        ("a >= b <= c != d", ["a", ">=", "b", "<=", "c", "!=", "d"]),
        ('x is "two words // no comment"', ["x", "is", '"two words // no comment"']),
        ("x notes ```a\nb; c = 2```", ["x", "notes", "```a\nb; c = 2```"]),
        ("x = 1 // y = 2\n# z = 3\n/* a = 4\n b = 5 */ c", ["x", "=", "1", "c"]),
        ("x = \\\n 3", ["x", "=", "3"]),
        ('x = "open', ["x", "=", '"', "open"]),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_count_every_end_of_a_line(end):
    text = end.join(["a", "/* one", "two */ b", '"c"', "```", "``` d"])
    rows = {token.text[0]: token.row for token in read_tokens(text) if token.kind is not Kind.END}
    assert rows == {"a": 1, "b": 3, '"': 4, "`": 5, "d": 6}


def test_blanks_before_a_word_are_told():
    assert [token.apart for token in read_tokens("3mL")] == [True, False]
    assert [token.apart for token in read_tokens("3 mL")] == [True, True]
    assert [token.apart for token in read_tokens("3/**/mL")] == [True, True]


@pytest.mark.parametrize("text", ["/* a", "x = 1 /* a\n", "x notes ```a\n``"])
def test_what_does_not_end(text):
    assert read_tokens(text)[-1].kind is Kind.OPEN


@pytest.mark.parametrize("character", ["é", "’", "−", "\x0b", "\x7f", "\u2028", "\xa0"])
def test_characters_that_are_strange_to_antimony(character):
    assert [token.kind for token in read_tokens(f"x{character}")] == [Kind.NAME, Kind.STRANGE]
    assert [token.kind for token in read_tokens(f"x // {character}")] == [Kind.NAME]
