"""Shares of patients in sentences that fit the kind of endpoint: grade, response, flag, others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from stromal.analyses.effects import describe_effect
from stromal.analyses.kind import Answer
from stromal.analyses.labels import find_label, order_names
from stromal.analyses.tests import find_tests
from stromal.endpoints.endpoint import Label
from stromal.errors import join_words
from stromal.report.groups import label_endpoint, label_group
from stromal.report.words import (
    capitalise,
    count_noun,
    decapitalise,
    render_interval,
    render_name,
    render_percent,
)
from stromal.tables.statistics import PROPORTION

Row = Mapping[str, Any]
_YES = "yes"


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
    shares = answer.estimates.filter(statistic=PROPORTION.name)
    usable = shares.drop_nulls(["label", "events", "n"]).filter(pl.col("n") > 0)
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
            what = f"{_article(name)} {render_name(name)} ({join_words(members, 'or')})"
            sentences.append(f"{_count(by_label[name])} had {what}.")
    groups = usable.filter(pl.col("group").is_not_null())
    told = next((name for name in combine if name in by_label), None)
    if told is None:
        told = _ordered(answer, single)[0]["label"]
    return [*sentences, *_by_group(answer, groups, told), *_say_effects(answer, told)]


def _say_effects(answer: Answer[Any], label: str) -> list[str]:
    """The effect of every group on the share of one label, and the test of all groups."""
    effects = answer.estimates.filter(pl.col("term").is_not_null() & (pl.col("label") == label))
    said = [describe_effect(answer, row) for row in effects.iter_rows(named=True)]
    tests = [test for name, test in find_tests(answer.estimates) if name == label]
    return [
        *(f"{capitalise(words)}." for words in said if words),
        *(f"{capitalise(test.name)}: {test.words}." for test in tests),
    ]


def _kind(answer: Answer[Any]) -> str:
    return answer.setting.kind_of(answer.endpoint)


def _find(answer: Answer[Any], name: str) -> Label:
    return find_label(name, answer.setting.labels_of(answer.endpoint))


def _ordered(answer: Answer[Any], rows: Sequence[Row]) -> list[Row]:
    """Labels that somebody has, grades from the worst, others from the best; never none."""
    declared = answer.setting.labels_of(answer.endpoint)
    found = {row["label"]: row for row in rows}
    names = order_names(found, declared)
    if _kind(answer) == "grade":
        names.reverse()
    ordered = [found[name] for name in names]
    return [row for row in ordered if row["events"]] or ordered[:1]


def _single(answer: Answer[Any], rows: Sequence[Row]) -> str:
    """The outcomes that somebody has, in one sentence in the words of their labels."""
    label = label_endpoint(answer.protocol, answer.endpoint)
    ordered = _ordered(answer, rows)
    kind, declared = _kind(answer), answer.setting.labels_of(answer.endpoint)
    if kind == "flag":
        return _flag(answer, rows, label)
    if not declared or kind not in ("grade", "response"):
        return f"{label}: {_listed(ordered)}."
    if kind == "response":
        # A reader wants the best response told, also where nobody has it.
        found = {row["label"]: row for row in rows}
        best = found[order_names(found, declared)[0]]
        ordered = ordered if best in ordered else [best, *ordered]
    return f"{_chain(answer, ordered)}."


def _flag(answer: Answer[Any], rows: Sequence[Row], label: str) -> str:
    """`19 of 32 patients were alive at last follow-up`, or the label with `yes in ...`."""
    found = {row["label"]: row for row in rows}
    named = next((name for name in found if label.lower().startswith(name.lower())), None)
    if named is not None and named not in (_YES, "no"):
        return f"{_count(found[named])} {_find(answer, named).verb} {decapitalise(label)}."
    shown = [found[_YES]] if _YES in found else [row for row in rows if row["events"]] or rows[:1]
    return f"{label}: {_listed(shown)}."


def _listed(rows: Sequence[Row]) -> str:
    """`alive in 19 of 32 patients (59 %) and dead in 13 (41 %)`."""
    return join_words(
        [f"{row['label']} in {_count(row, noun=place == 0)}" for place, row in enumerate(rows)]
    )


def _chain(answer: Answer[Any], rows: Sequence[Row]) -> str:
    """`30 of 32 patients (94 %) were grade IV and 2 (6 %) grade III`."""
    labels = [_find(answer, row["label"]) for row in rows]
    parts = [f"{_count(rows[0])} {labels[0].verb} {labels[0].words}"]
    others = zip(rows[1:], labels[1:], strict=True)
    parts += [f"{_count(row, noun=False)} {label.words}" for row, label in others]
    return join_words(parts)


def _count(row: Row, *, noun: bool = True) -> str:
    """`18 of 32 patients (56 %, 95 % CI 38 to 74)`; without noun `18 (56 %, 38 to 74)`."""
    numbers = [render_percent(row["value"], row["n"])]
    interval = render_interval(row["low"], row["high"], row["unit"], row["n"])
    if row["low"] is not None and row["high"] is not None:
        level = f"{100 * (row['level'] or 0.95):g} % CI "
        numbers.append(f"{level if noun else ''}{interval}")
    many = f"{row['events'] or 'None'} of {count_noun(row['n'], 'patient')}"
    return f"{many if noun else row['events']} ({', '.join(numbers)})"


def _by_group(answer: Answer[Any], rows: pl.DataFrame, name: str) -> list[str]:
    """The same outcome in every group that has patients."""
    own = rows.filter(pl.col("label") == name).to_dicts()
    if len(own) < 2:
        return []
    parts = [
        f"{row['events']} of {row['n']} in {label_group(answer.protocol, row['group'], row['by'])}"
        for row in own
    ]
    what = capitalise(_find(answer, name).words.removeprefix("a "))
    return [f"{what} by group: {join_words(parts)}."]


def _article(name: str) -> str:
    return "an" if name[:1].lower() in "aeiou" else "a"
