"""Contradictions of the papers, and the numbers that are used in another way than printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import polars as pl

from stromal.errors import join_words
from stromal.evidence.check.printed import Flag
from stromal.evidence.library.reader import Library
from stromal.report.evidence.names import name_study, name_word
from stromal.report.evidence.shown import ChangedNumber, Contradiction
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import MISSING, capitalise, join_unit, render_number

CHECKS: Mapping[str, str] = MappingProxyType(
    {
        "grim": "GRIM test",
        "interval": "interval",
        "numerator": "numerator and total",
        "p_value": "P value",
        "parts": "parts and whole",
        "ranges": "plausible range",
        "retold": "told twice",
        "subgroup": "subgroup and total",
        "survival": "survival",
    }
)
"""Checks of printed numbers, in words."""


def list_contradictions(
    listed: pl.DataFrame, flags: Iterable[Flag], rows: Iterable[str] | None = None
) -> tuple[Contradiction, ...]:
    """Return the contradictions with what finds them.

    Parameters
    ----------
    listed
        The list of contradictions of the record.
    flags
        What the checks found.
    rows
        Rows of the record that the page is about: others' contradictions are left out; None: all.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_contradictions
    >>> found = list_contradictions(read_contradictions(), (), ["E0146"])
    >>> [(item.name, item.topic) for item in found]
    [('C04', 'Macias-Sanchez 2022')]
    """
    wanted = None if rows is None else set(rows)
    hits = defaultdict(set)
    for flag in flags:
        for row in flag.rows:
            hits[row].add(flag.check)
    found: list[Contradiction] = []
    for item in listed.iter_rows(named=True):
        own = (item["rows"] or "").split()
        if wanted is not None and not wanted & set(own):
            continue
        checks = (item["checks"] or "").split()
        raised = [name for name in checks if any(name in hits[row] for row in own)]
        words = [CHECKS.get(name, name) for name in raised]
        by = join_words(words) if words else "readers"
        why = "" if words or not item["why_none"] else f"; no check can ({item['why_none']})"
        found.append(
            Contradiction(
                item["contradiction"], item["topic"], item["said"], item["reading"], by + why,
                found=bool(words),
            )
        )  # fmt: skip
    return tuple(found)


def list_changed(
    library: Library, flags: Iterable[Flag], rows: Iterable[str] | None = None
) -> tuple[ChangedNumber, ...]:
    """Return the numbers that are used in another way than printed, or not at all.

    Parameters
    ----------
    library
        The record.
    flags
        What the checks found.
    rows
        Rows of the record that the page is about; None: all.
    """
    checks: dict[str, list[str]] = defaultdict(list)
    for flag in flags:
        for row in flag.rows:
            checks[row].append(CHECKS.get(flag.check, flag.check))
    studies = library.studies.select("study", "first_author", "year")
    shown = library.outcomes.join(studies, on="study", how="left", maintain_order="left")
    if rows is not None:
        shown = shown.filter(pl.col("row").is_in(list(rows)))
    found: list[ChangedNumber] = []
    for item in shown.iter_rows(named=True):
        printed, used = _write_printed(item), _write_used(item)
        if item["status"] == "use" and not _is_changed(item):
            continue
        found.append(
            ChangedNumber(
                row=item["row"],
                study=name_study(item["first_author"], item["year"], item["study"]),
                what=_name_number(item),
                printed=printed,
                used=used,
                reason=item["reason"] or item["note"] or MISSING,
                place=item["locator"],
                sources=(item["read_in"],),
                contradictions=tuple((item["contradictions"] or "").split()),
                found_by=tuple(dict.fromkeys(checks[item["row"]])),
            )
        )
    return tuple(found)


def write_numbers(item: Mapping[str, Any]) -> tuple[str, str]:
    """Return a row's number as printed and as it is used, each with its counts.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> row = read_library().outcomes.row(by_predicate=pl.col("row") == "E0109", named=True)
    >>> write_numbers(row)
    ('61\u00a0% (of 75)', '61.3\u00a0% (46/75)')
    """
    return _write_printed(item), _write_used(item)


def _is_changed(item: Mapping[str, Any]) -> bool:
    """Tell whether counts or value in use differ from those printed."""
    counts = [("printed_events", "events"), ("printed_total", "total")]
    if any(
        item[printed] is not None and item[used] is not None and item[printed] != item[used]
        for printed, used in counts
    ):
        return True
    if item["printed_value"] is None or item["value"] is None:
        return False
    try:
        printed = float(item["printed_value"])
    except ValueError:
        return False
    return bool(abs(printed - item["value"]) > 1e-9 * max(1.0, abs(printed)))


def _write_printed(item: Mapping[str, Any]) -> str:
    """The number as printed, with its counts."""
    value = item["printed_value"] or ""
    text = join_unit(value, item["unit"] if item["unit"] != "1" else None) if value else ""
    return _with_counts(text, item["printed_events"], item["printed_total"], item["printed_n"])


def _write_used(item: Mapping[str, Any]) -> str:
    if item["status"] == "exclude":
        return "left out"
    text = "" if item["value"] is None else join_unit(render_number(item["value"]), item["unit"])
    if item["events"] is not None:
        text = join_unit(render_number(100 * item["events"] / item["total"], 1), "%")
    return _with_counts(text, item["events"], item["total"], None)


def _with_counts(text: str, events: int | None, total: int | None, n: int | None) -> str:
    if events is not None and total is not None:
        count = f"{events}/{total}"
    else:
        of = total if total is not None else n
        count = "" if of is None else f"of {of}"
    return f"{text} ({count})" if text and count else text or count or "in words"


def _name_number(item: Mapping[str, Any]) -> str:
    parts = [capitalise(name_word(item["outcome"]))]
    if item["arm"] != "MSC":
        parts.append(item["arm"])
    parts += [item["subgroup"]] if item["subgroup"] else []
    parts += [f"day {render_number(item['day'])}"] if item["day"] is not None else []
    return ", ".join(parts)


def render_contradictions(items: Sequence[Contradiction]) -> View:
    """Return what papers say against each other, how it is read, and what found it."""
    rows = [
        [
            Cell(item.topic, "strong"),
            Cell(item.name, "muted"),
            Cell(item.said),
            Cell(item.reading),
            Cell(capitalise(item.found_by), "good" if item.found else "muted"),
        ]
        for item in items
    ]
    headings = [
        Heading("Study or topic"),
        Heading("Name"),
        Heading("What the papers say", wide=True),
        Heading("How it is read", wide=True),
        Heading("Found by", wide=True),
    ]
    return view_of("Contradictions", headings, rows, wordy=True)


def render_changed(items: Sequence[ChangedNumber]) -> View:
    """Return printed and used numbers side by side, with reason, place and what found them."""
    rows = [
        [
            Cell(item.study),
            Cell(f"{item.what} ({item.row})"),
            Cell(item.printed),
            Cell(item.used, "muted" if item.used == "left out" else ""),
            Cell(capitalise(item.reason)),
            Cell(item.place, "muted", item.sources),
            Cell(join_words([*item.contradictions, *item.found_by]) or MISSING),
        ]
        for item in items
    ]
    headings = [
        Heading("Study"),
        Heading("Number (row)"),
        Heading("Printed", numeric=True),
        Heading("Used", numeric=True),
        Heading("Why", wide=True),
        Heading("Place", wide=True),
        Heading("Found by"),
    ]
    note = (
        "Printed and used numbers are both kept; a contradiction is named as in the table above, a "
        "check by its name."
    )
    return view_of("Printed and used numbers", headings, rows, note if rows else "", wordy=True)
