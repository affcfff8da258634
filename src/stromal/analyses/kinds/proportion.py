"""Share of patients with each label of an endpoint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from stromal.analyses.checks import check_label, check_reference
from stromal.analyses.groups import Group, split_outcomes
from stromal.analyses.kind import AnalysisKind, Answer, Estimated, Row, Setting
from stromal.analyses.labels import colour_names, order_names
from stromal.analyses.rows import count_not_evaluable, make_row
from stromal.analyses.share_effects import ShareEffect, ShareTest, compare_shares
from stromal.analyses.shares import describe_shares
from stromal.analyses.table import tabulate_estimates
from stromal.analyses.trends import check_trend
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

_YES = "yes"


class ProportionUse(AnalysisPart):
    """Share of patients with each label of an endpoint, with its interval.

    Patients who cannot be judged are in no denominator; the report counts them. With groups, one
    effect with its interval and one test stand beside the shares of each combined label; where
    none is combined, beside those of `yes`, of the best response or of the worst grade.

    Parameters
    ----------
    endpoint
        Endpoint that gives a grade, a flag or a response.
    by
        `arm`, `sex`, `species`, a covariate that is a category or a flag, an endpoint that gives
        a grade, a flag or a response, or a grouping of the protocol: one share for each
        of its groups.
    reference
        Group that the others are compared with; empty: the last of the protocol that has patients.
    effect
        Effect between groups: difference of shares, risk ratio or odds ratio.
    test
        `pearson` is the uncorrected chi-squared test, `yates` the corrected one of two groups,
        `fisher` the exact test; `trend` is the Cochran-Armitage test over groups in the order of
        the protocol, and its effect the change of the share from group to group.
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
    reference: str = ""
    effect: ShareEffect = "risk_difference"
    test: ShareTest = "pearson"
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
    for name in _list_compared(use, setting, labels):
        rows += _compare(use, groups[1:], name, parts[name])
    return Estimated(tuple(rows))


def _list_compared(
    use: ProportionUse, setting: Setting, labels: tuple[str, ...]
) -> tuple[str, ...]:
    """The labels whose shares are compared between groups."""
    if use.combine or not labels:
        return tuple(use.combine)
    if _YES in labels:
        return (_YES,)
    ordered = order_names(labels, setting.labels_of(use.endpoint))
    return (ordered[-1] if setting.kind_of(use.endpoint) == "grade" else ordered[0],)


def _compare(
    use: ProportionUse, groups: tuple[Group, ...], name: str, members: tuple[str, ...]
) -> Iterator[Row]:
    """Rows of the effect and the test of one label."""
    counts = {}
    for group in groups:
        judged = group.outcomes["label"].drop_nulls()
        counts[group.name or ""] = (int(judged.is_in(list(members)).sum()), judged.len())
    return compare_shares(
        counts,
        use.by or "",
        label=name,
        reference=use.reference,
        effect=use.effect,
        test=use.test,
        level=use.level,
    )


def check_combined(
    use: ProportionUse, protocol: Protocol, labels: Mapping[str, tuple[str, ...]]
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
    yield from check_reference(use.reference, use.by, protocol)
    if use.test == "trend":
        yield from check_trend("test", use.by, protocol)


def tabulate_shares(answer: Answer[ProportionUse]) -> View:
    """Return the table without the labels that no patient of any group has."""
    rows = answer.estimates
    shares = rows.filter(statistic=PROPORTION.name)
    counts = shares.drop_nulls(["label", "events"]).group_by("label").agg(pl.col("events").sum())
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
    shares = answer.estimates.filter(statistic=PROPORTION.name)
    frame = frame_shares(shares, tuple(use.combine), order)
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
