"""Outcomes that a question names: words of the record, or sums of words."""

from __future__ import annotations

from collections.abc import Iterable


def split_outcome(text: str) -> tuple[str, ...]:
    """Return the words of the record of which an outcome is the sum; mostly one.

    Examples
    --------
    >>> split_outcome("complete_response + partial_response")
    ('complete_response', 'partial_response')
    """
    return tuple(word.strip() for word in text.split("+"))


def list_outcome_words(outcomes: Iterable[str]) -> tuple[str, ...]:
    """Return every word that the outcomes of a question name, each once.

    Examples
    --------
    >>> list_outcome_words(["overall_response", "complete_response + partial_response"])
    ('overall_response', 'complete_response', 'partial_response')
    """
    return tuple(dict.fromkeys(word for text in outcomes for word in split_outcome(text)))
