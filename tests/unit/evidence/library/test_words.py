"""The words of the record are listed once, each with its meaning."""

from __future__ import annotations

import pytest

from stromal.evidence.library.reader import WORDS, read_library
from stromal.evidence.library.words import list_words

KINDS = ("status", "design", "indication", "source", "donor", "age_group", "scale", "outcome")


@pytest.mark.parametrize("kind", KINDS)
def test_words_have_meanings(kind):
    words = list_words(kind)
    assert words
    assert all(words.values())


def test_there_are_three_statuses():
    assert list(list_words("status")) == ["use", "note", "exclude"]


@pytest.mark.parametrize(("table", "columns"), WORDS.items())
def test_record_is_written_in_them(table, columns):
    frame = getattr(read_library(), table)
    for column in columns:
        assert set(frame[column]) <= set(list_words(column))


def test_no_outcome_is_idle():
    assert set(list_words("outcome")) == set(read_library().outcomes["outcome"])
