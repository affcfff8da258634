"""`events` as read: names that the house or the protocol knows."""

from __future__ import annotations

import polars as pl

from stromal.errors import Issue
from stromal.likeness import find_nearest
from stromal.patients.observed.words import how_to_declare, read_words
from stromal.tables.patients import TableFile
from stromal.tables.vocabulary.vocabulary import SHARED, Vocabulary


def read_events(
    frame: pl.DataFrame, file: TableFile, vocabulary: Vocabulary = SHARED
) -> tuple[pl.DataFrame, tuple[Issue, ...]]:
    """Return events whose names the vocabulary has, and an issue for each other name.

    Examples
    --------
    >>> frame = pl.DataFrame({"event": ["relaps", "PLT transfusion"]})
    >>> for issue in read_events(frame, TableFile("events.csv", 2))[1]:
    ...     print(issue)
    events.csv row 2 column event: `relaps` is not an event.
    hint: is `relapse` meant?
    events.csv row 3 column event: `PLT transfusion` is not an event.
    hint: is `transfusion_platelets` meant?
    """

    def hint(text: str) -> str:
        near = vocabulary.find_event(text) or find_nearest(text, vocabulary.events)
        return f"is `{near}` meant?" if near else how_to_declare("events", text)

    names = {name: name for name in vocabulary.events}
    return read_words(frame, "event", names, "an event", file, hint)
