"""Run the analyses of a protocol on one cohort: pure, no disk, no drawing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl

from stromal.analyses.bind import BoundAnalysis
from stromal.analyses.family import find_endpoints
from stromal.analyses.groups import count_left_out, find_landmark
from stromal.analyses.kind import Answer, Row, Setting, U
from stromal.analyses.panels import list_groupings
from stromal.protocol.protocol import AnalysisPart
from stromal.tables.disagreements import DISAGREEMENTS
from stromal.tables.estimates import ESTIMATES
from stromal.tables.statistics import LEFT_OUT


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
    rows = [asked | row for row in (*found.rows, *_tell_landmark(bound.use, setting))]
    estimates = _name_landmark(pl.DataFrame(rows, schema=ESTIMATES.dtypes), bound.use, setting)
    disagreements = DISAGREEMENTS.conform(found.disagreements)
    return Answer(bound.use, setting, estimates, found.curves, disagreements)


def _tell_landmark(use: AnalysisPart, setting: Setting) -> Iterator[Row]:
    """Rows of patients who are left out because they were not in the comparison at a landmark."""
    by = getattr(use, "by", None)
    endpoint = getattr(use, "endpoint", None)
    if isinstance(endpoint, str) and not isinstance(by, tuple):
        yield from count_left_out(setting, endpoint, by)
    elif by is not None and hasattr(use, "endpoints"):
        for item in find_endpoints(use, setting.protocol):
            for name in list_groupings(by, setting.protocol):
                whose = {"endpoint": item.name} | ({"by": name} if isinstance(by, tuple) else {})
                yield from (row | whose for row in count_left_out(setting, item.name, name))


def _name_landmark(rows: pl.DataFrame, use: AnalysisPart, setting: Setting) -> pl.DataFrame:
    """Say in the method of every estimate from which day on patients are compared."""
    by = getattr(use, "by", None)
    for name in list_groupings(by, setting.protocol):
        landmark = find_landmark(setting, name)
        if landmark is not None:
            own = pl.lit(value=True) if isinstance(by, str) else pl.col("by") == name
            rows = _say_landmark(rows, landmark, own)
    return rows


def _say_landmark(rows: pl.DataFrame, landmark: float, own: pl.Expr) -> pl.DataFrame:
    """Return the rows with a landmark in the method and the sources of those that are meant."""
    told = pl.col("method") + f"; landmark on day {landmark:g}"
    counted = (pl.col("statistic") == LEFT_OUT.name) | ~own.fill_null(value=False)
    keys = pl.concat_str(pl.col("sources").fill_null(""), pl.lit("anderson1983"), separator=" ")
    return rows.with_columns(
        pl.when(counted).then("method").otherwise(told).alias("method"),
        pl.when(counted).then("sources").otherwise(keys.str.strip_chars()).alias("sources"),
    )


def gather_estimates(answers: Iterable[Answer[Any]]) -> pl.DataFrame:
    """Return the rows of all answers as one `estimates` table."""
    return pl.concat([ESTIMATES.empty(), *(answer.estimates for answer in answers)])
