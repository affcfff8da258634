"""Identifiers that are not in `subjects`, and the damage that spreadsheets do to them.

Nothing is matched that is not written the same: the hint names the identifier that may be meant.
"""

from __future__ import annotations

import re

import polars as pl

from stromal.errors import Issue, Severity, join_words
from stromal.likeness import find_nearest
from stromal.protocol.protocol import Protocol
from stromal.tables.fold import fold_rows, fold_values
from stromal.tables.patients import PATIENT_TABLES, Patients


def check_subjects_known(patients: Patients, _protocol: Protocol) -> tuple[Issue, ...]:
    """Rows of `doses`, `labs`, `assessments` and `events` whose subject is not in `subjects`.

    Where `subjects` names nobody that is what has to be put right, and rows are not listed.
    """
    known = patients.subjects["subject"].drop_nulls().unique(maintain_order=True)
    if known.is_empty():
        return ()
    issues: list[Issue] = []
    for name in PATIENT_TABLES:
        if name == "subjects":
            continue
        texts = patients.table(name)["subject"]

        def say(text: str, position: int, name: str = name) -> Issue:
            table, row = patients.place(name, position)
            message = f"subject `{text[:60]}` is not in subjects"
            return Issue(message, table, row, "subject", _suggest(text, known))

        issues += fold_values(texts.is_not_null() & ~texts.is_in(known.implode()), texts, say)
    return tuple(issues)


def check_identifiers(patients: Patients, _protocol: Protocol) -> tuple[Issue, ...]:
    """Subjects whose identifiers differ in zeros, capitals or spaces only: perhaps one patient."""
    texts = patients.subjects["subject"]
    folded = fold_identifiers(texts)
    frame = pl.DataFrame({"text": texts, "folded": folded})
    firsts = frame.drop_nulls().unique("folded", keep="first", maintain_order=True)
    beside = frame.join(
        firsts.rename({"text": "first"}), on="folded", how="left", maintain_order="left"
    )

    def say(position: int) -> Issue:
        table, row = patients.place("subjects", position)
        first, text = beside["first"][position], texts[position]
        message = f"subjects `{first[:60]}` and `{text[:60]}` differ in {_differ(first, text)} only"
        hint = "if they are one patient, write one identifier in every table"
        return Issue(message, table, row, "subject", hint, Severity.WARNING)

    return fold_rows(beside["first"] != texts, say)


def fold_identifiers(texts: pl.Series) -> pl.Series:
    """Return identifiers without what spreadsheets change: zeros, capitals, spaces, `.0`.

    Examples
    --------
    >>> fold_identifiers(pl.Series(["001", "1.0", "UPN 07", "upn-7", "10"])).to_list()
    ['1', '1', 'upn7', 'upn-7', '10']
    """
    return (
        texts.str.to_lowercase()
        .str.replace_all(r"[‐‑‒–—−]", "-")
        .str.replace_all(r"\s+", "")
        .str.replace(r"^(\d+)\.0+$", "$1")
        .str.replace_all(r"(^|\D)0+(\d)", "${1}${2}")
    )


def _suggest(text: str, known: pl.Series) -> str:
    folded = fold_identifiers(pl.Series([text]))[0]
    same = known.filter(fold_identifiers(known) == folded).head(3).to_list()
    if len(same) == 1:
        return (
            f"`{same[0]}` is, and differs in {_differ(text, same[0])} only; "
            "write an identifier the same way in every table"
        )
    if same:
        return f"is it {join_words((f'`{each}`' for each in same), 'or')}?"
    if re.fullmatch(r"\d([.,]\d+)?[eE]\+?\d+", text):
        return "a spreadsheet has shortened a long number; write identifiers there as text"
    near = find_nearest(text, known.head(2000).to_list()) if len(text) > 3 else None
    return f"is `{near}` meant?" if near else "add the subject, or leave these rows out"


def _differ(text: str, other: str) -> str:
    """Return what two identifiers that fold to the same differ in."""
    steps = (
        ("the `.0` of a spreadsheet", lambda each: re.sub(r"^(\d+)\.0+$", r"\1", each)),
        ("leading zeros", lambda each: re.sub(r"(^|\D)0+(?=\d)", r"\1", each)),
        ("spaces", lambda each: re.sub(r"\s+", "", each)),
        ("hyphens", lambda each: re.sub(r"[‐‑‒–—−]", "-", each)),
        ("capitals", str.lower),
    )
    found = []
    for name, fold in steps:
        if (fold(text) == text) != (fold(other) == other) or (
            fold(text) != text and fold(text) == fold(other)
        ):
            found.append(name)
        text, other = fold(text), fold(other)
        if text == other:
            break
    return join_words(found) or "the way it is written"
