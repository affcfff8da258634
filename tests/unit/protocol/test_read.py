"""Reading a protocol: right results, or every issue at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion
from tests.shared import ROOT

from stromal.errors import InvalidInput, Issue
from stromal.protocol.protocol import Protocol
from stromal.protocol.read import locate_issues, parse_protocol, read_protocol

MINIMAL = """format = 2

[study]
name = "small"
title = "Smallest study"
day_zero = "enrolment"

[population]
description = "anybody"

[arms.observation]
label = "observation"
"""

MANY_ERRORS = """format = 1

[study]
name = "a B"
title = 3
day_zero = "grft"
colour = "red"

[population]
description = ""
age_min_years = -1

[products.msc]
kind = "msc"
label = "MSC"
source = "bone marow"

[products.car]
kind = "cart"

[products.other]
label = "no kind"

[products."Bad Name"]
kind = "drug"
label = "x"

[arms.msc]
label = "MSC"
regimen = [
  { product = "msc", dose = "2", unit = "Gy", days = [0] },
  { product = "msc", dose = inf, days = [0], unitt = "Gy" },
]

[[arms.msc.visits]]
day = 1

[[endpoints]]
name = "a"
rule = ""
parameters = 3

[[analyses]]
name = "x"
estimate = "proportion"
endpoint = "a"
level = 2
combine = { overall = "CR" }
"""


def issues_of(text: str) -> tuple[Issue, ...]:
    with pytest.raises(InvalidInput) as caught:
        parse_protocol(text)
    return caught.value.issues


def outcome_of(text: str) -> Protocol | tuple[Issue, ...]:
    """The protocol of a text, or its issues."""
    try:
        return parse_protocol(text)
    except InvalidInput as error:
        return error.issues


@pytest.mark.parametrize(
    "content",
    [
        MINIMAL.encode(),
        b"\xef\xbb\xbf" + MINIMAL.encode(),
        MINIMAL.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode(),
    ],
    ids=["plain", "byte-order mark", "Windows line ends", "both"],
)
def test_a_protocol_is_read_however_it_was_saved(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "protocol.toml"
    file.write_bytes(content)
    assert read_protocol(file) == parse_protocol(MINIMAL)
    assert read_protocol(tmp_path) == read_protocol(str(file))


def test_every_error_of_a_file_is_said_at_once(snapshot: SnapshotAssertion) -> None:
    assert "\n".join(str(issue) for issue in issues_of(MANY_ERRORS)) == snapshot


def test_issues_follow_the_lines_of_the_file() -> None:
    rows = [issue.row for issue in issues_of(MANY_ERRORS)]
    assert rows == sorted(rows)  # type: ignore[type-var]
    assert all(issue.table == "protocol.toml" and issue.hint for issue in issues_of(MANY_ERRORS))


@pytest.mark.parametrize(
    "text",
    [
        "format 1",
        "format = 2\n[study\n",
        'format = 2\ntitle = "open',
        "a = 1\na = 2",
        "[a]\n[a]",
        "dose = 2,5",
        "title = unquoted",
        "a = [1,\n2",
        "a = 'x\x00y'",
        "",
    ],
    ids=[
        "no equals sign",
        "open table",
        "open text",
        "key twice",
        "table twice",
        "decimal comma",
        "text without quotes",
        "open list",
        "control character",
        "empty file",
    ],
)
def test_what_is_no_toml_says_where(text: str, snapshot: SnapshotAssertion) -> None:
    assert "\n".join(str(issue) for issue in issues_of(text)) == snapshot


def test_a_text_is_not_taken_for_a_number() -> None:
    text = MINIMAL.replace('description = "anybody"', 'description = "x"\nage_min_years = "18"')
    assert issues_of(text)[0].message == "expected a number, found a text `18`"


def test_an_absent_file_is_an_issue(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_protocol(tmp_path)
    assert str(caught.value) == snapshot


def test_a_folder_in_place_of_the_file_is_an_issue(tmp_path: Path) -> None:
    (tmp_path / "protocol.toml").mkdir()
    with pytest.raises(InvalidInput, match="is a folder, not a file"):
        read_protocol(tmp_path)


def test_issues_of_checks_get_the_line_of_their_key(tmp_path: Path) -> None:
    (tmp_path / "protocol.toml").write_text(MINIMAL, "utf-8")
    found = locate_issues(
        [
            Issue("a", table="protocol.toml", column="study.title"),
            Issue("b", table="protocol.toml", column="arms.observation.regimen[2].unit"),
            Issue("c", table="patients/labs.csv", column="unit"),
            Issue("d"),
        ],
        tmp_path,
    )
    assert [issue.row for issue in found] == [5, 11, None, None]


@given(st.text(max_size=200))
def test_any_text_gives_a_protocol_or_issues(text: str) -> None:
    outcome = outcome_of(text)
    assert isinstance(outcome, Protocol) or outcome


@given(st.integers(0, len(MINIMAL) - 1), st.characters(codec="utf-8"))
def test_any_wrong_letter_gives_a_protocol_or_issues(place: int, letter: str) -> None:
    outcome = outcome_of(MINIMAL[:place] + letter + MINIMAL[place + 1 :])
    assert isinstance(outcome, Protocol) or all(issue.hint for issue in outcome)


@pytest.mark.parametrize(
    "file", sorted((ROOT / "studies").glob("*/protocol.toml")), ids=lambda file: file.parent.name
)
def test_the_shipped_studies_are_read(file: Path) -> None:
    assert read_protocol(file).study.name == file.parent.name


FAMILY = """
[[endpoints]]
each = { lineage = ["anaemia", "neutropenia"] }
name = "{lineage}"
rule = "cytopenia_grade"
parameters = { lineage = "{lineage}" }
"""


def test_a_family_is_read_as_its_members():
    protocol = parse_protocol(MINIMAL + FAMILY)
    members = [use for use in protocol.endpoints if use.member]
    assert [use.name for use in members] == ["anaemia", "neutropenia"]
    assert members[1].member == {"lineage": "neutropenia"}


def test_a_fault_in_a_family_is_found_at_its_line_and_told_once():
    text = MINIMAL + FAMILY.replace("rule =", "ruel =")
    with pytest.raises(InvalidInput) as caught:
        parse_protocol(text)
    row = text.splitlines().index('ruel = "cytopenia_grade"') + 1
    assert {(issue.row, issue.column) for issue in caught.value.issues} >= {
        (row, "endpoints[0].ruel")
    }
    assert len(caught.value.issues) == 2
