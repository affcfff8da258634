"""Published meta-analyses beside our numbers, and why they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from stromal.evidence.library.reader import Library
from stromal.report.blocks import Fact
from stromal.report.evidence.names import name_study, name_word
from stromal.report.evidence.shown import Answered, Synthesis
from stromal.report.evidence.summary_of_findings import write_pooled
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import MISSING, capitalise, count_noun, join_unit, render_sentence

_RATIOS = ("risk_ratio", "odds_ratio", "hazard_ratio")
_KINDS = {
    **dict.fromkeys(_RATIOS, "ratio"),
    **dict.fromkeys(("proportion", "survival", "cumulative_incidence"), "share"),
}


def list_syntheses(
    library: Library,
    syntheses: pl.DataFrame,
    pairs: Sequence[tuple[str, Answered]] | None = None,
) -> tuple[Synthesis, ...]:
    """Return the numbers of published meta-analyses, ours beside them where there is one.

    Parameters
    ----------
    library
        The record, in whose outcomes their numbers stand.
    syntheses
        What `read_syntheses` gives.
    pairs
        Rows of the record, each with our outcome that it stands beside; other rows are not listed.
        None: all are, with nothing beside them.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> from stromal.evidence.library.syntheses import read_syntheses
    >>> found = list_syntheses(read_library(), read_syntheses())
    >>> (found[0].label, found[0].printed)
    ('Chen 2015', '68.1\u00a0% (205/301)')
    """
    rows = (
        library.outcomes.join(syntheses, on="study", how="inner", maintain_order="left")
        .join(library.studies, on="study", how="left", maintain_order="left")
        .filter(pl.col("arm") == "MSC")
    )
    found = {row["row"]: row for row in rows.iter_rows(named=True)}
    beside: list[tuple[Mapping[str, Any], Answered | None]]
    beside = [(row, None) for row in found.values()] if pairs is None else _pair(found, pairs)
    alone = len({row["indication"] for row, _ in beside}) < 2
    return tuple(_show(row, answer, alone=alone) for row, answer in beside)


def _pair(
    found: Mapping[str, Mapping[str, Any]], pairs: Sequence[tuple[str, Answered]]
) -> list[tuple[Mapping[str, Any], Answered | None]]:
    """Each row beside our outcomes that are of its kind: a ratio beside ratios; or beside none."""
    made: list[tuple[Mapping[str, Any], Answered | None]] = []
    for name in dict.fromkeys(name for name, _ in pairs if name in found):
        row = found[name]
        kind = _KINDS.get(row["scale"])
        alike = [a for other, a in pairs if other == name and a.forest.scale == kind]
        # a part of the patients, such as those with skin GVHD, has no counterpart in our number
        known = [] if row["subgroup"] else [a for a in alike if a.pooled and a.pooled.value]
        made += [(row, answer) for answer in known] or [(row, None)]
    return made


def _show(row: Mapping[str, Any], ours: Answered | None, *, alone: bool) -> Synthesis:
    studies = "" if row["studies"] is None else count_noun(row["studies"], "study", "studies")
    n = row["printed_total"] if row["printed_total"] is not None else row["printed_n"]
    patients = "" if n is None else count_noun(n, "patient")
    what = capitalise(name_word(row["outcome"]))
    what += f", {row['subgroup']}" if row["subgroup"] else ""
    return Synthesis(
        label=name_study(row["first_author"], row["year"], row["study"]),
        what=what if alone else f"{what} ({name_word(row['indication'])})",
        printed=_write_printed(row),
        printed_of=", ".join(part for part in (studies, patients) if part) or MISSING,
        ours=MISSING if ours is None else write_pooled(ours.pooled, ours.forest),
        ours_of=MISSING if ours is None else f"{ours.title}: {_count(ours)}",
        why=render_sentence(f"it pools {row['included']}; {row['differs']}"),
        place=row["locator"],
        sources=(row["read_in"],),
    )


def _count(answer: Answered) -> str:
    studies = count_noun(answer.studies, "study", "studies")
    if answer.patients is None:
        return studies
    return f"{studies}, {count_noun(answer.patients, 'patient')}"


def _write_printed(row: Mapping[str, Any]) -> str:
    """The printed number: a share, a ratio, a difference; words where no number was read."""
    value = row["printed_value"]
    events, total = row["printed_events"], row["printed_total"]
    if events is None and row["events"] is not None and row["total"] == total:
        events = row["events"]
    count = "" if events is None or total is None else f"{events}/{total}"
    if value is None and count:
        value = f"{100 * events / total:.1f}"
    if value is None:
        return row["said"] or MISSING
    kind = {"risk_ratio": "risk ratio ", "difference": "difference "}.get(row["scale"], "")
    text = f"{kind}{value if row['scale'] in _RATIOS else join_unit(value, row['unit'])}"
    return f"{text} ({count})" if count else text


def render_syntheses(items: Sequence[Synthesis]) -> View:
    """Return published pooled numbers, beside ours where there is one."""
    headings = [
        Heading("Meta-analysis"),
        Heading("Outcome", wide=True),
        Heading("Printed", numeric=True),
        Heading("Pooled there"),
        Heading("Ours", numeric=True),
        Heading("Pooled here"),
        Heading("Place", wide=True),
    ]
    rows = [
        [
            Cell(item.label, "strong"), Cell(item.what), Cell(item.printed), Cell(item.printed_of),
            Cell(item.ours), Cell(item.ours_of), Cell(item.place, "muted", item.sources),
        ]
        for item in items
    ]  # fmt: skip
    if not has_ours(items):
        headings = [*headings[:4], *headings[6:]]
        rows = [[*row[:4], *row[6:]] for row in rows]
    return view_of("Published pooled numbers", headings, rows, wordy=True)


def has_ours(items: Sequence[Synthesis]) -> bool:
    """Tell whether a number of ours stands beside a published one.

    Examples
    --------
    >>> has_ours([Synthesis("Chen 2015", "", "", "", MISSING, MISSING, "", "")])
    False
    """
    return any(item.ours != MISSING for item in items)


def explain_differences(items: Sequence[Synthesis]) -> tuple[Fact, ...]:
    """Return why the numbers of each meta-analysis differ from ours, each reason once.

    Examples
    --------
    >>> item = Synthesis("Chen 2015", "", "", "", "", "", "It pools 13 studies.", "")
    >>> [(fact.name, fact.text) for fact in explain_differences([item, item])]
    [('Chen 2015', 'It pools 13 studies.')]
    """
    reasons: dict[str, dict[str, None]] = {}
    for item in items:
        reasons.setdefault(item.label, {})[item.why] = None
    return tuple(Fact(label, " ".join(own)) for label, own in reasons.items())
