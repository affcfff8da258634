"""Every assertion that is a test holds, in the words that the model's folder prints."""

from __future__ import annotations

import csv

import pytest

from tests.physiology import scenarios
from tests.physiology.assertions import CHECKED_ONLY, CHECKS

FOLDER = scenarios.read_the_model().folder


def _rows() -> dict[str, dict[str, str]]:
    with (FOLDER / "assertions.csv").open(encoding="utf-8", newline="") as opened:
        return {row["number"]: row for row in csv.DictReader(opened)}


@pytest.mark.parametrize("number", [number for number in CHECKS if number not in CHECKED_ONLY])
def test_assertion_holds(number: str):
    words, function = CHECKS[number]
    holds, figure = function()
    assert holds, f"{number} {words}: {figure}"


def test_words_are_those_that_are_printed():
    rows = _rows()
    assert {number: rows[number]["words"] for number in CHECKS} == {
        number: words for number, (words, _) in CHECKS.items()
    }
    assert {n for n, row in rows.items() if row["kind"] == "check"} >= CHECKED_ONLY


def test_what_was_loosened_shows_its_first_words():
    rows = _rows()
    assert all(rows[number]["first_words"] for number in ("12", "14", "16"))


@pytest.mark.parametrize("number", sorted(CHECKED_ONLY))
def test_a_check_can_be_run(number: str):
    _, figure = CHECKS[number][1]()
    assert figure
