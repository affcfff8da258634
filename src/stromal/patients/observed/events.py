"""`events` as read: names that the house or the protocol knows."""

from __future__ import annotations

import polars as pl

from stromal.errors import Issue
from stromal.likeness import find_nearest
from stromal.patients.observed.words import how_to_declare, read_words
from stromal.tables.events import GRADES, RELATIONS
from stromal.tables.fold import fold_values
from stromal.tables.patients import TableFile
from stromal.tables.vocabulary.vocabulary import SHARED, Vocabulary

_FLAGS = {"yes": "yes", "no": "no", "y": "yes", "n": "no", "true": "yes", "false": "no"}


def read_events(
    frame: pl.DataFrame, file: TableFile, vocabulary: Vocabulary = SHARED
) -> tuple[pl.DataFrame, tuple[Issue, ...]]:
    """Return events whose names the vocabulary has, and an issue for each other name.

    What is told of adverse events is read too: a grade that is none, and words for relation and
    seriousness that are not on their lists, are issues.

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
    read, issues = read_words(frame, "event", names, "an event", file, hint)
    for column, words, what in (
        ("relation", {word: word for word in RELATIONS}, "a relation to the treatment"),
        ("serious", _FLAGS, "yes or no"),
    ):
        if column in read.columns:
            read, wrong = read_words(read, column, words, what, file)
            issues = (*issues, *wrong)
    if "grade" in read.columns:
        read, wrong = _read_grades(read, file)
        issues = (*issues, *wrong)
    return read, issues


def _read_grades(frame: pl.DataFrame, file: TableFile) -> tuple[pl.DataFrame, tuple[Issue, ...]]:
    """Keep grades that there are; an adverse event that happened has no grade 0."""
    grade = frame["grade"]
    wrong = grade.is_not_null() & ~grade.is_in(list(GRADES))

    def say(text: str, position: int) -> Issue:
        message = f"grade {text.removesuffix('.0')} is no CTCAE grade"
        hint = "write 1, 2, 3, 4 or 5, and leave the cell empty where the grade is not known"
        return Issue(message, file.name, file.row(position), "grade", hint)

    kept = pl.when(pl.col("grade").is_in(list(GRADES))).then("grade").alias("grade")
    return frame.with_columns(kept), fold_values(wrong, grade.cast(pl.String), say)
