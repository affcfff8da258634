"""Organ stages of every patient at a visit, as a heat map, beside derived grades."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import polars as pl

from stromal.analyses.checks import check_known
from stromal.analyses.kind import AnalysisKind, Answer
from stromal.analyses.labels import colour_names
from stromal.errors import Issue
from stromal.protocol.protocol import AnalysisPart, Protocol
from stromal.report.figures.figure import Figure
from stromal.report.figures.stage_map import (
    FRAME,
    NUMERALS,
    StageRow,
    differs,
    frame_stages,
    plot_stage_map,
)
from stromal.report.groups import label_analysis, label_endpoint
from stromal.report.words import count_noun, render_name
from stromal.toml.part import Name


class StageMapUse(AnalysisPart):
    """Items of a scale for every patient at one visit, as a heat map; nothing is estimated.

    The stages of skin, gut and liver stand beside the grades derived from them and the grade that
    somebody recorded.

    Parameters
    ----------
    scale
        Scale of the table `assessments` whose items are drawn.
    visit
        Visit of the protocol.
    endpoints
        Endpoints whose labels stand beside the stages.
    reported
        Item of the scale `investigator` that stands beside them too.

    Examples
    --------
    A protocol writes::

        [[analyses]]
        name = "stages"
        label = "Organ stages on the day of the first dose"
        estimate = "stage_map"
        scale = "acute_gvhd_stage"
        visit = "first_dose"
        endpoints = ["grade"]
    """

    estimate: Literal["stage_map"]
    scale: str
    visit: Name
    endpoints: tuple[Name, ...] = ()
    reported: str = "acute_gvhd_grade"


def plot_stages(answer: Answer[StageMapUse]) -> Figure | None:
    """Return the map, the most severe patients first; None where nobody was staged."""
    use, protocol = answer.use, answer.protocol
    window = protocol.visit(use.visit).window
    low, high = window.first, window.last
    assessments = answer.setting.patients.assessments.filter(
        pl.col("day").is_null() | pl.col("day").is_between(low, high)
    )
    seen = assessments.filter(pl.col("scale") == use.scale).drop_nulls("value")
    if seen.is_empty():
        return None
    found = set(seen["item"])
    scale = protocol.vocabulary.scales[use.scale]
    organs = [organ for organ in scale.items if organ in found]
    rows = sorted(_stage_rows(answer, seen, assessments), key=_severity, reverse=True)
    name = answer.figure_name
    title = label_analysis(protocol, use.name)
    words = {organ: render_name(organ).replace(" gi", " GI") for organ in organs}
    words |= {item: _short_label(label_endpoint(protocol, item)) for item in use.endpoints}
    frame = frame_stages(rows)
    colours: dict[str, str] = {}
    for endpoint in use.endpoints:
        colours |= colour_names(answer.setting.labels_of(endpoint))
    svg = plot_stage_map(
        frame, organs, use.endpoints, name=name, title=title, labels=words, colours=colours
    )
    caption = f"One line per patient, the most severe first: {_caption(rows, use)}"
    return Figure(name, svg, title, caption, frame, use.name)


def _caption(rows: Sequence[StageRow], use: StageMapUse) -> str:
    """Names the columns, and says what a frame means where one can occur."""
    text = "stages from assessment"
    if use.endpoints:
        text += ", then the outcomes derived from them or taken as reported"
    if not any(row.reported is not None for row in rows):
        return f"{text}."
    framed = sum(differs(grade, row.reported) for row in rows for grade in row.grades.values())
    text += f", then the grade as reported. A dark frame marks a derived grade {FRAME}"
    return f"{text} ({count_noun(framed, 'cell')}); letters are not compared with numerals."


def _short_label(label: str) -> str:
    """The words in brackets at the end of a label, or the label."""
    head, bracket, tail = label.rpartition("(")
    return tail.rstrip(")").strip() if bracket and head else label


def _stage_rows(
    answer: Answer[StageMapUse], seen: pl.DataFrame, assessments: pl.DataFrame
) -> list[StageRow]:
    """One row per patient; the last assessment in the window counts."""
    use, setting = answer.use, answer.setting
    stages: dict[str, dict[str, str | None]] = {}
    for row in seen.sort("day", nulls_last=False).iter_rows(named=True):
        stages.setdefault(row["subject"], {})[row["item"]] = row["value"]
    grades: dict[str, dict[str, str | None]] = {}
    for row in setting.outcomes_of(*use.endpoints).iter_rows(named=True):
        grades.setdefault(row["subject"], {})[row["endpoint"]] = row["label"]
    reported = assessments.filter(pl.col("scale") == "investigator", pl.col("item") == use.reported)
    printed = dict(zip(reported["subject"], reported["value"], strict=True))
    return [
        StageRow(subject, stages.get(subject, {}), grades.get(subject, {}), printed.get(subject))
        for subject in setting.patients.subjects["subject"]
    ]


def _severity(row: StageRow) -> tuple[int, int]:
    """Reported or first derived grade, then the sum of stages."""
    derived = next((value for value in row.grades.values() if value in NUMERALS), None)
    grade = row.reported or derived
    total = sum(int(value) for value in row.stages.values() if value and value.isdigit())
    return (NUMERALS.index(grade) if grade in NUMERALS else -1, total)


def check_map(
    use: StageMapUse, protocol: Protocol, _labels: Mapping[str, tuple[str, ...]]
) -> Iterator[Issue]:
    """Check that scale, visit, endpoints and the reported item exist."""
    scales = protocol.vocabulary.scales
    yield from check_known("scale", use.scale, "scale", scales)
    yield from check_known("visit", use.visit, "visit", [visit.name for visit in protocol.visits])
    names = [endpoint.name for endpoint in protocol.endpoints]
    for index, name in enumerate(use.endpoints):
        yield from check_known("endpoint", name, f"endpoints[{index}]", names)
    yield from check_known("item", use.reported, "reported", scales["investigator"].items)


KIND = AnalysisKind(
    name="stage_map",
    title="Map of organ stages",
    use=StageMapUse,
    plot=plot_stages,
    check=check_map,
)
