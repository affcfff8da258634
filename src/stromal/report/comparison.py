"""Published versus ours: the table, and in one sentence how much of it agrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from string import ascii_lowercase
from typing import Any

from stromal.estimates.compare import DIFFERS, NOT_ESTIMATED, YES
from stromal.report.content import Content
from stromal.report.groups import label_analysis, label_group
from stromal.report.view import Cell, Heading, Tone, View, view_of
from stromal.report.words import (
    MISSING,
    SPACE,
    count_noun,
    join_unit,
    name_statistic,
    render_count,
    render_number,
)
from stromal.sources import read_sources

SAME_COUNT = "same count, other denominator"
_TONES: Mapping[str, Tone] = {YES: "good", DIFFERS: "bad", NOT_ESTIMATED: "muted", SAME_COUNT: ""}
_WORDS = {YES: "agrees"}


def find_verdict(row: Mapping[str, Any]) -> str:
    """Agrees, differs, not estimated; or that only the denominator differs."""
    if row["agrees"] == DIFFERS and row["same_count"]:
        return SAME_COUNT
    return str(row["agrees"])


def describe_comparison(content: Content) -> str:
    """Say how many printed numbers agree, and what keeps the others from it."""
    rows = content.comparison.to_dicts()
    if not rows:
        return ""
    counts = Counter(find_verdict(row) for row in rows)
    what = _kind_of_numbers(rows)
    total = len(rows)
    if counts[YES] == total:
        return f"{_all_of(total, what)} with ours."
    parts = [_agree(counts[YES])]
    if counts[SAME_COUNT]:
        parts.append(
            f"in {counts[SAME_COUNT]} the count is the same and only the denominator differs"
            f"{_denominators(rows)}"
        )
    if counts[DIFFERS]:
        parts.append(f"{counts[DIFFERS]} differ{'s' if counts[DIFFERS] == 1 else ''}")
    if counts[NOT_ESTIMATED]:
        number = counts[NOT_ESTIMATED]
        parts.append(f"{number} ha{'s' if number == 1 else 've'} no counterpart here")
    return f"Of {count_noun(total, what)}, {'; '.join(parts)}."


def _all_of(total: int, what: str) -> str:
    if total == 1:
        return f"The one {what} agrees"
    return f"{'Both' if total == 2 else f'All {total}'} {what}s agree"


def _agree(number: int) -> str:
    if number == 0:
        return "none agrees in full"
    return f"{number} agree{'s' if number == 1 else ''} with ours"


def _kind_of_numbers(rows: list[dict[str, Any]]) -> str:
    """Published, unless some of the numbers were computed by other software."""
    sources = read_sources()
    types = {sources[row["source"]].type for row in rows if row["source"] in sources}
    return "reference number" if types & {"software", "dataset"} else "published number"


def _denominators(rows: list[dict[str, Any]]) -> str:
    """The printed number of patients and ours, where they are the same two everywhere."""
    found = {(row["printed_n"], row["our_n"]) for row in rows if find_verdict(row) == SAME_COUNT}
    if len(found) != 1:
        return ""
    ((printed, ours),) = found
    return f" ({printed} printed, {ours} in the data)"


def render_comparison(content: Content) -> View:
    """Printed numbers beside ours, with the difference and why; repeated reasons as footnotes."""
    rows = content.comparison.to_dicts()
    repeated = [why for why, times in Counter(r["why"] for r in rows).items() if why and times > 1]
    marks = dict(zip(repeated, ascii_lowercase, strict=False))
    cells: list[list[Cell]] = []
    seen = None
    for row in rows:
        if row["analysis"] != seen:
            seen = row["analysis"]
            title = label_analysis(content.protocol, seen)
            cells.append([Cell(title, "section"), *[Cell("")] * (len(_HEADINGS) - 1)])
        cells.append(_cells(content, row, marks))
    kept: tuple[Heading, ...] = _HEADINGS
    if all(row["why"] in marks or not row["why"] for row in rows):
        kept = tuple(heading for heading in _HEADINGS if heading.text != "Why")
        place = _HEADINGS.index(_WHY)
        cells = [[*line[:place], *line[place + 1 :]] for line in cells]
    note = (
        "A number agrees when ours, rounded to the decimals that were printed, is the printed one, "
        "and the printed counts and numbers of patients are ours too."
    )
    return view_of(
        "Published numbers beside ours",
        kept,
        cells,
        note,
        footnotes=[(mark, why) for why, mark in marks.items()],
        wordy=True,
    )


_WHY = Heading("Why", wide=True)
_HEADINGS = (
    Heading("What"),
    Heading("Printed", numeric=True),
    Heading("Ours", numeric=True),
    Heading("Ours against printed", wide=True),
    Heading("Verdict"),
    _WHY,
    Heading("Where printed"),
)


def _cells(content: Content, row: Mapping[str, Any], marks: Mapping[str, str]) -> list[Cell]:
    """One printed number: what it is, both values, the difference, the verdict and why."""
    group = label_group(content.protocol, row["group"], row["by"])
    where = "" if row["group"] is None else f", {group}"
    verdict = find_verdict(row)
    digits = max(row["decimals"], 1 if verdict in (DIFFERS, SAME_COUNT) else 0)
    why = row["why"] or ""
    return [
        Cell(name_statistic(row) + where, mark=marks.get(why, "")),
        Cell(_both(row, "printed", row["decimals"])),
        Cell(_both(row, "our", digits)),
        Cell(_difference(row, digits)),
        Cell(_WORDS.get(verdict, verdict), _TONES[verdict]),
        Cell("" if why in marks else why),
        Cell(row["locator"], "muted", (row["source"],)),
    ]


def _both(row: Mapping[str, Any], whose: str, digits: int) -> str:
    """A number in its unit with the counts behind it; counts alone where no number was printed."""
    value = row["printed" if whose == "printed" else "ours"]
    events, n = row[f"{whose}_events"], row[f"{whose}_n"]
    counted = events is not None and n is not None
    if row["printed"] is None and counted:
        return render_count(events, n)
    text = render_number(value, digits) if value is not None else ""
    text = join_unit(text, row["unit"], plural=value != 1) if text else ""
    # How many events a curve has had by a day is not printed beside a curve's value.
    shown = counted and row["printed_events"] is not None
    count = f"{events}/{n}" if shown else (f"n{SPACE}={SPACE}{n}" if n is not None else "")
    return f"{text} ({count})" if text and count else text or count or MISSING


def _difference(row: Mapping[str, Any], digits: int) -> str:
    """Compare ours with the printed one: the count or the value, then the patients."""
    parts = []
    if row["difference"] is not None:
        number = render_number(abs(row["difference"]), digits)
        if not number.strip("0."):
            parts.append("none")
        else:
            unit = "points" if row["unit"] == "%" else row["unit"]
            size = join_unit(number, unit, plural=abs(row["difference"]) != 1)
            parts.append(f"{size} {'higher' if row['difference'] > 0 else 'lower'}")
    elif None not in (row["printed_events"], row["our_events"]):
        more = row["our_events"] - row["printed_events"]
        parts.append(f"{abs(more)} {'more' if more > 0 else 'fewer'}" if more else "same count")
    if None not in (row["printed_n"], row["our_n"]) and row["printed_n"] != row["our_n"]:
        more = row["our_n"] - row["printed_n"]
        size = count_noun(abs(more), "patient")
        parts.append(f"of {size} {'more' if more > 0 else 'fewer'}")
    return ", ".join(parts) or MISSING
