"""Shares of patients in sentences that fit the kind of endpoint: grade, response, flag, others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from stromal.analyses.kind import Answer
from stromal.report.figures.palette import order_labels
from stromal.report.groups import label_endpoint, label_group
from stromal.report.words import (
    capitalise,
    count_noun,
    decapitalise,
    render_interval,
    render_list,
    render_name,
    render_percent,
)

Row = Mapping[str, Any]
_SPOKEN = {
    "CR": "a complete response",
    "VGPR": "a very good partial response",
    "PR": "a partial response",
    "MR": "a mixed response",
    "R": "a response",
    "NR": "no response",
    "PD": "progressive disease",
    "SD": "stable disease",
}
_YES, _NO = "yes", "no"


def describe_shares(answer: Answer[Any]) -> list[str]:
    """Say how many patients had which outcome, then the combined outcomes, then each group.

    Grades are said worst first, responses best first; of a flag only the outcome that the
    endpoint's own label speaks of.

    Parameters
    ----------
    answer
        A finished proportion; its setting says of what kind the endpoint is and in which order
        its labels come.
    """
    usable = answer.estimates.drop_nulls(["label", "events", "n"]).filter(pl.col("n") > 0)
    if usable.is_empty():
        return []
    whole = usable.filter(pl.col("group").is_null())
    by_label = {row["label"]: row for row in whole.iter_rows(named=True)}
    combine: Mapping[str, tuple[str, ...]] = answer.use.combine
    single = [row for label, row in by_label.items() if label not in combine]
    if not single:
        return []
    sentences = [_single(answer, single)]
    for name, members in combine.items():
        if name in by_label:
            what = f"{_article(name)} {render_name(name)} ({' or '.join(members)})"
            sentences.append(f"{_count(by_label[name])} had {what}.")
    groups = usable.filter(pl.col("group").is_not_null())
    told = next((name for name in combine if name in by_label), None)
    if told is None:
        told = _ordered(answer, single)[0]["label"]
    what = told if _kind(answer) != "grade" else f"grade {told}"
    return [*sentences, *_by_group(answer, groups, told, what)]


def _kind(answer: Answer[Any]) -> str:
    return answer.setting.kind_of(answer.endpoint)


def _ordered(answer: Answer[Any], rows: Sequence[Row]) -> list[Row]:
    """Labels that somebody has, grades from the worst, others from the best; never none."""
    names = [row["label"] for row in rows]
    grade = _kind(answer) == "grade"
    declared = answer.setting.labels.get(answer.endpoint, ())
    ranked = [label for label in declared if label in names]
    ranked = ranked if grade and ranked else order_labels(names)
    ranked += [label for label in order_labels(names) if label not in ranked]
    found = {row["label"]: row for row in rows}
    ordered = [found[label] for label in (reversed(ranked) if grade else ranked)]
    return [row for row in ordered if row["events"]] or ordered[:1]


def _single(answer: Answer[Any], rows: Sequence[Row]) -> str:
    """The outcomes that somebody has, in one sentence in the words of the kind of endpoint."""
    label = label_endpoint(answer.protocol, answer.endpoint)
    ordered = _ordered(answer, rows)
    kind = _kind(answer)
    if kind == "grade":
        return f"{_chain(ordered, 'were', lambda name: f'grade {name}')}."
    names = {row["label"] for row in rows}
    if kind == "response" and names & set(_SPOKEN):
        best = next(row for row in _best_first(rows) if row["label"] in _SPOKEN)
        shown = ordered if best in ordered else [best, *ordered]
        return f"{_chain(shown, 'had', lambda name: _SPOKEN.get(name, name))}."
    if kind == "flag":
        return _flag(rows, label)
    return f"{label}: {_listed(ordered)}."


def _best_first(rows: Sequence[Row]) -> list[Row]:
    found = {row["label"]: row for row in rows}
    return [found[label] for label in order_labels(list(found))]


def _flag(rows: Sequence[Row], label: str) -> str:
    """`19 of 32 patients were alive at last follow-up`, or the label with `yes in ...`."""
    found = {row["label"]: row for row in rows}
    named = next((name for name in found if label.lower().startswith(name.lower())), None)
    if named is not None and named not in (_YES, _NO):
        verb = "had" if _is_noun(named) else "were"
        return f"{_count(found[named])} {verb} {decapitalise(label)}."
    shown = [found[_YES]] if _YES in found else [row for row in rows if row["events"]] or rows[:1]
    return f"{label}: {_listed(shown)}."


def _listed(rows: Sequence[Row]) -> str:
    """`alive in 19 of 32 patients (59 %) and dead in 13 (41 %)`."""
    return render_list(
        [f"{row['label']} in {_count(row, noun=place == 0)}" for place, row in enumerate(rows)]
    )


def _is_noun(name: str) -> bool:
    """Whether an outcome of several words names something one has: `primary graft failure`."""
    return " " in name


def _chain(rows: Sequence[Row], verb: str, spoken: Callable[[str], str]) -> str:
    """`30 of 32 patients (94 %) were grade IV and 2 (6 %) grade III`."""
    parts = [f"{_count(rows[0])} {verb} {spoken(rows[0]['label'])}"]
    parts += [f"{_count(row, noun=False)} {spoken(row['label'])}" for row in rows[1:]]
    return render_list(parts)


def _count(row: Row, *, noun: bool = True) -> str:
    """`18 of 32 patients (56 %, 95 % CI 38 to 74)`; without noun `18 (56 %, 38 to 74)`."""
    numbers = [render_percent(row["value"], row["n"])]
    interval = render_interval(row["low"], row["high"], row["unit"], row["n"])
    if row["low"] is not None and row["high"] is not None:
        level = f"{100 * (row['level'] or 0.95):g} % CI "
        numbers.append(f"{level if noun else ''}{interval}")
    many = f"{row['events'] or 'None'} of {count_noun(row['n'], 'patient')}"
    return f"{many if noun else row['events']} ({', '.join(numbers)})"


def _by_group(answer: Answer[Any], rows: pl.DataFrame, label: str, name: str) -> list[str]:
    """The same outcome in every group that has patients."""
    own = rows.filter(pl.col("label") == label).to_dicts()
    if len(own) < 2:
        return []
    parts = [
        f"{row['events']} of {row['n']} in {label_group(answer.protocol, row['group'], row['by'])}"
        for row in own
    ]
    what = capitalise(_SPOKEN.get(name, render_name(name)).removeprefix("a "))
    return [f"{what} by group: {render_list(parts)}."]


def _article(name: str) -> str:
    return "an" if name[:1].lower() in "aeiou" else "a"
