"""Kaplan-Meier survival, its median, and the log-rank test between groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from stromal.analyses.checks import check_times
from stromal.analyses.effects import describe_effect
from stromal.analyses.groups import Group, split_outcomes
from stromal.analyses.hazards import choose_reference, estimate_hazard_ratios
from stromal.analyses.kind import AnalysisKind, Answer, Estimated, Row, Setting
from stromal.analyses.rows import count_never_at_risk, count_not_evaluable, make_row
from stromal.analyses.sentences import describe_at_day, in_group, render_with_interval
from stromal.analyses.table import tabulate_estimates
from stromal.analyses.tests import find_test
from stromal.errors import join_words
from stromal.estimates.estimate import Estimate
from stromal.estimates.kaplan_meier import (
    estimate_survival,
    median_follow_up,
    median_time,
    survival_at,
)
from stromal.estimates.log_rank import compare_survival
from stromal.estimates.restricted_mean import compare_restricted_means, estimate_restricted_mean
from stromal.protocol.protocol import AnalysisPart
from stromal.report.figures.curves import frame_curves
from stromal.report.figures.figure import Figure
from stromal.report.figures.survival import plot_survival
from stromal.report.groups import label_analysis, label_day_zero, label_endpoint, label_group
from stromal.report.view import View
from stromal.report.words import capitalise, join_unit, render_number, render_p_value
from stromal.tables.curve import Curve
from stromal.tables.statistics import (
    HAZARD_RATIO,
    LOG_RANK,
    LOG_RANK_P,
    MEDIAN_FOLLOW_UP,
    MEDIAN_TIME,
    PROPORTIONAL_HAZARDS_P,
    RESTRICTED_MEAN,
    RESTRICTED_MEAN_DIFFERENCE,
    SURVIVAL_PROBABILITY,
    TEST_P,
)
from stromal.tables.windows import Day
from stromal.toml.part import Name

DOUBTFUL = 0.05
"""P of the check of proportional hazards below which the page says so; a habit, no boundary."""


class SurvivalUse(AnalysisPart):
    """Kaplan-Meier curve, median time, probabilities at given days, hazard ratios, log-rank test.

    Bands and intervals are pointwise, on the log-log scale; the median follow-up is that of the
    reverse Kaplan-Meier method. The endpoint must have no competing event: where another event may
    come first, ask for `cumulative_incidence`. Hazard ratios compare each group of `by` with the
    reference (Cox regression, Efron's method for ties) and stand beside a check that hazards are
    proportional; the log-rank test compares all groups.

    Parameters
    ----------
    endpoint
        Endpoint that gives a time without competing events.
    by
        `arm`, `sex`, `species`, a covariate that is a category or a flag, an endpoint that gives
        a grade, a flag or a response, or a grouping of the protocol: one curve for each
        of its groups.
    reference
        Group that the others are compared with; empty: the last in the order of the protocol.
    level
        Level of the intervals.
    days
        Days [d] at which the probability is printed, in order.
    restricted_mean
        Day [d] up to which the mean time without the event is estimated, with its difference
        between groups; it needs no proportional hazards.

    Examples
    --------
    A protocol writes::

        [[analyses]]
        name = "overall_survival"
        estimate = "survival"
        endpoint = "overall_survival"
        by = "disease_group"
        days = [100, 365, 730]
    """

    estimate: Literal["survival"]
    endpoint: Name
    by: str | None = None
    reference: str = ""
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    days: tuple[Day, ...] = ()
    restricted_mean: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None


def estimate_curves(use: SurvivalUse, setting: Setting) -> Estimated:
    """Estimate the curve, its medians and its values on the days asked for, in every group."""
    groups = split_outcomes(setting, use.endpoint, use.by)
    rows: list[Row] = []
    curves: list[Curve] = []
    for group in groups:
        judged = group.outcomes.drop_nulls(["day", "status"])
        curve = estimate_survival(judged, use.level)
        if curve.n:
            curves.append(replace(curve, group=group.name, analysis=use.name))
        rows += (
            make_row(group, SURVIVAL_PROBABILITY, survival_at(curve, day), day=day)
            for day in use.days
        )
        rows.append(make_row(group, MEDIAN_TIME, median_time(curve), unit="day"))
        follow_up = median_follow_up(judged, use.level)
        rows.append(make_row(group, MEDIAN_FOLLOW_UP, follow_up, unit="day"))
        rows += count_not_evaluable(group, judged.height)
        rows += count_never_at_risk(group, judged.height, curve.n)
    rows += _estimate_restricted(use, groups)
    if len(groups) > 2:
        rows += estimate_hazard_ratios(groups, use.by, use.reference, use.level)
        rows += _compare_groups(groups[0], use.by)
    return Estimated(tuple(rows), tuple(curves))


def _estimate_restricted(use: SurvivalUse, groups: tuple[Group, ...]) -> Iterator[Row]:
    """The mean time up to a day in every group, and its difference from the reference."""
    until = use.restricted_mean
    if until is None:
        return
    for group in groups:
        mean = estimate_restricted_mean(group.outcomes, until, use.level)
        yield make_row(group, RESTRICTED_MEAN, mean, day=until, unit="day")
    reference = choose_reference(groups, use.reference)
    by_name = {group.name: group for group in groups}
    for group in groups[1:] if reference is not None and len(groups) > 2 else ():
        if group.name == reference:
            continue
        found, p_value = compare_restricted_means(
            group.outcomes, by_name[reference].outcomes, until, use.level
        )
        who = {"by": use.by, "term": group.name, "reference": reference}
        row = make_row(None, RESTRICTED_MEAN_DIFFERENCE, found, day=until, unit="day")
        yield row | who
        if p_value is not None:
            told = replace(found, value=p_value, low=None, high=None, level=None)
            yield make_row(None, TEST_P, told, day=until) | who


def _compare_groups(whole: Group, by: str | None) -> Iterator[Row]:
    """The log-rank test; no row where there are no two groups to compare."""
    test = compare_survival(whole.outcomes, whole.outcomes["group"])
    if test.statistic is None:
        return
    n, events = sum(test.n), sum(test.observed)
    for statistic, value in ((LOG_RANK, test.statistic), (LOG_RANK_P, test.p_value)):
        found = Estimate(
            value,
            n=n,
            events=events,
            method=test.method,
            sources=test.sources,
            degrees=test.degrees,
        )
        yield make_row(None, statistic, found) | {"by": by}


def describe_survival(answer: Answer[SurvivalUse]) -> list[str]:
    """Say the probability on a day, the median time and follow-up, and the comparison."""
    rows = answer.estimates
    label = label_endpoint(answer.protocol, answer.use.endpoint).split(",")[0]
    sentences = [*describe_at_day(answer, label), *_describe_medians(answer)]
    followed = rows.filter(
        pl.col("statistic") == MEDIAN_FOLLOW_UP.name, pl.col("group").is_null()
    ).drop_nulls("value")
    for days in followed["value"]:
        words = join_unit(render_number(days), "day", plural=days != 1)
        sentences.append(f"The median follow-up was {words} (reverse Kaplan-Meier).")
    sentences += _describe_restricted(answer)
    sentences += describe_hazard_ratios(answer)
    test = find_test(rows)
    if test is not None:
        groups = rows["group"].drop_nulls().n_unique()
        of = f" between the {groups} groups" if groups > 1 else ""
        sentences.append(f"Log-rank test{of}: {test.words}.")
    return sentences


def _describe_restricted(answer: Answer[SurvivalUse]) -> list[str]:
    """Say every difference of restricted means, with its day."""
    rows = answer.estimates.filter(statistic=RESTRICTED_MEAN_DIFFERENCE.name)
    return [
        f"{capitalise(words)}, within {render_number(row['day'])} days."
        for row in rows.iter_rows(named=True)
        if (words := describe_effect(answer, row))
    ]


def describe_hazard_ratios(answer: Answer[SurvivalUse]) -> list[str]:
    """Say every hazard ratio, and where hazards are seen not to be proportional."""
    rows = answer.estimates
    ratios = rows.filter(statistic=HAZARD_RATIO.name).iter_rows(named=True)
    said = [f"{capitalise(words)}." for row in ratios if (words := describe_effect(answer, row))]
    changing = rows.filter(
        pl.col("statistic") == PROPORTIONAL_HAZARDS_P.name, pl.col("value") < DOUBTFUL
    )
    if said and changing.height:
        p_value = render_p_value(changing["value"][0])
        said.append(
            f"Hazards do not look proportional ({p_value}), so that a hazard ratio is an average "
            "over the time that was watched."
        )
    return said


def _describe_medians(answer: Answer[SurvivalUse]) -> list[str]:
    """The median time of every group, saying where it was not reached."""
    found = answer.estimates.filter(pl.col("statistic") == MEDIAN_TIME.name).to_dicts()
    found = [row for row in found if row["n"]]
    if not found:
        return []
    parts = [
        (render_with_interval(row) if row["value"] is not None else "not reached")
        + in_group(answer, row, found)
        for row in found
    ]
    return [f"The median time was {join_words(parts)}."]


def tabulate_survival(answer: Answer[SurvivalUse]) -> View:
    """Return the table of estimates, with events counted up to the day of each line."""
    return tabulate_estimates(answer, dated=True)


def plot_curves(answer: Answer[SurvivalUse]) -> Figure | None:
    """Return the curves of the groups, or that of all patients where there are none."""
    use, protocol = answer.use, answer.protocol
    curves = [curve for curve in answer.curves if curve.group is not None] or list(answer.curves)
    if not curves:
        return None
    name = answer.figure_name
    title = label_analysis(protocol, use.name)
    test = find_test(answer.estimates)
    frame = frame_curves(curves)
    groups = (curve.group for curve in curves if curve.group is not None)
    words = {group: label_group(protocol, group, use.by) for group in groups}
    svg = plot_survival(
        frame,
        name=name,
        title=title,
        ylabel=label_endpoint(protocol, use.endpoint),
        since=label_day_zero(protocol),
        labels=words,
        test=f"Log-rank {test.words}" if test is not None else "",
    )
    caption = (
        f"{curves[0].method}. Bands are pointwise {100 * curves[0].level:g} % intervals, short "
        "vertical strokes are patients whose follow-up ended without the event."
    )
    return Figure(name, svg, title, caption, frame, use.name)


KIND = AnalysisKind(
    name="survival",
    title="Kaplan-Meier survival and log-rank test",
    use=SurvivalUse,
    fits=("time",),
    estimate=estimate_curves,
    describe=describe_survival,
    tabulate=tabulate_survival,
    plot=plot_curves,
    check=check_times,
)
