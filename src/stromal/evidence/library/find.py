"""Looking rows of the record up: by indication, source, outcome and study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from stromal.errors import InvalidInput, Issue
from stromal.evidence.library.reader import Library
from stromal.evidence.library.words import list_words
from stromal.likeness import find_nearest

ARM_KEY = ("study", "arm", "subgroup", "read_in")
ASKED = ("indication", "source", "outcome", "study")
"""What rows can be looked up by."""

COLUMNS = (
    "row", "study", "first_author", "year", "design", "arm", "subgroup", "indication", "source",
    "donor", "age_group", "n", "dose_low", "dose_median", "dose_high", "outcome", "scale",
    "range_end", "day", "events", "total", "value", "unit", "low", "high", "status", "reason",
    "read_in", "locator",
)  # fmt: skip
"""Columns of a row that was looked up."""

_MANY = 12


def find_rows(library: Library, asked: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """Return the rows of the record with their arms and studies, or those that are asked for.

    Parameters
    ----------
    library
        The record.
    asked
        Words by what they are of: `indication`, `source`, `outcome`, `study`; of several of one
        kind any will do, of several kinds all must hold. Empty: every row.

    Returns
    -------
    DataFrame
        `COLUMNS`, in the order of the record; values in `unit`, doses in cells/kg.

    Raises
    ------
    InvalidInput
        Words that the record does not have, all of them.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> find_rows(read_library(), {"indication": ["itp"], "outcome": ["overall_response"]}).select(
    ...     "subgroup", "events", "total").rows()
    [(None, 8, 18), ('dose escalation', 5, 12), ('dose expansion', 3, 6)]
    """
    issues = [issue for kind in ASKED for issue in _check(library, kind, asked.get(kind, ()))]
    if issues:
        raise InvalidInput(issues)
    arms = library.arms.select(
        *ARM_KEY, "source", "donor", "age_group", "n", "dose_low", "dose_median", "dose_high"
    )
    rows = (
        library.outcomes.join(
            arms, on=list(ARM_KEY), how="left", nulls_equal=True, maintain_order="left"
        )
        .join(library.studies, on="study", how="left", maintain_order="left")
        .select(COLUMNS)
    )
    kept = [pl.col(kind).is_in(list(words)) for kind in ASKED if (words := asked.get(kind, ()))]
    return rows.filter(kept) if kept else rows


def _check(library: Library, kind: str, words: Sequence[str]) -> list[Issue]:
    known = library.studies["study"].to_list() if kind == "study" else list(list_words(kind))
    issues = []
    for word in words:
        if word in known:
            continue
        near = find_nearest(word, known)
        hint = f"did you mean `{near}`?" if near else "`stromal evidence` prints all rows"
        if near is None and len(known) <= _MANY:
            hint = "the record knows: " + ", ".join(f"`{one}`" for one in known)
        article = "an" if kind[0] in "aeiou" else "a"
        issues.append(
            Issue(f"`{word}` is not {article} {kind} of the record", column=f"--{kind}", hint=hint)
        )
    return issues
