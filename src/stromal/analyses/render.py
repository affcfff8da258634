"""Finished analyses as the page shows them: sentences, tables and figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import polars as pl

from stromal.analyses.kind import Answer, U
from stromal.analyses.registry import list_kinds
from stromal.protocol.groups import list_levels
from stromal.report.finding import Finding
from stromal.report.groups import label_analysis
from stromal.report.summary import primary_endpoint


def render_findings(answers: Iterable[Answer[Any]]) -> tuple[Finding, ...]:
    """Return every answer with its words, tables and figure, in order.

    Figures are drawn here and nowhere before, so that a run without a page draws none.
    """
    return tuple(_render(answer) for answer in answers)


def _render(answer: Answer[Any]) -> Finding:
    answer = _tell_once(answer)
    kind = list_kinds()[answer.use.estimate]
    primary = primary_endpoint(answer.protocol)
    return Finding(
        analysis=answer.use.name,
        endpoints=answer.endpoints,
        title=label_analysis(answer.protocol, answer.use.name),
        primary=primary is not None and primary.primary and primary.name in answer.endpoints,
        sentences=tuple(kind.describe(answer)),
        table=kind.tabulate(answer),
        details=kind.details(answer),
        remark=kind.remark(answer),
        figure=kind.plot(answer),
        note=answer.use.note,
    )


def _tell_once(answer: Answer[U]) -> Answer[U]:
    """Leave the only arm out where it is all patients: a page need not say a number twice."""
    arms = answer.setting.patients.subjects["arm"]
    levels = list_levels(answer.protocol, "arm", arms.drop_nulls())
    if getattr(answer.use, "by", None) != "arm" or len(levels) != 1 or arms.null_count():
        return answer
    of_all = pl.col("group").is_null()
    return replace(
        answer,
        estimates=answer.estimates.filter(of_all),
        curves=tuple(curve for curve in answer.curves if curve.group is None),
    )
