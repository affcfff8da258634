"""`events` as read: names that the house or the protocol knows."""

from __future__ import annotations

import polars as pl

from stromal.errors import Issue
from stromal.patients.observed.words import read_words
from stromal.protocol.protocol import Protocol
from stromal.tables.events import EVENT_NAMES
from stromal.tables.patients import TableFile


def read_events(
    frame: pl.DataFrame, file: TableFile, protocol: Protocol | None
) -> tuple[pl.DataFrame, tuple[Issue, ...]]:
    """Events whose names are on the shared list or declared in the protocol.

    Examples
    --------
    >>> frame = pl.DataFrame({"event": ["relaps"]})
    >>> print(read_events(frame, TableFile("events.csv", 2), None)[1][0])
    events.csv row 2 column event: `relaps` is not an event.
    hint: is `relapse` meant?
    """
    declared = protocol.events if protocol is not None else {}
    names = {name: name for name in (*EVENT_NAMES, *declared)}
    return read_words(frame, "event", names, "an event", file)
