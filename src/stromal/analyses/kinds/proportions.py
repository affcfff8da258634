"""Shares of patients in each of several endpoints: lineages, grades, patterns, organs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from stromal.analyses.checks import check_known, check_reference
from stromal.analyses.family import (
    YES,
    check_endpoints,
    describe_family,
    find_endpoints,
    list_events,
    plot_family,
    tabulate_family,
)
from stromal.analyses.groups import split_outcomes
from stromal.analyses.kind import AnalysisKind, Estimated, Row, Setting
from stromal.analyses.rows import count_not_evaluable, make_row
from stromal.analyses.share_effects import ShareEffect, ShareTest, compare_shares
from stromal.analyses.trends import check_trend
from stromal.errors import Issue
from stromal.estimates.multiplicity import Correction, correct_p_values
from stromal.estimates.proportion import estimate_proportion
from stromal.protocol.protocol import AnalysisPart, Protocol
from stromal.tables.statistics import CORRECTED_P, PROPORTION, TEST_P


class ProportionsUse(AnalysisPart):
    """Shares of patients with an event in each of several endpoints, as one table and one figure.

    A row for each endpoint, and a column for each event: the labels that `combine` puts together,
    or `yes` of a flag. Endpoints of a family may take turns in the columns instead. With groups,
    each row has one effect with its interval and one test.

    Parameters
    ----------
    endpoints
        Endpoints that give a grade, a flag or a response, in order; `late_*` is every endpoint
        whose name begins so.
    combine
        Labels that are the event, under its name: `grade_3_or_higher = ["3", "4"]`. Labels that an
        endpoint never gives are none of it. Empty: `yes`.
    across
        What tells the columns apart among the members of a family: `grade`.
    columns
        Columns in words, by the value of `across`.
    sections
        What makes a heading over several rows among the members of a family: `pattern`.
    by
        `arm`, `sex`, `species`, a covariate that is a category or a flag, an endpoint that gives
        a grade, a flag or a response, or a grouping of the protocol.
    reference
        Group that the others are compared with; empty: the last of the protocol that has patients.
    effect
        Effect between groups: difference of shares, risk ratio or odds ratio.
    test
        `pearson` is the uncorrected chi-squared test, `yates` the corrected one of two groups,
        `fisher` the exact test; `trend` is the Cochran-Armitage test over groups in the order of
        the protocol, and its effect the change of the share from group to group.
    correction
        Correction of the P values for the number of tests: `holm`, `benjamini-hochberg`, or
        `none`.
    level
        Level of the intervals.
    interval
        Method of the interval of a share: exact (`clopper-pearson`) or `wilson`.

    Examples
    --------
    A protocol writes::

        [[analyses]]
        name = "lineages"
        label = "Cytopenia by lineage"
        estimate = "proportions"
        endpoints = ["anaemia", "neutropenia"]
        combine = { any_grade = ["1", "2", "3", "4"], grade_3_or_higher = ["3", "4"] }
        by = "arm"
    """

    estimate: Literal["proportions"]
    endpoints: Annotated[tuple[str, ...], Field(min_length=1)]
    combine: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    across: str = ""
    columns: dict[str, str] = Field(default_factory=dict)
    sections: str = ""
    by: str | None = None
    reference: str = ""
    effect: ShareEffect = "risk_difference"
    test: ShareTest = "pearson"
    correction: Literal[Correction, "none"] = "holm"
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    interval: Literal["clopper-pearson", "wilson"] = "clopper-pearson"


def estimate_family(use: ProportionsUse, setting: Setting) -> Estimated:
    """Estimate the share of each event of each endpoint in every group, effects and tests."""
    rows: list[Row] = []
    for item in find_endpoints(use, setting.protocol):
        own = {"endpoint": item.name}
        groups = split_outcomes(setting, item.name, use.by)
        for label, members in list_events(use).items():
            counts = {}
            for group in groups:
                judged = group.outcomes["label"].drop_nulls()
                events = int(judged.is_in(list(members)).sum())
                share = estimate_proportion(events, judged.len(), use.level, use.interval)
                rows.append(make_row(group, PROPORTION, share, label=label) | own)
                if group.name is not None:
                    counts[group.name] = (events, judged.len())
            if use.by is not None:
                compared = compare_shares(
                    counts, use.by, label=label, reference=use.reference, effect=use.effect,
                    test=use.test, level=use.level,
                )  # fmt: skip
                rows += [row | own for row in compared]
        for group in groups:
            judged = group.outcomes["label"].drop_nulls()
            rows += [row | own for row in count_not_evaluable(group, judged.len())]
    return Estimated((*rows, *_correct(use, rows)))


def _correct(use: ProportionsUse, rows: list[Row]) -> Iterator[Row]:
    """Rows of corrected P values, where there are several tests and a correction is asked for."""
    tests = [row for row in rows if row["statistic"] == TEST_P.name]
    if use.correction == "none" or len(tests) < 2:
        return
    found = correct_p_values([row["value"] for row in tests], use.correction)
    for row, value in zip(tests, found.p_values, strict=True):
        told = {"statistic": CORRECTED_P.name, "value": value, "degrees": None}
        yield row | told | {"method": found.method, "sources": " ".join(found.sources)}


def check_family(
    use: ProportionsUse, protocol: Protocol, labels: Mapping[str, tuple[str, ...]]
) -> Iterator[Issue]:
    """Check that endpoints, labels, columns and the reference are known."""
    yield from check_endpoints(use.endpoints, protocol)
    items = find_endpoints(use, protocol)
    known = {label for item in items for label in labels.get(item.name, ())}
    for name, members in use.combine.items():
        for label in members:
            if known and label not in known:
                yield Issue(
                    f"none of the endpoints gives the label `{label}`",
                    column=f"combine.{name}",
                    hint=f"their labels are {', '.join(sorted(known))}",
                )
    for item in () if use.combine else items:
        if labels.get(item.name) and YES not in labels[item.name]:
            hint = "write in `combine` which labels are the event"
            yield Issue(f"`{item.name}` never gives `yes`", column="combine", hint=hint)
    axes = {axis for item in items for axis in item.member}
    for key, axis in (("across", use.across), ("sections", use.sections)):
        if axis:
            yield from check_known("name of a member", axis, key, axes)
    yield from check_reference(use.reference, use.by, protocol)
    if use.test == "trend":
        yield from check_trend("test", use.by, protocol)


KIND = AnalysisKind(
    name="proportions",
    title="Shares of patients in several endpoints",
    use=ProportionsUse,
    estimate=estimate_family,
    describe=describe_family,
    tabulate=tabulate_family,
    plot=plot_family,
    check=check_family,
)
