"""A laboratory value of every patient over time, with thresholds drawn across."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import polars as pl

from stromal.analyses.checks import check_known
from stromal.analyses.kind import AnalysisKind, Answer
from stromal.analyses.labels import colour_names
from stromal.errors import Issue, join_words
from stromal.protocol.order import check_order
from stromal.protocol.protocol import AnalysisPart, Protocol
from stromal.report.figures.figure import Figure
from stromal.report.figures.trajectory import plot_trajectory
from stromal.report.groups import label_analysis, label_day_zero, label_endpoint
from stromal.report.words import (
    capitalise,
    count_noun,
    decapitalise,
    join_unit,
    render_name,
    render_unit,
)
from stromal.toml.part import Name


class TrajectoryUse(AnalysisPart):
    """A laboratory value of every patient over time, as a figure; nothing is estimated.

    Parameters
    ----------
    analyte
        Analyte of the table `labs`.
    thresholds
        Values drawn across [unit of the analyte], in order.
    by
        `arm` or a covariate: lines are coloured by it where no `endpoint` is given.
    endpoint
        Endpoint whose label is written beside each patient and colours the line.

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
    svg = plot_trajectory(
        frame,
        name=name,
        title=title,
        ylabel=f"{capitalise(_name_analyte(answer))}, {render_unit(unit)}",
        thresholds=use.thresholds,
        since=label_day_zero(protocol),
        labels={arm: item.label for arm, item in protocol.arms.items()},
        colours=colour_names(answer.setting.labels_of(use.endpoint or "")),
    )
    caption = (
        f"One line per patient{f', coloured by {decapitalise(render_name(by))}' if by else ''}."
        f"{_name_thresholds(use.thresholds, unit)}{_count_limits(labs)}"
    )
    return Figure(name, svg, title, caption, frame, use.name)


def _name_analyte(answer: Answer[TrajectoryUse]) -> str:
    """Return the label that a study gives its analyte, or the name of a shared one."""
    declared = answer.protocol.analytes.get(answer.use.analyte)
    return declared.label if declared is not None else render_name(answer.use.analyte)


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
        subjects = setting.patients.subjects
        column = use.by if use.by is not None and use.by in subjects.columns else "arm"
        own = subjects.select("subject", pl.col(column).cast(pl.String).alias("label"))
    shown = labs.drop_nulls(["day", "value"]).select("subject", "day", "value", "unit")
    return shown.join(own.unique("subject"), on="subject", how="left", maintain_order="left")


def check_trajectory(
    use: TrajectoryUse, protocol: Protocol, _labels: Mapping[str, tuple[str, ...]]
) -> Iterator[Issue]:
    """Check that the analyte is known and that thresholds go upwards."""
    yield from check_known("analyte", use.analyte, "analyte", protocol.vocabulary.analytes)
    yield from check_order(use.thresholds, "thresholds")


KIND = AnalysisKind(
    name="trajectory",
    title="Laboratory values over time",
    use=TrajectoryUse,
    plot=plot_values,
    check=check_trajectory,
)
