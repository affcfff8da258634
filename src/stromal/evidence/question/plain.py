"""The answers to the questions of a study as plain values: what JSON can hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import polars as pl

from stromal.evidence.pool.predictive import Predictive
from stromal.evidence.question.answer import EvidenceAnswer
from stromal.evidence.question.tables import list_tables


def describe_answers(answers: Sequence[EvidenceAnswer]) -> list[dict[str, Any]]:
    """Return each answer as plain values, told apart by the name of its question.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> from stromal.evidence.question.answer import answer_protocol
    >>> from stromal.protocol.read import read_protocol
    >>> found = answer_protocol(read_protocol("studies/itp-dose"), read_library())
    >>> plain = describe_answers(found.answers)[0]
    >>> plain["name"], plain["pooled"][0]["what"], round(plain["new_study"]["value"], 2)
    ('response', 'told', 0.44)
    """
    tables = list_tables(answers)
    tables.pop("new_study")
    return [_describe(answer, tables) for answer in answers]


def _describe(answer: EvidenceAnswer, tables: dict[str, pl.DataFrame]) -> dict[str, Any]:
    question = answer.question
    own = {
        name: table.filter(pl.col("question") == question.name).drop("question").to_dicts()
        for name, table in tables.items()
    }
    return {
        "name": question.name,
        "label": answer.title,
        "analysis": answer.analysis,
        "endpoint": answer.endpoint,
        "category": question.category or None,
        "outcomes": list(question.outcomes),
        "scale": question.scale,
        "day": question.day,
        **own,
        "new_study": _predictive(answer.predictive),
        "new_study_reason": answer.predictive_reason or None,
    }


def _predictive(found: Predictive | None) -> dict[str, Any] | None:
    if found is None:
        return None
    cells = asdict(found)
    quantiles = [{"probability": at, "value": value} for at, value in found.quantiles]
    return cells | {"quantiles": quantiles, "sources": list(found.sources)}
