"""Laboratory results by their status: which of several results of one sample counts.

A corrected result supersedes the final one that it corrects, a final one the preliminary one, and
a cancelled result is none. The statuses of HL7 version 2 and of FHIR are read.
"""

from __future__ import annotations

import polars as pl

from stromal.errors import Issue, Severity
from stromal.patients.observed.words import read_words
from stromal.tables.cohort import KEY
from stromal.tables.fold import fold_rows
from stromal.tables.labs import STATUSES
from stromal.tables.patients import TableFile

_SPELLINGS = {
    "final": ("f", "complete", "completed", "verified", "validated", "endgültig"),
    "preliminary": ("p", "prelim", "partial", "unverified", "not verified", "vorläufig"),
    "corrected": ("c", "correction", "amended", "revised", "korrigiert"),
    "cancelled": (
        *("x", "d", "w", "canceled", "deleted", "void", "voided", "withdrawn", "retracted"),
        *("entered in error", "entered-in-error", "wrong", "storniert", "not done"),
    ),
}
_WORDS = {word: word for word in STATUSES} | {
    word: status for status, words in _SPELLINGS.items() for word in words
}
_SAMPLE = (*KEY, "day", "analyte")


def keep_results(
    frame: pl.DataFrame, file: TableFile
) -> tuple[pl.DataFrame, TableFile, tuple[Issue, ...]]:
    """Return the results that count, the file without rows of others, and what was left out.

    A sample is a subject, a day and an analyte. A result without a status is final; two final
    results of one sample both count. A preliminary result counts where no other one came.

    Parameters
    ----------
    frame
        `labs` as read, in the order of the file.
    file
        The file; rows that are left out are skipped in the one returned.

    Examples
    --------
    >>> from stromal.tables.labs import LABS
    >>> labs = LABS.conform(pl.DataFrame({
    ...     "subject": ["1", "1", "2"], "day": [7.0, 7.0, 7.0], "analyte": ["platelets"] * 3,
    ...     "value": [200.0, 20.0, 30.0], "status": ["F", "amended", "entered in error"],
    ... }))
    >>> kept, file, notes = keep_results(labs, TableFile("labs.csv", 2))
    >>> kept["value"].to_list(), file.row(0)
    ([20.0], 3)
    >>> print(notes[0])
    labs.csv status: left out are 1 superseded by a corrected result, 1 cancelled.
    """
    if frame["status"].null_count() == frame.height:
        return frame, file, ()
    frame, issues = read_words(frame, "status", _WORDS, "a status", file)
    frame = frame.with_columns(pl.col("status").fill_null("final"))
    status = pl.col("status")
    finals, corrected = (status == "final").sum(), (status == "corrected").sum()
    # Most samples have one final result, and only the others are looked at.
    results = frame.select(*_SAMPLE, "status").with_row_index("position")
    others = results.filter(status != "final").select(_SAMPLE).unique()
    judged = results.join(
        others, on=_SAMPLE, how="semi", nulls_equal=True, maintain_order="left"
    ).with_columns(
        cancelled=status == "cancelled",
        corrected_by=(status != "corrected") & (corrected.over(_SAMPLE) > 0),
        preliminary=(status == "preliminary") & (finals.over(_SAMPLE) > 0),
        unfinished=(status == "preliminary") & ((finals + corrected).over(_SAMPLE) == 0),
        doubtful=(status == "corrected") & (finals.over(_SAMPLE) > 1),
    )
    left_out = judged.filter(pl.col("cancelled") | pl.col("corrected_by") | pl.col("preliminary"))
    out = results["position"].is_in(left_out["position"].implode())
    notes = (*issues, *_describe(judged, file), *_doubt(judged, file))
    return frame.filter(~out), file.without(out), notes


def _describe(judged: pl.DataFrame, file: TableFile) -> tuple[Issue, ...]:
    """Notes on how many results were left out, and how many count though preliminary."""
    cancelled, corrected = judged["cancelled"], judged["corrected_by"] & ~judged["cancelled"]
    final = judged["preliminary"] & ~corrected
    counts = {
        "superseded by a corrected result": corrected.sum(),
        "preliminary and superseded by a final one": final.sum(),
        "cancelled": cancelled.sum(),
    }
    told = [f"{_count(int(count))} {what}" for what, count in counts.items() if count]
    notes = []
    if told:
        notes.append(f"left out are {', '.join(told)}")
    alone = int(judged["unfinished"].sum())
    if alone:
        notes.append(f"{_count(alone)} preliminary without a final result; the value counts")
    return tuple(Issue(note, file.name, None, "status", severity=Severity.NOTE) for note in notes)


def _count(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _doubt(judged: pl.DataFrame, file: TableFile) -> tuple[Issue, ...]:
    def say(position: int) -> Issue:
        row = judged.row(position, named=True)
        message = (
            f"which of several final results of {row['analyte']} of subject {row['subject']} "
            f"on day {row['day']:g} this one corrects is not said"
        )
        hint = "write `cancelled` at the wrong one, or tell samples of one day apart as 7.3 and 7.8"
        return Issue(message, file.name, file.row(row["position"]), "status", hint)

    return fold_rows(judged["doubtful"], say)
