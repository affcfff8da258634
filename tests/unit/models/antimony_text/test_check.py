from __future__ import annotations

import pytest

from stromal.errors import InvalidInput
from stromal.models import foreign_text
from stromal.models.antimony_text.check import check_antimony


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('x = 1\n import "a.ant"', "row 2: the text imports another file"),
        ('/* a\n*/ import "a.ant"', "row 2: the text imports another file"),
        ("x = 1\0", "row 1: the text has a null character"),
        ("x := " + "(" * 301, "row 1: brackets are nested more than 300 deep"),
        ("y = 1\nx := " + "!" * 100 + "a", "row 2: a hundred signs"),
        ("x := " + "-".join(["a"] * 1002), "row 1: the statement has more than 1000 operators"),
        ("x = 1\ny = 2 /* z = 3", "row 2: a comment does not end, so that the rest"),
        ("x = 1\ny notes ```z\n = 3", "row 2: a note does not end, so that the rest"),
        ("\nx = \ud800", "row 2: the text has half of a character"),
        ("x = 1 // \udfff", "row 1: the text has half of a character"),
        ('x = 1\nx is "a\x01b"', "row 2: the words in quotes have a control character"),
        ("", "there is no model in the text"),
        (" \t\r\n;\n", "there is no model in the text"),
        ("// nothing\n/* at\nall */", "there is no model in the text"),
        ("x = 1\nx = 1e400", "row 2: the number 1e400 is larger"),
        ("x = 1\nx = 2", "row 2: `x` has a value in row 1 and again in row 2"),
        ("model a x = 1; end\ny = 2", "row 1: model `a` would be ignored"),
        ("x = 1\ndelete A.x", "row 2: `A.x` cannot be deleted"),
    ],
)
def test_texts_that_are_refused(text, message):
    with pytest.raises(InvalidInput, match=message) as caught:
        check_antimony(text)
    assert all(issue.hint for issue in caught.value.issues)


@pytest.mark.parametrize(
    ("text", "row", "characters"),
    [
        ("é = 1; é' = -é", 1, "`é` (U+00E9)"),
        ("y = 1\nx² = 3", 2, "`²` (U+00B2)"),
        ("y = 1\nx’ = -x", 2, "`’` (U+2019)"),
        ("y = 1\r\nx = “1” − 2", 2, "`“` (U+201C), `”` (U+201D), `−` (U+2212)"),
        ("x = 1\x0by = 2", 1, "U+000B"),
        ("x = 1\x85y = 2", 1, "U+0085"),
        ("x = 1\u2028y = 2", 1, "U+2028"),
        ("x =\xa01", 1, "U+00A0"),
        ("x = αβγδεζη", 1, "`α` (U+03B1), `β` (U+03B2), `γ` (U+03B3), `δ` (U+03B4), `ε` (U+03B5)"),
    ],
)
def test_characters_that_antimony_does_not_have(text, row, characters):
    with pytest.raises(InvalidInput) as caught:
        check_antimony(text)
    (issue,) = caught.value.issues
    assert issue.message == (
        f"Antimony does not have the character {characters} outside comments and quotes"
    )
    assert (issue.row, issue.hint) == (
        row,
        "names are ASCII letters, figures and `_`; write `-` for minus, `'` for a rate",
    )


def test_all_issues_come_at_once_by_row():
    text = 'é = 1\nimport "a"\nx = 1e400\nx = 2\ny = 0x10\nmodel m z = 1; end\ndelete A.b'
    with pytest.raises(InvalidInput) as caught:
        check_antimony(text, "m.ant")
    assert [issue.row for issue in caught.value.issues] == [1, 2, 3, 4, 5, 6, 7]
    assert {issue.table for issue in caught.value.issues} == {"m.ant"}


@pytest.mark.parametrize(
    "text",
    [
        '// import "a"\nx=1',
        "/* import */ x=1",
        "# import\nx=1",
        'x is "to import"',
        "x notes ```import```",
        "important = 1",
        "x = 1 // é − \x01\n",
        'x is "é"; x = 1',
        "x = 1\r\ny = 2\r\n",
        "x = 1\ry = 2",
        "x := " + "(" * 300 + "1" + ")" * 300,
    ],
)
def test_texts_that_are_left_as_they_are(text):
    assert check_antimony(text) == text


def test_a_byte_order_mark_is_left_out():
    assert check_antimony("\ufeffx = 1") == "x = 1"


def test_size_is_limited(monkeypatch):
    monkeypatch.setattr(foreign_text, "LARGEST_BYTES", 1_000_000)
    with pytest.raises(InvalidInput, match="larger than 1 MB"):
        check_antimony(" " * 1_000_001)
