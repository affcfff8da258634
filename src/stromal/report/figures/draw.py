"""Every figure of a protocol's analyses, in their order."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from stromal.protocol.protocol import (
    Analysis,
    CumulativeIncidenceAnalysis,
    ProportionAnalysis,
    Protocol,
    StageMapAnalysis,
    SurvivalAnalysis,
    TrajectoryAnalysis,
)
from stromal.report.figures.cumulative_incidence import plot_cumulative_incidence
from stromal.report.figures.curves import frame_curves
from stromal.report.figures.figure import Figure
from stromal.report.figures.response import frame_shares, plot_response
from stromal.report.figures.stage_map import (
    FRAME,
    NUMERALS,
    StageRow,
    differs,
    frame_stages,
    plot_stage_map,
)
from stromal.report.figures.survival import plot_survival
from stromal.report.figures.trajectory import plot_trajectory
from stromal.report.groups import ALL, label_analysis, label_day_zero, label_endpoint, label_group
from stromal.report.log_rank import find_test
from stromal.report.words import (
    capitalise,
    count_noun,
    decapitalise,
    join_unit,
    render_list,
    render_name,
    render_unit,
)
from stromal.tables.assessments import SCALES
from stromal.tables.curve import Curve
from stromal.tables.patients import Patients


def draw_figures(
    protocol: Protocol,
    patients: Patients,
    outcomes: pl.DataFrame,
    estimates: pl.DataFrame,
    curves: Sequence[Curve],
) -> dict[str, Figure]:
    """A figure for every analysis that a person would rather look at, by the analysis's name.

    Parameters
    ----------
    protocol
        Its analyses are gone through in order.
    patients
        The five tables.
    outcomes, estimates
        Tables of these names.
    curves
        Curves of survival and cumulative incidence; `analysis` says whose.

    Returns
    -------
    dict[str, Figure]
        SVG text with title and caption; analyses that nothing can be drawn for are left out.
    """
    figures: dict[str, Figure] = {}
    for analysis in protocol.analyses:
        own = [curve for curve in curves if curve.analysis == analysis.name]
        rows = estimates.filter(pl.col("analysis") == analysis.name)
        figure = _draw_one(protocol, patients, outcomes, rows, own, analysis)
        if figure is not None:
            figures[analysis.name] = figure
    return figures


def _draw_one(
    protocol: Protocol,
    patients: Patients,
    outcomes: pl.DataFrame,
    rows: pl.DataFrame,
    curves: Sequence[Curve],
    analysis: Analysis,
) -> Figure | None:
    if isinstance(analysis, ProportionAnalysis):
        return _draw_response(protocol, rows, analysis)
    if isinstance(analysis, SurvivalAnalysis):
        return _draw_survival(protocol, rows, curves, analysis)
    if isinstance(analysis, CumulativeIncidenceAnalysis):
        return _draw_incidence(protocol, curves, analysis)
    if isinstance(analysis, TrajectoryAnalysis):
        return _draw_trajectory(protocol, patients, outcomes, analysis)
    if isinstance(analysis, StageMapAnalysis):
        return _draw_stage_map(protocol, patients, outcomes, analysis)
    return None


def _figure_name(analysis: Analysis) -> str:
    return f"figure-{analysis.name.replace('_', '-')}"


def _words(protocol: Protocol, names: Sequence[str]) -> dict[str, str]:
    return {name: label_group(protocol, name) for name in names}


def _draw_response(
    protocol: Protocol, rows: pl.DataFrame, analysis: ProportionAnalysis
) -> Figure | None:
    """Stacked bars of the labels; intervals of the combined labels, or of every label."""
    # A picture speaks of all patients as the group without a name.
    rows = rows.with_columns(pl.col("group").replace({ALL: None}))
    frame = frame_shares(rows, tuple(analysis.combine))
    if frame.is_empty():
        return None
    words = _words(protocol, frame["group"].drop_nulls().unique().to_list())
    words |= {label: render_name(label) for label in analysis.combine}
    title = label_analysis(protocol, analysis.name)
    return Figure(
        name=_figure_name(analysis),
        svg=plot_response(
            frame, name=_figure_name(analysis), title=title, labels=words, level=analysis.level
        ),
        title=title,
        caption=(
            "Left: share of the patients of a group with each outcome, counts in the bars. Right: "
            f"the same shares with their {100 * analysis.level:g} % intervals "
            f"({analysis.interval.title()})."
        ),
        frame=frame,
        analysis=analysis.name,
    )  # fmt: skip


def _draw_survival(
    protocol: Protocol, rows: pl.DataFrame, curves: Sequence[Curve], analysis: SurvivalAnalysis
) -> Figure | None:
    groups = [curve for curve in curves if curve.group != ALL] or list(curves)
    if not groups:
        return None
    title = label_analysis(protocol, analysis.name)
    frame = frame_curves(groups)
    compared = find_test(rows)
    test = f"Log-rank {compared.words}" if compared is not None else ""
    return Figure(
        name=_figure_name(analysis),
        svg=plot_survival(
            frame,
            name=_figure_name(analysis),
            title=title,
            ylabel=label_endpoint(protocol, analysis.endpoint),
            since=label_day_zero(protocol),
            labels=_words(protocol, [curve.group for curve in groups]),
            test=test,
        ),
        title=title,
        caption=(
            f"{groups[0].method}. Bands are pointwise {100 * groups[0].level:g} % intervals, short "
            "vertical strokes are patients whose follow-up ended without the event."
        ),
        frame=frame,
        analysis=analysis.name,
    )


def _draw_incidence(
    protocol: Protocol, curves: Sequence[Curve], analysis: CumulativeIncidenceAnalysis
) -> Figure | None:
    if not curves:
        return None
    title = label_analysis(protocol, analysis.name)
    event = label_endpoint(protocol, analysis.endpoint).split(",")[0].strip()
    words = _words(protocol, [curve.group for curve in curves])
    words |= {"event": event, "": event, "competing": "competing event"}
    frame = frame_curves(curves)
    return Figure(
        name=_figure_name(analysis),
        svg=plot_cumulative_incidence(
            frame,
            name=_figure_name(analysis),
            title=title,
            since=label_day_zero(protocol),
            days=analysis.days,
            labels=words,
        ),
        title=title,
        caption=(
            f"{curves[0].method.split(',')[0]} estimates, drawn to the last day of the analysis; "
            "the dark colour is the event of interest. Each colour is as high as the probability "
            "that this event has happened first; the pale rest is the probability of none yet. "
            "Intervals stand in the table."
        ),
        frame=frame,
        analysis=analysis.name,
    )


def _draw_trajectory(
    protocol: Protocol, patients: Patients, outcomes: pl.DataFrame, analysis: TrajectoryAnalysis
) -> Figure | None:
    labs = patients.labs.filter(pl.col("analyte") == analysis.analyte)
    if labs.drop_nulls("value").is_empty():
        return None
    frame = _label_labs(labs, patients, outcomes, analysis)
    unit = next((unit for unit in labs["unit"].drop_nulls()), "")
    title = label_analysis(protocol, analysis.name)
    words = {arm: item.label for arm, item in protocol.arms.items()}
    analyte = render_name(analysis.analyte)
    by = label_endpoint(protocol, analysis.endpoint) if analysis.endpoint else analysis.by or ""
    return Figure(
        name=_figure_name(analysis),
        svg=plot_trajectory(
            frame,
            name=_figure_name(analysis),
            title=title,
            ylabel=f"{capitalise(analyte)}, {render_unit(unit)}",
            thresholds=analysis.thresholds,
            since=label_day_zero(protocol),
            labels=words,
        ),
        title=title,
        caption=(
            f"One line per patient{f', coloured by {decapitalise(render_name(by))}' if by else ''}."
            f"{_name_thresholds(analysis.thresholds, unit)}"
        ),
        frame=frame,
        analysis=analysis.name,
    )


def _name_thresholds(thresholds: Sequence[float], unit: str) -> str:
    """The sentence of the caption on the dashed lines; empty where there are none."""
    if not thresholds:
        return ""
    numbers = render_list([f"{value:g}" for value in thresholds])
    return f" Dashed lines: {join_unit(numbers, unit)}."


def _label_labs(
    labs: pl.DataFrame, patients: Patients, outcomes: pl.DataFrame, analysis: TrajectoryAnalysis
) -> pl.DataFrame:
    """Values with the label that colours a patient's line: an endpoint's, a covariate, the arm."""
    if analysis.endpoint:
        own = outcomes.filter(pl.col("endpoint") == analysis.endpoint).select("subject", "label")
    else:
        column = analysis.by if analysis.by in patients.subjects.columns else "arm"
        label = pl.col(column or "arm").cast(pl.String).alias("label")
        own = patients.subjects.select("subject", label)
    shown = labs.drop_nulls(["day", "value"]).select("subject", "day", "value", "unit")
    return shown.join(own.unique("subject"), on="subject", how="left", maintain_order="left")


def _draw_stage_map(
    protocol: Protocol, patients: Patients, outcomes: pl.DataFrame, analysis: StageMapAnalysis
) -> Figure | None:
    low, high = protocol.visit(analysis.visit).window
    seen = patients.assessments.filter(
        (pl.col("scale") == analysis.scale)
        & (pl.col("day").is_null() | pl.col("day").is_between(low, high))
    )
    if seen.drop_nulls("value").is_empty():
        return None
    known = list(SCALES.get(analysis.scale, {}))
    found = set(seen.drop_nulls("value")["item"])
    organs = [organ for organ in known if organ in found]
    rows = _stage_rows(patients, outcomes, seen, analysis, (low, high))
    rows.sort(key=_severity, reverse=True)
    title = label_analysis(protocol, analysis.name)
    words = {organ: render_name(organ).replace(" gi", " GI") for organ in organs}
    words |= {name: _short_label(label_endpoint(protocol, name)) for name in analysis.endpoints}
    frame = frame_stages(rows)
    return Figure(
        name=_figure_name(analysis),
        svg=plot_stage_map(
            frame,
            organs,
            analysis.endpoints,
            name=_figure_name(analysis),
            title=title,
            labels=words,
        ),
        title=title,
        caption=(f"One line per patient, the most severe first: {_stage_caption(rows, analysis)}"),
        frame=frame,
        analysis=analysis.name,
    )


def _stage_caption(rows: Sequence[StageRow], analysis: StageMapAnalysis) -> str:
    """What the columns are, and what a frame means where one can occur."""
    text = "stages from assessment"
    if analysis.endpoints:
        text += ", then the outcomes derived from them or taken as reported"
    if not any(row.reported is not None for row in rows):
        return f"{text}."
    framed = sum(differs(grade, row.reported) for row in rows for grade in row.grades.values())
    text += f", then the grade as reported. A dark frame marks a derived grade {FRAME}"
    return f"{text} ({count_noun(framed, 'cell')}); letters are not compared with numerals."


def _short_label(label: str) -> str:
    """What stands in brackets at the end of a label, or the label."""
    head, bracket, tail = label.rpartition("(")
    return tail.rstrip(")").strip() if bracket and head else label


def _stage_rows(
    patients: Patients,
    outcomes: pl.DataFrame,
    seen: pl.DataFrame,
    analysis: StageMapAnalysis,
    window: tuple[float, float],
) -> list[StageRow]:
    """One row per patient; the last assessment in the window counts."""
    stages: dict[str, dict[str, str | None]] = {}
    for row in seen.sort("day", nulls_last=False).iter_rows(named=True):
        stages.setdefault(row["subject"], {})[row["item"]] = row["value"]
    grades: dict[str, dict[str, str | None]] = {}
    for row in outcomes.filter(pl.col("endpoint").is_in(analysis.endpoints)).iter_rows(named=True):
        grades.setdefault(row["subject"], {})[row["endpoint"]] = row["label"]
    reported = patients.assessments.filter(
        (pl.col("scale") == "investigator")
        & (pl.col("item") == "acute_gvhd_grade")
        & (pl.col("day").is_null() | pl.col("day").is_between(*window))
    )
    printed = dict(zip(reported["subject"], reported["value"], strict=True))
    return [
        StageRow(subject, stages.get(subject, {}), grades.get(subject, {}), printed.get(subject))
        for subject in patients.subjects["subject"]
    ]


def _severity(row: StageRow) -> tuple[int, int]:
    """Reported or first derived grade, then the sum of stages."""
    derived = next((value for value in row.grades.values() if value in NUMERALS), None)
    grade = row.reported or derived
    total = sum(int(value) for value in row.stages.values() if value and value.isdigit())
    return (NUMERALS.index(grade) if grade in NUMERALS else -1, total)
