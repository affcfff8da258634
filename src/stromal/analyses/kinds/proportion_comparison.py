"""Comparison of a share of patients between groups: difference, ratios, and a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import Field

from stromal.analyses.checks import check_label, check_reference
from stromal.analyses.effects import name_contrast, render_effect
from stromal.analyses.groups import Group, split_outcomes
from stromal.analyses.kind import AnalysisKind, Answer, Estimated, Row, Setting
from stromal.analyses.rows import count_not_evaluable, make_row
from stromal.analyses.share_effects import ShareTest, compare_shares
from stromal.analyses.tests import find_test, is_test
from stromal.analyses.trends import check_trend
from stromal.errors import Issue, join_words
from stromal.estimates.equal_proportions import compare_proportions
from stromal.estimates.estimate import Estimate
from stromal.estimates.proportion import estimate_proportion
from stromal.estimates.two_proportions import (
    DifferenceInterval,
    OddsRatioInterval,
    compare_two_proportions,
)
from stromal.protocol.protocol import AnalysisPart, Protocol
from stromal.report.groups import label_analysis, label_group
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import (
    MISSING,
    capitalise,
    render_count,
    render_interval,
    render_number,
)
from stromal.tables.statistics import (
    CHI_SQUARED,
    ODDS_RATIO,
    PROPORTION,
    RISK_DIFFERENCE,
    RISK_RATIO,
    STATISTICS,
    TEST_P,
)
from stromal.toml.part import Name

_EFFECTS = (RISK_DIFFERENCE, RISK_RATIO, ODDS_RATIO)


class ProportionComparisonUse(AnalysisPart):
    """Comparison of the share of patients with given labels between the groups of `by`.

    Each group is compared with the reference: difference of shares, risk ratio and odds ratio with
    their intervals; and one test asks whether all groups have one share in common.

    Parameters
    ----------
    endpoint
        Endpoint that gives a grade, a flag or a response.
    by
        `arm`, `sex`, `species`, a covariate that is a category or a flag, an endpoint that gives
        a grade, a flag or a response, or a grouping of the protocol.
    labels
        Labels that count as the event, together.
    event
        What patients with one of these labels have, in words; empty: the labels.
    reference
        Group that the others are compared with; empty: the last of the protocol that has patients.
    test
        `pearson` is the uncorrected chi-squared test, `yates` the corrected one of two groups,
        `fisher` the exact test; `trend` is the Cochran-Armitage test over groups in the order of
        the protocol, beside which stands the change of the share from group to group.
    difference
        Interval of the difference: Newcombe's hybrid of Wilson intervals, or Wald's.
    odds_ratio
        Interval of the odds ratio: Woolf's, or the exact conditional one.
    level
        Level of the intervals.

    Examples
    --------
    A protocol writes::

        [[analyses]]
        name = "response_by_arm"
        label = "Overall response, MSC against control"
        estimate = "proportion_comparison"
        endpoint = "response"
        by = "arm"
        labels = ["CR", "PR"]
        event = "overall response"
        reference = "control"
    """

    estimate: Literal["proportion_comparison"]
    endpoint: Name
    by: str
    labels: Annotated[tuple[str, ...], Field(min_length=1)]
    event: str = ""
    reference: str = ""
    test: ShareTest = "pearson"
    difference: DifferenceInterval = "newcombe"
    odds_ratio: OddsRatioInterval = "woolf"
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95


def estimate_effects(use: ProportionComparisonUse, setting: Setting) -> Estimated:
    """Estimate the share of every group, its effects against the reference, and the test."""
    _, *groups = split_outcomes(setting, use.endpoint, use.by)
    counts = {group.name or "": _count(group, use) for group in groups}
    name = join_words(use.labels, "or")
    rows: list[Row] = []
    for group in groups:
        events, n = counts[group.name or ""]
        rows.append(
            make_row(group, PROPORTION, estimate_proportion(events, n, use.level), label=name)
        )
        rows += count_not_evaluable(group, n)
    there = [name for name, (_, n) in counts.items() if n] or list(counts)
    reference = use.reference or (there[-1] if there else None)
    if reference in counts:
        for term in counts:
            if term != reference:
                rows += _effects(use, term, reference, counts)
    rows += _test(use, counts)
    return Estimated(tuple(rows))


def _count(group: Group, use: ProportionComparisonUse) -> tuple[int, int]:
    """Patients with the event, and all who could be judged."""
    judged = group.outcomes["label"].drop_nulls()
    return int(judged.is_in(list(use.labels)).sum()), judged.len()


def _effects(
    use: ProportionComparisonUse,
    term: str,
    reference: str,
    counts: Mapping[str, tuple[int, int]],
) -> Iterator[Row]:
    """Rows of the effects of one group against the reference."""
    found = compare_two_proportions(
        counts[term],
        counts[reference],
        use.level,
        difference=use.difference,
        odds_ratio=use.odds_ratio,
    )
    effects = (found.difference, found.risk_ratio, found.odds_ratio)
    for statistic, effect in zip(_EFFECTS, effects, strict=True):
        row = make_row(None, statistic, effect)
        yield row | {"by": use.by, "term": term, "reference": reference}


def _test(use: ProportionComparisonUse, counts: Mapping[str, tuple[int, int]]) -> Iterator[Row]:
    """Rows of the test of all groups; none where there is nothing to test.

    A test that cannot be done keeps its row, with no P and the reason as its method.
    """
    if use.test == "trend":
        yield from compare_shares(counts, use.by, test="trend", level=use.level)
        return
    test = compare_proportions(list(counts.values()), use.test)
    numbers = ((CHI_SQUARED, test.statistic), (TEST_P, test.p_value))
    for statistic, value in numbers:
        if value is not None or (test.least_expected and statistic is TEST_P):
            found = Estimate(
                value,
                n=sum(test.n),
                events=sum(test.events),
                method=test.method,
                sources=test.sources,
                degrees=test.degrees,
            )
            yield make_row(None, statistic, found) | {"by": use.by}


def describe_effects(answer: Answer[ProportionComparisonUse]) -> list[str]:
    """Say how many of each group had the event, the difference, and the test."""
    shares = answer.estimates.filter(statistic=PROPORTION.name)
    shares = shares.filter(pl.col("n") > 0)
    if shares.height < 2:
        return []
    use = answer.use
    what = use.event or join_words(use.labels, "or")
    parts = [
        f"{render_count(row['events'], row['n'])} in {_label(answer, row['group'])}"
        for row in shares.iter_rows(named=True)
    ]
    sentences = [f"{capitalise(what)}: {join_words(parts)}."]
    for row in answer.estimates.filter(statistic=RISK_DIFFERENCE.name).iter_rows(named=True):
        if row["value"] is not None:
            points = _as_points(row)
            sentences.append(f"Difference of {name_contrast(answer, row)}: {points}.")
    test = find_test(answer.estimates)
    if test is not None:
        sentences.append(f"{capitalise(test.name)}: {test.words}.")
    return sentences


def _label(answer: Answer[ProportionComparisonUse], group: str | None) -> str:
    return label_group(answer.protocol, group, answer.use.by)


def _as_points(row: Mapping[str, Any]) -> str:
    """A difference of shares in percentage points, with its interval."""
    value, low, high = (
        None if row[name] is None else 100 * row[name] for name in ("value", "low", "high")
    )
    text = f"{render_number(value, 0)} percentage points"
    if low is None or high is None:
        return text
    level = f"{100 * row['level']:g}"
    return f"{text} ({level} % CI {render_number(low, 0)} to {render_number(high, 0)})"


def tabulate_effects(answer: Answer[ProportionComparisonUse]) -> View:
    """Return one line per group and per effect, and the test."""
    rows = answer.estimates
    cells: list[list[Cell]] = []
    for row in rows.filter(statistic=PROPORTION.name).iter_rows(named=True):
        interval = render_interval(row["low"], row["high"], row["unit"], row["n"])
        cells.append(
            [
                Cell(_label(answer, row["group"]), "strong"),
                Cell(f"with {row['label']}"),
                Cell(render_count(row["events"], row["n"])),
                Cell(f"{interval} %" if interval != MISSING else MISSING),
            ]
        )
    effects = rows.filter(~is_test() & pl.col("term").is_not_null())
    for row in effects.iter_rows(named=True):
        words = STATISTICS[row["statistic"]].words
        numbers = (Cell(text) for text in render_effect(row))
        cells.append([Cell(name_contrast(answer, row), "strong"), Cell(words), *numbers])
    test = find_test(rows)
    if test is not None:
        cells.append(
            [Cell("Between groups", "strong"), Cell(test.name), Cell(test.words), Cell("")]
        )
    headings = [
        Heading("Group"),
        Heading("What"),
        Heading("Estimate", numeric=True),
        Heading(f"{100 * answer.use.level:g} % interval", numeric=True),
    ]
    methods = "; ".join(dict.fromkeys(rows["method"].drop_nulls()))
    note = f"{capitalise(methods)}." if methods else ""
    return view_of(label_analysis(answer.protocol, answer.use.name), headings, cells, note)


def check_comparison(
    use: ProportionComparisonUse, protocol: Protocol, labels: Mapping[str, tuple[str, ...]]
) -> Iterator[Issue]:
    """Check that labels are labels of the endpoint, and that the reference is a group."""
    known = labels.get(use.endpoint, ())
    for index, label in enumerate(use.labels):
        yield from check_label(use.endpoint, label, f"labels[{index}]", known)
    if len(set(use.labels)) < len(use.labels):
        yield Issue("a label is written twice", column="labels", hint="write each label once")
    yield from check_reference(use.reference, use.by, protocol)
    if use.test == "trend":
        yield from check_trend("test", use.by, protocol)


KIND = AnalysisKind(
    name="proportion_comparison",
    title="Comparison of shares between groups",
    use=ProportionComparisonUse,
    fits=("grade", "flag", "response"),
    estimate=estimate_effects,
    describe=describe_effects,
    tabulate=tabulate_effects,
    check=check_comparison,
)
