"""Kaplan-Meier survival, its median, and the log-rank test between groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from stromal.analyses.checks import check_days, check_reference
from stromal.analyses.effects import describe_effect
from stromal.analyses.groups import Group, split_outcomes
from stromal.analyses.hazards import choose_reference, estimate_hazard_ratios
from stromal.analyses.kind import (
    AnalysisKind,
    Answer,
    Estimated,
    Row,
    Setting,
    tabulate_nothing,
)
from stromal.analyses.panels import (
    Panel,
    check_named,
    check_panels,
    correct_rows,
    describe_panels,
    detail_panels,
    is_family,
    list_groupings,
    list_panels,
    name_panel,
    plot_panels,
    tabulate_panels,
)
from stromal.analyses.rows import count_never_at_risk, count_not_evaluable, make_row
from stromal.analyses.sentences import describe_at_day, in_group, render_with_interval
from stromal.analyses.strata import check_strata, place_strata, read_strata
from stromal.analyses.table import tabulate_estimates
from stromal.analyses.tests import find_test
from stromal.errors import Issue, join_words
from stromal.estimates.estimate import Estimate
from stromal.estimates.kaplan_meier import (
    estimate_survival,
    median_follow_up,
    median_time,
    survival_at,
)
from stromal.estimates.log_rank import compare_survival
from stromal.estimates.multiplicity import Correction
from stromal.estimates.restricted_mean import compare_restricted_means, estimate_restricted_mean
from stromal.protocol.protocol import AnalysisPart, Protocol
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

    Several endpoints, or a list of groupings in `by`, make one analysis of a family: one figure
    with a panel for each, and one table with the effect and the test of each, P corrected for
    their number.

    Parameters
    ----------
    endpoint
        Endpoint that gives a time without competing events.
    endpoints
        Several such endpoints instead, in order; `late_*` is every endpoint whose name begins so.
    by
        `arm`, `sex`, `species`, a covariate that is a category or a flag, an endpoint that gives
        a grade, a flag or a response, or a grouping of the protocol: one curve for each
        of its groups. A list of them, or `["early_*"]` for groupings whose names begin so, makes a
        panel for each.
    reference
        Group that the others are compared with; empty: the last of the protocol that has patients.
    strata
        Covariates or groupings within whose levels alone patients are compared: hazard ratios and
        the log-rank test are stratified by them. Who has no level known is not compared.
    correction
        Correction of the P values of a family for the number of tests: `holm`,
        `benjamini-hochberg`, or `none`.
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
    endpoint: Name | None = None
    endpoints: tuple[str, ...] = ()
    by: str | tuple[str, ...] | None = None
    reference: str = ""
    strata: tuple[Name, ...] = ()
    correction: Literal[Correction, "none"] = "holm"
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    days: tuple[Day, ...] = ()
    restricted_mean: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None


def estimate_survivals(use: SurvivalUse, setting: Setting) -> Estimated:
    """Estimate every panel: curves, medians, values on the days asked for, effects and tests."""
    rows: list[Row] = []
    curves: list[Curve] = []
    for panel in list_panels(use, setting.protocol):
        found = _estimate_panel(use, setting, panel)
        curves += (replace(c, endpoint=panel.endpoint, by=panel.by) for c in found.curves)
        rows += name_panel(use, panel, found.rows)
    if is_family(use):
        rows += correct_rows(rows, LOG_RANK_P, use.correction)
    return Estimated(tuple(rows), tuple(curves))


def _estimate_panel(use: SurvivalUse, setting: Setting, panel: Panel) -> Estimated:
    """Estimate curves, medians, values on days and comparisons of one endpoint and grouping."""
    groups = split_outcomes(setting, panel.endpoint, panel.by)
    strata = read_strata(setting, use.strata)
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
    rows += _estimate_restricted(use, groups, panel.by)
    if len(groups) > 2:
        rows += estimate_hazard_ratios(groups, panel.by, use.reference, use.level, strata)
        rows += _compare_groups(groups, panel.by, strata)
    return Estimated(tuple(rows), tuple(curves))


def _estimate_restricted(
    use: SurvivalUse, groups: tuple[Group, ...], by: str | None
) -> Iterator[Row]:
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
        who = {"by": by, "term": group.name, "reference": reference}
        row = make_row(None, RESTRICTED_MEAN_DIFFERENCE, found, day=until, unit="day")
        yield row | who
        if p_value is not None:
            told = replace(found, value=p_value, low=None, high=None, level=None)
            yield make_row(None, TEST_P, told, day=until) | who


def _compare_groups(
    groups: tuple[Group, ...], by: str | None, strata: pl.DataFrame | None
) -> Iterator[Row]:
    """The log-rank test; no row where there are no two groups to compare."""
    outcomes = pl.concat([group.outcomes for group in groups[1:]])
    within = None if strata is None else place_strata(outcomes, strata)
    test = compare_survival(outcomes, outcomes["group"], strata=within)
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
    if is_family(answer.use):
        return describe_panels(answer)
    rows = answer.estimates
    label = label_endpoint(answer.protocol, answer.endpoint).split(",")[0]
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
    """Return the table of estimates, or the effect and the test of every panel of a family."""
    return (
        tabulate_panels(answer) if is_family(answer.use) else tabulate_estimates(answer, dated=True)
    )


def detail_survival(answer: Answer[SurvivalUse]) -> View:
    """Return every estimate of every panel of a family; nothing where there is one panel."""
    return detail_panels(answer) if is_family(answer.use) else tabulate_nothing(answer)


def plot_curves(answer: Answer[SurvivalUse]) -> Figure | None:
    """Return the curves of the groups, or that of all patients where there are none."""
    if is_family(answer.use):
        return plot_panels(answer)
    use, protocol = answer.use, answer.protocol
    by = use.by if isinstance(use.by, str) else None
    curves = [curve for curve in answer.curves if curve.group is not None] or list(answer.curves)
    if not curves:
        return None
    name = answer.figure_name
    title = label_analysis(protocol, use.name)
    test = find_test(answer.estimates)
    frame = frame_curves(curves)
    groups = (curve.group for curve in curves if curve.group is not None)
    words = {group: label_group(protocol, group, by) for group in groups}
    svg = plot_survival(
        frame,
        name=name,
        title=title,
        ylabel=label_endpoint(protocol, answer.endpoint),
        since=label_day_zero(protocol),
        labels=words,
        test=f"Log-rank {test.words}" if test is not None else "",
    )
    caption = (
        f"{curves[0].method}. Bands are pointwise {100 * curves[0].level:g} % intervals, short "
        "vertical strokes are patients whose follow-up ended without the event."
    )
    return Figure(name, svg, title, caption, frame, use.name)


def check_survival(
    use: SurvivalUse, protocol: Protocol, labels: Mapping[str, tuple[str, ...]]
) -> Iterator[Issue]:
    """Check endpoints, days, the reference in every grouping, and the strata."""
    yield from check_panels(use, protocol)
    yield from check_days(use, protocol, labels)
    for by in list_groupings(use.by, protocol):
        yield from check_reference(use.reference, by, protocol)
    if use.by is None:
        yield from check_reference(use.reference, None, protocol)
    yield from check_strata(use.strata, protocol)


KIND = AnalysisKind(
    name="survival",
    title="Kaplan-Meier survival and log-rank test",
    use=SurvivalUse,
    fits=("time",),
    estimate=estimate_survivals,
    describe=describe_survival,
    tabulate=tabulate_survival,
    details=detail_survival,
    plot=plot_curves,
    check=check_survival,
    check_keys=check_named,
)
