"""Share of patients with each label of an endpoint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from stromal.analyses.checks import check_label
from stromal.analyses.groups import split_outcomes
from stromal.analyses.kind import AnalysisKind, Answer, Estimated, Row, Setting
from stromal.analyses.labels import colour_names, order_names
from stromal.analyses.rows import count_not_evaluable, make_row
from stromal.analyses.shares import describe_shares
from stromal.analyses.table import tabulate_estimates
from stromal.errors import Issue, Severity
from stromal.estimates.proportion import estimate_proportion
from stromal.protocol.protocol import AnalysisPart, Protocol
from stromal.report.figures.figure import Figure
from stromal.report.figures.response import frame_shares, plot_response
from stromal.report.groups import label_analysis, label_group
from stromal.report.view import View
from stromal.report.words import render_name
from stromal.tables.statistics import PROPORTION
from stromal.toml.part import Name


class ProportionUse(AnalysisPart):
    """Share of patients with each label of an endpoint, with its interval.

    Patients who cannot be judged are in no denominator; the report counts them.

    Parameters
    ----------
    endpoint
        Endpoint that gives a grade, a flag or a response.
    by
        `arm`, `sex`, `species`, a covariate that is a category or a flag, an endpoint that gives
        a grade, a flag or a response, or a grouping of the protocol: one share for each
        of its groups.
    level
        Level of the intervals.
    interval
        Method of the interval: exact (`clopper-pearson`) or `wilson`.
    combine
        Labels counted together, under a name: `overall_response = ["CR", "PR"]`.

    Examples
    --------
    A protocol writes::

        [[analyses]]
        name = "response"
        label = "Response on day 28"
        estimate = "proportion"
        endpoint = "response"
        by = "arm"
        combine = { overall_response = ["CR", "PR"] }
    """

    estimate: Literal["proportion"]
    endpoint: Name
    by: str | None = None
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    interval: Literal["clopper-pearson", "wilson"] = "clopper-pearson"
    combine: dict[str, tuple[str, ...]] = Field(default_factory=dict)


def estimate_shares(use: ProportionUse, setting: Setting) -> Estimated:
    """Estimate the share of each label, then of the combined ones, in every group."""
    groups = split_outcomes(setting, use.endpoint, use.by)
    found = groups[0].outcomes["label"].drop_nulls().unique().sort().to_list()
    declared = [label.name for label in setting.labels_of(use.endpoint)]
    labels = (*declared, *(label for label in found if label not in declared))
    parts = {label: (label,) for label in labels} | dict(use.combine)
    rows: list[Row] = []
    for group in groups:
        judged = group.outcomes["label"].drop_nulls()
        for name, members in parts.items():
            events = int(judged.is_in(list(members)).sum())
            share = estimate_proportion(events, judged.len(), use.level, use.interval)
            rows.append(make_row(group, PROPORTION, share, label=name))
        rows += count_not_evaluable(group, judged.len())
    return Estimated(tuple(rows))


def check_combined(
    use: ProportionUse, _protocol: Protocol, labels: Mapping[str, tuple[str, ...]]
) -> Iterator[Issue]:
    """Check that combined labels are labels of the endpoint, each counted once."""
    known = labels.get(use.endpoint, ())
    for name, members in use.combine.items():
        column = f"combine.{name}"
        for member in members:
            yield from check_label(use.endpoint, member, column, known)
        if not members:
            hint = "list the labels to add together, or leave the line out"
            yield Issue("no label is combined", column=column, hint=hint)
        if name in known:
            yield Issue(
                f"`{name}` is itself a label of `{use.endpoint}`",
                column=column,
                hint="give the combined labels a name of their own",
            )
        if len(set(members)) < len(members):
            yield Issue(
                "a label is written twice; it is counted once",
                column=column,
                hint="write each label once",
                severity=Severity.WARNING,
            )


def tabulate_shares(answer: Answer[ProportionUse]) -> View:
    """Return the table without the labels that no patient of any group has."""
    rows = answer.estimates
    counts = rows.drop_nulls(["label", "events"]).group_by("label").agg(pl.col("events").sum())
    absent = counts.filter(pl.col("events") == 0)["label"].sort().to_list()
    absent = [label for label in absent if label not in answer.use.combine]
    absent = order_names(absent, answer.setting.labels_of(answer.use.endpoint))
    kept = rows.filter(pl.col("label").is_null() | ~pl.col("label").is_in(absent))
    note = f"No patient had: {', '.join(absent)}." if absent else ""
    return tabulate_estimates(answer, kept, note=note)


def plot_shares(answer: Answer[ProportionUse]) -> Figure | None:
    """Return stacked bars of the labels, and intervals of the combined labels beside them."""
    use, protocol = answer.use, answer.protocol
    labels = answer.setting.labels_of(use.endpoint)
    order = order_names([label.name for label in labels], labels)
    frame = frame_shares(answer.estimates, tuple(use.combine), order)
    if frame.is_empty():
        return None
    groups = frame["group"].drop_nulls().unique().to_list()
    words = {group: label_group(protocol, group, use.by) for group in groups}
    words |= {label: render_name(label) for label in use.combine}
    name = answer.figure_name
    title = label_analysis(protocol, use.name)
    svg = plot_response(
        frame,
        name=name,
        title=title,
        labels=words,
        level=use.level,
        colours=colour_names(labels),
    )
    caption = (
        "Left: share of the patients of a group with each outcome, counts in the bars. Right: "
        f"the same shares with their {100 * use.level:g} % intervals ({use.interval.title()})."
    )
    return Figure(name, svg, title, caption, frame, use.name)


KIND = AnalysisKind(
    name="proportion",
    title="Share of patients with each label",
    use=ProportionUse,
    fits=("grade", "flag", "response"),
    estimate=estimate_shares,
    describe=describe_shares,
    tabulate=tabulate_shares,
    plot=plot_shares,
    check=check_combined,
)
