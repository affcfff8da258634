"""Published numbers as rows of the table of estimates, with origin `published`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import polars as pl

from stromal.evidence.question.answer import EvidenceAnswer
from stromal.evidence.question.pooling import LEVEL
from stromal.tables.estimates import ESTIMATES
from stromal.tables.statistics import (
    CUMULATIVE_INCIDENCE,
    MEDIAN,
    MEDIAN_TIME,
    ODDS_RATIO,
    PROPORTION,
    RISK_DIFFERENCE,
    RISK_RATIO,
    SURVIVAL_PROBABILITY,
    Statistic,
)

PUBLISHED = "published"

BY_STUDY, BY_REVIEW = "study", "review"
"""What makes the groups of single studies, and of figures of meta-analyses and reviews."""

STATISTICS: Mapping[str, Statistic] = MappingProxyType(
    {
        "proportion": PROPORTION,
        "survival": SURVIVAL_PROBABILITY,
        "cumulative_incidence": CUMULATIVE_INCIDENCE,
        "risk_ratio": RISK_RATIO,
        "odds_ratio": ODDS_RATIO,
        "risk_difference": RISK_DIFFERENCE,
        "difference": RISK_DIFFERENCE,
        "median": MEDIAN,
    }
)
"""Statistics by the scale of a question or of a printed number."""

_TIMES = ("hour", "day", "week", "month", "year")

Row = dict[str, Any]


def list_estimates(answers: Iterable[EvidenceAnswer]) -> pl.DataFrame:
    """Return what was published as rows of the table of estimates.

    A row for each study that answers (`by` is `study`), one for what is told of all of them, which
    has no group, and one for each figure of a meta-analysis or review (`by` is `review`). What is
    not estimable has a row without a value, and its method says why.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> from stromal.evidence.question.answer import answer_protocol
    >>> from stromal.protocol.read import read_protocol
    >>> found = answer_protocol(read_protocol("studies/itp-dose"), read_library())
    >>> rows = list_estimates(found.answers)
    >>> rows.select("origin", "group", "statistic", "label", "events", "n").rows()
    [('published', 'ChenY2024', 'proportion', 'overall_response', 8, 18), \
('published', None, 'proportion', 'overall_response', 8, 18)]
    """
    rows = [row for answer in answers for row in _list_rows(answer)]
    # two questions of one analysis stand beside the same reviews: those rows are told once
    return pl.DataFrame(rows, schema=ESTIMATES.dtypes).unique(maintain_order=True)


def _list_rows(answer: EvidenceAnswer) -> Iterator[Row]:
    question = answer.question
    base: Row = {
        "analysis": answer.analysis,
        "endpoint": answer.endpoint,
        "origin": PUBLISHED,
        "label": question.category or None,
        "day": question.day,
    }
    if question.has_two_groups:
        base |= {"term": "MSC", "reference": "control"}
    for study in answer.rows.iter_rows(named=True):
        yield base | _of_study(answer, study)
    yield base | _of_all(answer)
    for figure in answer.published.iter_rows(named=True):
        row = _of_review(figure)
        if row is not None:
            yield base | {"term": None, "reference": None} | row


def _of_study(answer: EvidenceAnswer, study: Mapping[str, Any]) -> Row:
    n, events = study["total"], study["events"]
    if answer.question.has_two_groups and None not in {n, study["reference_total"]}:
        n, events = n + study["reference_total"], events + study["reference_events"]
    return {
        "by": BY_STUDY,
        "group": study["study"],
        "statistic": _statistic(answer.question.scale, study["shown_unit"]),
        "value": study["shown"],
        "unit": study["shown_unit"],
        "low": study["shown_low"],
        "high": study["shown_high"],
        "level": LEVEL if study["shown_low"] is not None else None,
        "n": study["n"] if n is None else n,
        "events": events,
        "method": f"one study, {study['interval']}",
        "sources": study["read_in"],
    }


def _of_all(answer: EvidenceAnswer) -> Row:
    told = answer.pooled.told
    units = answer.rows["shown_unit"].drop_nulls().unique().to_list()
    unit = units[0] if len(units) == 1 else "1"
    read_in = dict.fromkeys(answer.rows["read_in"]) if told.value is not None else {}
    return {
        "statistic": _statistic(answer.question.scale, unit),
        "value": told.value,
        "unit": unit,
        "low": told.low,
        "high": told.high,
        "level": told.level if told.low is not None else None,
        "n": told.patients if told.studies else None,
        "events": told.events if told.studies else None,
        "method": told.method if told.value is not None else f"not estimable: {told.reason}",
        "sources": " ".join(dict.fromkeys((*read_in, *told.sources))) or None,
    }


def _of_review(figure: Mapping[str, Any]) -> Row | None:
    """The row of a figure of a review; None where it is words alone."""
    if figure["value"] is None or figure["scale"] not in STATISTICS:
        return None
    whole = 100.0 if figure["unit"] == "%" else 1.0
    value, low, high = (
        None if figure[name] is None else figure[name] / whole for name in ("value", "low", "high")
    )
    unit = "1" if figure["unit"] == "%" else figure["unit"]
    named = [figure["study"], figure["arm"], figure["subgroup"], figure["range_end"]]
    return {
        "by": BY_REVIEW,
        "group": ", ".join(word for word in (named[0], *named[2:]) if word),
        "statistic": _statistic(figure["scale"], unit),
        "day": figure["day"],
        "value": value,
        "unit": unit,
        "low": low,
        "high": high,
        "level": LEVEL if low is not None else None,
        "n": figure["total"],
        "events": figure["events"],
        "method": "as printed by a review over other studies",
        "sources": figure["read_in"],
    }


def _statistic(scale: str, unit: str | None) -> str:
    if scale == "median" and unit in _TIMES:
        return MEDIAN_TIME.name
    return STATISTICS[scale].name
