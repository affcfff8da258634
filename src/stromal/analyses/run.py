"""Run the analyses of a protocol on one cohort: pure, no disk, no drawing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from stromal.analyses.bind import BoundAnalysis
from stromal.analyses.kind import Answer, Setting, U
from stromal.tables.disagreements import DISAGREEMENTS
from stromal.tables.estimates import ESTIMATES


def run_analyses(
    analyses: Iterable[BoundAnalysis[Any]], setting: Setting
) -> tuple[Answer[Any], ...]:
    """Answer every analysis for one cohort.

    Each is done for all patients and for each level of its `by`. Patients without an outcome are
    in no denominator; a row `not evaluable` counts them.

    Parameters
    ----------
    analyses
        Analyses bound to their kinds.
    setting
        Patients of one origin and replicate, with their outcomes.

    Returns
    -------
    tuple of Answer
        One for each analysis, in order: rows of `estimates`, curves, disagreements.
    """
    return tuple(answer_analysis(bound, setting) for bound in analyses)


def answer_analysis(bound: BoundAnalysis[U], setting: Setting) -> Answer[U]:
    """Answer one analysis for one cohort."""
    found = bound.kind.estimate(bound.use, setting)
    asked = {
        "analysis": bound.use.name,
        "endpoint": getattr(bound.use, "endpoint", None),
        "origin": setting.origin,
        "replicate": setting.replicate,
    }
    estimates = pl.DataFrame([asked | row for row in found.rows], schema=ESTIMATES.dtypes)
    disagreements = DISAGREEMENTS.conform(found.disagreements)
    return Answer(bound.use, setting, estimates, found.curves, disagreements)


def gather_estimates(answers: Iterable[Answer[Any]]) -> pl.DataFrame:
    """Return the rows of all answers as one `estimates` table."""
    return pl.concat([ESTIMATES.empty(), *(answer.estimates for answer in answers)])
