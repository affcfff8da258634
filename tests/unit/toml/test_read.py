"""Reading a TOML file: its text, its values, and what can be wrong with either."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import BaseModel

from stromal.errors import InvalidInput, Issue
from stromal.toml.read import SIZE_LIMIT_BYTES, parse_toml, read_text

TEXT = "day = 1\n"


class Visit(BaseModel, extra="forbid"):
    name: str = ""
    day: float
    days: tuple[float, ...] = ()


def read(file: Path) -> str:
    return read_text(file, "a visit", absent="write it", large="write less")


def issues_of(text: str) -> tuple[Issue, ...]:
    with pytest.raises(InvalidInput) as caught:
        parse_toml(text, Visit, "visit.toml")
    return caught.value.issues


def test_values_are_frozen_in_their_shape() -> None:
    assert parse_toml("day = 1\ndays = [1, 2]", Visit, "visit.toml").days == (1.0, 2.0)


def test_every_issue_has_its_line() -> None:
    found = issues_of('name = 3\nday = "x"\nweek = 1')
    assert [(issue.row, issue.column) for issue in found] == [(1, "name"), (2, "day"), (3, "week")]


def test_an_absent_file_has_the_hint_that_was_given(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"there is no such file\.\nhint: write it"):
        read(tmp_path / "visit.toml")


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5000,
        "a = " + "[" * 300 + "]" * 300,
        "[" + "a." * 600 + "b]",
        "a = " + "9" * 5000,
    ],
    ids=["open lists", "nested lists", "nested tables", "long number"],
)
def test_what_no_reader_can_hold_is_an_issue(text: str) -> None:
    (issue,) = issues_of(text)
    assert issue.message.startswith("this is not TOML")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"day = 1\n# \xff", "the text is not UTF-8"),
        (TEXT.encode("utf-16"), "the text is not UTF-8"),
        (b"#" * (SIZE_LIMIT_BYTES + 1), "the file has 1,000,001 bytes, more than the 1,000,000"),
    ],
    ids=["latin letter", "UTF-16", "too large"],
)
def test_a_file_that_cannot_be_read_is_refused(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "visit.toml").write_bytes(content)
    with pytest.raises(InvalidInput, match=message):
        read(tmp_path / "visit.toml")


def test_the_row_of_a_wrong_byte_is_named(tmp_path: Path) -> None:
    (tmp_path / "visit.toml").write_bytes(b"format = 1\n\n# \xe9")
    with pytest.raises(InvalidInput) as caught:
        read(tmp_path / "visit.toml")
    assert caught.value.issues[0].row == 3


@pytest.mark.parametrize("target", ["../elsewhere.toml", "/dev/zero"])
def test_a_link_out_of_the_study_is_not_followed(tmp_path: Path, target: str) -> None:
    (tmp_path / "elsewhere.toml").write_text(TEXT)
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "visit.toml").symlink_to(target)
    with pytest.raises(InvalidInput, match="symbolic link to a file outside"):
        read(tmp_path / "study" / "visit.toml")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "visit.toml")
    with pytest.raises(InvalidInput, match="not an ordinary file"):
        read(tmp_path / "visit.toml")
