"""A laboratory value of every patient over time, and how groups of patients differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from stromal.analyses.checks import check_known, check_reference
from stromal.analyses.courses import describe_courses, estimate_courses, remark_courses
from stromal.analyses.groups import read_levels
from stromal.analyses.kind import AnalysisKind, Answer, Estimated, Setting, tabulate_nothing
from stromal.analyses.labels import colour_names
from stromal.analyses.table import tabulate_estimates
from stromal.errors import Issue, join_words
from stromal.estimates.mixed_model import Scale
from stromal.protocol.order import check_order
from stromal.protocol.protocol import AnalysisPart, Protocol
from stromal.report.figures.figure import Figure
from stromal.report.figures.trajectory import plot_trajectory
from stromal.report.groups import label_analysis, label_day_zero, label_endpoint
from stromal.report.view import View
from stromal.report.words import (
    capitalise,
    count_noun,
    decapitalise,
    join_unit,
    render_name,
    render_unit,
)
from stromal.tables.windows import Day, Days
from stromal.toml.part import Name


class TrajectoryUse(AnalysisPart):
    """A laboratory value of every patient over time, and how groups differ.

    One line per patient, and with groups the mean of each. Groups are compared by one mixed model
    of all values after day 0, in which each patient has an own level: the ratio of geometric means
    to the reference with its interval (or the difference of means), one test of all groups, and a
    check that the difference stays the same from day to day. The day is adjusted for, and the last
    value on or before day 0 where every patient has one. Where a value is known as a limit alone,
    nothing is compared. Values that are missing are taken to be missing at random: who dies has
    none, and the report says how many did.

    Parameters
    ----------
    analyte
        Analyte of the table `labs`.
    thresholds
        Values drawn across [unit of the analyte], in order.
    by
        `arm`, `sex`, `species`, a covariate that is a category or a flag, an endpoint that gives
        a grade, a flag or a response, or a grouping of the protocol: groups that are compared, and
        the colour of lines where no `endpoint` is given.
    endpoint
        Endpoint whose label is written beside each patient and colours the line.
    reference
        Group that the others are compared with; empty: the last that has values.
    scale
        `log` compares geometric means, `identity` means.
    from_day
        First day [d] that is compared; empty: the first after day 0, or after the landmark of a
        grouping.
    to_day
        Last day [d] that is compared; empty: the last.
    baseline
        Whether to adjust for the last value on or before day 0, where every patient has one.
    support_days
        Days [d] after a transfusion or G-CSF that lifts the analyte in which values are not
        compared; empty: all are, and the report counts those within 7 days.
    level
        Level of the intervals.

    Examples
    --------
    A protocol writes::

        [[analyses]]
        name = "platelets"
        label = "Platelets of every patient"
        estimate = "trajectory"
        analyte = "platelets"
        thresholds = [30, 100]
        by = "arm"
    """

    estimate: Literal["trajectory"]
    analyte: str
    thresholds: tuple[float, ...] = ()
    by: str | None = None
    endpoint: Name | None = None
    reference: str = ""
    scale: Scale = "log"
    from_day: Day | None = None
    to_day: Day | None = None
    baseline: bool = True
    support_days: Days | None = None
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95


def estimate_trajectory(use: TrajectoryUse, setting: Setting) -> Estimated:
    """Estimate how groups differ; nothing where there are none."""
    if use.by is None:
        return Estimated()
    # An analysis without an endpoint is about its analyte.
    own = {} if use.endpoint else {"endpoint": use.analyte}
    return Estimated(tuple(row | own for row in estimate_courses(use, setting)))


def tabulate_trajectory(answer: Answer[TrajectoryUse]) -> View:
    """Return the table of effects and tests; empty without groups or values."""
    if answer.estimates.filter(pl.col("n") > 0).is_empty():
        return tabulate_nothing(answer)
    return tabulate_estimates(answer)


def plot_values(answer: Answer[TrajectoryUse]) -> Figure | None:
    """Return one line per patient; None where nothing was measured."""
    use, protocol = answer.use, answer.protocol
    labs = answer.setting.patients.labs.filter(pl.col("analyte") == use.analyte)
    if labs.drop_nulls("value").is_empty():
        return None
    unit = next((unit for unit in labs["unit"].drop_nulls()), "")
    name = answer.figure_name
    title = label_analysis(protocol, use.name)
    by = label_endpoint(protocol, use.endpoint) if use.endpoint else use.by or ""
    frame = _label_values(answer, labs)
    grouped = use.by is not None and not use.endpoint
    svg = plot_trajectory(
        frame,
        name=name,
        title=title,
        ylabel=f"{capitalise(_name_analyte(answer))}, {render_unit(unit)}",
        thresholds=use.thresholds,
        since=label_day_zero(protocol),
        labels={arm: item.label for arm, item in protocol.arms.items()},
        colours=colour_names(answer.setting.labels_of(use.endpoint or "")),
        means=use.scale if grouped else None,
    )
    caption = (
        f"One line per patient{f', coloured by {decapitalise(render_name(by))}' if by else ''}."
        f"{_name_means(use) if grouped else ''}{_name_thresholds(use.thresholds, unit)}"
        f"{_count_limits(labs)}"
    )
    return Figure(name, svg, title, caption, frame, use.name)


def _name_analyte(answer: Answer[TrajectoryUse]) -> str:
    """Return the label that a study gives its analyte, or the name of a shared one."""
    declared = answer.protocol.analytes.get(answer.use.analyte)
    return declared.label if declared is not None else render_name(answer.use.analyte)


def _name_means(use: TrajectoryUse) -> str:
    """The sentence of the caption on thick lines."""
    mean = "geometric mean" if use.scale == "log" else "mean"
    return f" Thick lines: {mean} of a group on days with at least three of its patients."


def _count_limits(labs: pl.DataFrame) -> str:
    """The sentence of the caption on values beyond a limit of detection; empty without any."""
    limits = labs.filter(pl.col("bound").is_not_null() & pl.col("value").is_not_null()).height
    if not limits:
        return ""
    verb = "lies" if limits == 1 else "lie"
    return f" {count_noun(limits, 'value')} {verb} beyond the limit at which it is drawn."


def _name_thresholds(thresholds: Sequence[float], unit: str) -> str:
    """The sentence of the caption on the dashed lines; empty where there are none."""
    if not thresholds:
        return ""
    numbers = join_words([f"{value:g}" for value in thresholds])
    return f" Dashed lines: {join_unit(numbers, unit)}."


def _label_values(answer: Answer[TrajectoryUse], labs: pl.DataFrame) -> pl.DataFrame:
    """Values with the label that colours the line: of an endpoint, a covariate, or the arm."""
    use, setting = answer.use, answer.setting
    if use.endpoint:
        own = setting.outcomes_of(use.endpoint).select("subject", "label")
    else:
        own = read_levels(setting, use.by or "arm").rename({"group": "label"})
    shown = labs.drop_nulls(["day", "value"]).select("subject", "day", "value", "unit")
    return shown.join(own.unique("subject"), on="subject", how="left", maintain_order="left")


def check_span(use: TrajectoryUse) -> Iterator[Issue]:
    """Check that the first day that is compared comes before the last."""
    if use.from_day is not None and use.to_day is not None and use.from_day > use.to_day:
        hint = "write the earlier day as `from_day`"
        yield Issue("it lies before `from_day`", column="to_day", hint=hint)


def check_trajectory(
    use: TrajectoryUse, protocol: Protocol, _labels: Mapping[str, tuple[str, ...]]
) -> Iterator[Issue]:
    """Check that the analyte is known and that thresholds go upwards."""
    yield from check_known("analyte", use.analyte, "analyte", protocol.vocabulary.analytes)
    yield from check_order(use.thresholds, "thresholds")
    yield from check_reference(use.reference, use.by, protocol)


KIND = AnalysisKind(
    name="trajectory",
    title="Laboratory values over time",
    use=TrajectoryUse,
    estimate=estimate_trajectory,
    describe=describe_courses,
    tabulate=tabulate_trajectory,
    remark=remark_courses,
    plot=plot_values,
    check=check_trajectory,
    check_keys=check_span,
)
