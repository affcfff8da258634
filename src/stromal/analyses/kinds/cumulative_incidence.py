"""Aalen-Johansen cumulative incidence of the event and of the competing one."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from stromal.analyses.checks import check_times
from stromal.analyses.effects import describe_effect
from stromal.analyses.groups import split_outcomes
from stromal.analyses.hazards import compare_incidences
from stromal.analyses.kind import AnalysisKind, Answer, Estimated, Row, Setting
from stromal.analyses.rows import count_never_at_risk, count_not_evaluable, make_row
from stromal.analyses.sentences import describe_at_day
from stromal.analyses.table import tabulate_estimates
from stromal.analyses.tests import find_test
from stromal.errors import join_words
from stromal.estimates.cumulative_incidence import estimate_cumulative_incidence, incidence_at
from stromal.protocol.protocol import AnalysisPart
from stromal.report.figures.cumulative_incidence import plot_cumulative_incidence
from stromal.report.figures.curves import frame_curves
from stromal.report.figures.figure import Figure
from stromal.report.groups import label_analysis, label_day_zero, label_endpoint, label_group
from stromal.report.view import View
from stromal.report.words import capitalise, decapitalise
from stromal.tables.curve import Curve
from stromal.tables.outcomes import COMPETING, EVENT
from stromal.tables.statistics import CUMULATIVE_INCIDENCE, SUBDISTRIBUTION_HAZARD_RATIO
from stromal.tables.windows import Day
from stromal.toml.part import Name

_CAUSE_NAMES = {EVENT: "event", COMPETING: "competing event"}


class CumulativeIncidenceUse(AnalysisPart):
    """Probability that an event has happened by a day, where another event may come first.

    The Aalen-Johansen estimator, of the event and of the competing one; a patient who died without
    relapse can no longer relapse, and is not treated as if follow-up had ended. Gray's test
    compares the incidence of the event in the groups of `by`; subdistribution hazard ratios
    (Fine-Gray regression) say how much higher it is than in the reference.

    Parameters
    ----------
    endpoint
        Endpoint that gives a time.
    by
        `arm`, `sex`, `species`, a covariate that is a category or a flag, an endpoint that gives
        a grade, a flag or a response, or a grouping of the protocol: one curve for each
        of its groups.
    reference
        Group that the others are compared with; empty: the last of the protocol that has patients.
    level
        Level of the intervals.
    days
        Days [d] at which the probability is printed, in order.

    Examples
    --------
    A protocol writes::

        [[analyses]]
        name = "relapse"
        estimate = "cumulative_incidence"
        endpoint = "relapse"
        by = "disease_group"
        days = [100, 365, 730]
    """

    estimate: Literal["cumulative_incidence"]
    endpoint: Name
    by: str | None = None
    reference: str = ""
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    days: tuple[Day, ...] = ()


def estimate_incidences(use: CumulativeIncidenceUse, setting: Setting) -> Estimated:
    """Estimate the incidence of each cause and its values on the days, in every group."""
    groups = split_outcomes(setting, use.endpoint, use.by)
    causes = name_causes(groups[0].outcomes)
    rows: list[Row] = []
    curves: list[Curve] = []
    for group in groups:
        judged = group.outcomes.drop_nulls(["day", "status"])
        n = 0
        for cause, label in causes.items():
            curve = estimate_cumulative_incidence(judged, cause, use.level, causes=causes)
            n = curve.n
            if curve.n:
                named = replace(curve, group=group.name, label=label, analysis=use.name)
                curves.append(named)
            for day in use.days:
                found = incidence_at(curve, day)
                rows.append(make_row(group, CUMULATIVE_INCIDENCE, found, label=label, day=day))
        rows += count_not_evaluable(group, judged.height)
        rows += count_never_at_risk(group, judged.height, n)
    rows += compare_incidences(groups, use.by, use.reference, use.level)
    return Estimated(tuple(rows), tuple(curves))


def name_causes(outcomes: pl.DataFrame) -> dict[int, str]:
    """Return the event and, where one occurs, the competing event, named by their labels.

    Examples
    --------
    >>> name_causes(pl.DataFrame({"status": [1, 0], "label": ["relapse", "censored"]}))
    {1: 'relapse'}
    """
    names = {}
    for cause, fallback in _CAUSE_NAMES.items():
        rows = outcomes.filter(pl.col("status") == cause)
        found = rows["label"].drop_nulls().unique().sort().to_list()
        if rows.height or cause == EVENT:
            names[cause] = join_words(found, "or") or fallback
    if len(set(names.values())) < len(names):
        return dict(_CAUSE_NAMES)
    return names


def describe_incidence(answer: Answer[CumulativeIncidenceUse]) -> list[str]:
    """Say the incidence of the event in every group, the effects, and Gray's test."""
    what = decapitalise(label_analysis(answer.protocol, answer.use.name))
    sentences = describe_at_day(answer, f"The cumulative incidence of {what}")
    ratios = answer.estimates.filter(statistic=SUBDISTRIBUTION_HAZARD_RATIO.name)
    for row in ratios.iter_rows(named=True):
        words = describe_effect(answer, row)
        sentences += [f"{capitalise(words)}."] if words else []
    test = find_test(answer.estimates)
    if test is not None:
        sentences.append(f"{test.name}: {test.words}.")
    return sentences


def tabulate_incidence(answer: Answer[CumulativeIncidenceUse]) -> View:
    """Return the table of estimates, with events counted up to the day of each line."""
    return tabulate_estimates(answer, dated=True)


def plot_incidences(answer: Answer[CumulativeIncidenceUse]) -> Figure | None:
    """Return the incidences of all causes stacked, one panel per group."""
    use, protocol = answer.use, answer.protocol
    if not answer.curves:
        return None
    event = label_endpoint(protocol, use.endpoint).split(",")[0].strip()
    name = answer.figure_name
    title = label_analysis(protocol, use.name)
    frame = frame_curves(answer.curves)
    groups = (curve.group for curve in answer.curves if curve.group is not None)
    words = {group: label_group(protocol, group, use.by) for group in groups}
    svg = plot_cumulative_incidence(
        frame,
        name=name,
        title=title,
        since=label_day_zero(protocol),
        days=use.days,
        labels=words | {"event": event, "": event, "competing": "competing event"},
    )
    caption = (
        f"{answer.curves[0].estimator} estimates, drawn to the last day of the "
        "analysis; the dark colour is the event of interest. Each colour is as high as the "
        "probability that this event has happened first; the pale rest is the probability of none "
        "yet. Intervals stand in the table."
    )
    return Figure(name, svg, title, caption, frame, use.name)


KIND = AnalysisKind(
    name="cumulative_incidence",
    title="Cumulative incidence with competing events",
    use=CumulativeIncidenceUse,
    fits=("time",),
    estimate=estimate_incidences,
    describe=describe_incidence,
    tabulate=tabulate_incidence,
    plot=plot_incidences,
    check=check_times,
)
