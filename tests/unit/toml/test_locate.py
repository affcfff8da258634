"""Lines of keys in a TOML text."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stromal.toml.locate import find_line, format_key_path, locate_keys, parse_key_path
from tests.shared import ROOT

STUDIES = sorted((ROOT / "studies").glob("*/protocol.toml"))

TEXT = '''# a comment with [brackets] and = signs
format = 2

[study]  # tail
title = "a # b"
notes = [
  "one ]",
  'two',  # here
  """three
lines""",
]

[[endpoints]]
name = "a"
parameters = { day = 1, deep = { x = [1, 2] } }

[[endpoints]]
name = "b"
"quoted.key" = 1

[endpoints.parameters]
day = 2

[arms.msc]
regimen = [
  { unit = "Gy" },
  { unit = "mg/kg" },
]
a.b.c = 1979-05-27T07:32:00Z
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("format",), 2),
        (("study",), 4),
        (("study", "title"), 5),
        (("study", "notes"), 6),
        (("study", "notes", 1), 8),
        (("study", "notes", 2), 9),
        (("endpoints", 0), 13),
        (("endpoints", 0, "parameters", "deep", "x", 1), 15),
        (("endpoints", 1, "name"), 18),
        (("endpoints", 1, "quoted.key"), 19),
        (("endpoints", 1, "parameters", "day"), 22),
        (("arms", "msc", "regimen", 1, "unit"), 27),
        (("arms", "msc", "a", "b", "c"), 29),
    ],
)
def test_a_key_has_the_line_it_is_written_on(path: tuple[str | int, ...], line: int) -> None:
    assert locate_keys(TEXT)[path] == line


def test_windows_line_ends_give_the_same_lines() -> None:
    assert locate_keys(TEXT.replace("\n", "\r\n")) == locate_keys(TEXT)


def test_a_key_that_is_not_written_has_the_line_of_its_table() -> None:
    lines = locate_keys(TEXT)
    assert find_line(lines, ("endpoints", 1, "rule")) == 17
    assert find_line(lines, ("population",)) is None


@pytest.mark.parametrize("file", STUDIES, ids=lambda file: file.parent.name)
def test_every_key_of_a_study_has_a_line(file: Path) -> None:
    text = file.read_text("utf-8")
    lines = locate_keys(text)
    written = text.splitlines()
    for path in _paths(tomllib.loads(text)):
        assert path in lines
        if isinstance(path[-1], str) and not isinstance(path[-1], int):
            assert path[-1] in written[lines[path] - 1]


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    found = [path] if path else []
    return found + [inner for key, item in items for inner in _paths(item, (*path, key))]


@given(
    st.lists(
        st.one_of(st.from_regex(r"[a-z][a-z0-9_]*", fullmatch=True), st.integers(0, 99)),
        min_size=1,
    ).filter(lambda path: isinstance(path[0], str))
)
def test_a_printed_key_path_reads_back(path: list[str | int]) -> None:
    assert parse_key_path(format_key_path(tuple(path))) == tuple(path)
