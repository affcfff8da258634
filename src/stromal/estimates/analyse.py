"""The analyses of a protocol: from outcomes to rows of estimates, curves and disagreements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from stromal.estimates.agreement import compare_reported
from stromal.estimates.cumulative_incidence import estimate_cumulative_incidence, incidence_at
from stromal.estimates.estimate import Estimate
from stromal.estimates.groups import ALL, Group, split_outcomes
from stromal.estimates.kaplan_meier import (
    estimate_survival,
    median_follow_up,
    median_time,
    survival_at,
)
from stromal.estimates.log_rank import compare_survival
from stromal.estimates.median import estimate_median
from stromal.estimates.proportion import estimate_proportion
from stromal.estimates.results import Results
from stromal.protocol.protocol import (
    AgreementAnalysis,
    CumulativeIncidenceAnalysis,
    MedianAnalysis,
    ProportionAnalysis,
    Protocol,
    SurvivalAnalysis,
)
from stromal.tables.curve import Curve
from stromal.tables.estimates import ESTIMATES
from stromal.tables.outcomes import COMPETING, EVENT, OUTCOMES
from stromal.tables.patients import Patients

Row = dict[str, Any]
Item = Row | Curve
Estimated = ProportionAnalysis | SurvivalAnalysis | CumulativeIncidenceAnalysis | MedianAnalysis

_CAUSE_NAMES = {EVENT: "event", COMPETING: "competing event"}


def estimate_analyses(
    protocol: Protocol,
    patients: Patients,
    outcomes: pl.DataFrame,
    labels: Mapping[str, tuple[str, ...]] | None = None,
) -> Results:
    """Everything that the analyses of a protocol ask for.

    Each analysis is done for `all` patients and for each level of its `by`. Patients without an
    outcome are in no denominator; a row `not evaluable` says how many there are.

    Parameters
    ----------
    protocol
        The analyses, and the order of groups. It must have passed its checks.
    patients
        `subjects` for groups and origin, `assessments` for what was reported.
    outcomes
        The `outcomes` table: one row per patient and endpoint.
    labels
        Labels that each endpoint can give, in order, so that one that nobody has is shown as 0.

    Returns
    -------
    Results
        Rows of `estimates` in the order of the protocol; curves with group and label; for each
        agreement the patients in whom derived and reported label differ.

    Examples
    --------
    >>> protocol = Protocol.model_validate(
    ...     {
    ...         "format": 2,
    ...         "study": {"name": "x", "title": "X", "day_zero": "graft"},
    ...         "population": {"description": "adults"},
    ...         "arms": {"msc": {"label": "MSC"}},
    ...         "endpoints": [{"name": "response", "rule": "itp_response"}],
    ...         "analyses": [{"name": "r", "estimate": "proportion", "endpoint": "response"}],
    ...     }
    ... )
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1", "2"], "arm": "msc"}))
    >>> outcomes = pl.DataFrame(
    ...     {"subject": ["1", "2"], "endpoint": "response", "label": ["CR", "NR"]}
    ... )
    >>> results = estimate_analyses(protocol, patients, outcomes, {"response": ("CR", "R", "NR")})
    >>> results.estimates.select("label", "value", "n").rows()
    [('CR', 0.5, 2), ('R', 0.0, 2), ('NR', 0.5, 2)]
    """
    labels, outcomes = labels or {}, OUTCOMES.conform(outcomes)
    rows: list[Row] = []
    curves: list[Curve] = []
    disagreements = [Results().disagreements]
    for analysis in protocol.analyses:
        shared = {"analysis": analysis.name, "endpoint": getattr(analysis, "endpoint", None)}
        if isinstance(analysis, AgreementAnalysis):
            group = split_outcomes(protocol, patients, outcomes, analysis.endpoint, None)[0]
            found, differing = _agreement(analysis, group, patients)
            rows += [shared | {"group": ALL, "origin": group.origin} | row for row in found]
            disagreements.append(differing)
        elif isinstance(analysis, Estimated):
            groups = split_outcomes(protocol, patients, outcomes, analysis.endpoint, analysis.by)
            for group, item in _items(analysis, groups, labels.get(analysis.endpoint, ())):
                if isinstance(item, Curve):
                    curves.append(replace(item, group=group.name, analysis=analysis.name))
                else:
                    rows.append(shared | {"group": group.name, "origin": group.origin} | item)
    table = pl.DataFrame(rows, schema=ESTIMATES.dtypes)
    return Results(table, tuple(curves), pl.concat(disagreements))


def _items(
    analysis: Estimated, groups: tuple[Group, ...], labels: tuple[str, ...]
) -> Iterator[tuple[Group, Item]]:
    """Rows and curves of one analysis, each with its group."""
    whole = groups[0].outcomes
    estimate: Callable[[pl.DataFrame], Iterator[Item]]
    needed: tuple[str, ...]
    match analysis:
        case ProportionAnalysis():
            shown = _shown_labels(whole, labels)
            estimate, needed = lambda rows: _proportions(analysis, rows, shown), ("label",)
        case SurvivalAnalysis():
            estimate, needed = lambda rows: _survival(analysis, rows), ("day", "status")
        case CumulativeIncidenceAnalysis():
            causes = _name_causes(whole)
            estimate, needed = lambda rows: _incidences(analysis, rows, causes), ("day", "status")
        case MedianAnalysis():
            estimate, needed = _medians, ("status",) if _is_time(whole) else ("value",)
    for group in groups:
        evaluable = group.outcomes.drop_nulls(needed)
        for item in estimate(evaluable):
            yield group, item
        for row in _not_evaluable(group.outcomes.height, evaluable.height):
            yield group, row
    if isinstance(analysis, SurvivalAnalysis) and len(groups) > 2:
        for row in _log_rank(whole):
            yield groups[0], row


def _shown_labels(outcomes: pl.DataFrame, labels: tuple[str, ...]) -> tuple[str, ...]:
    """Labels of the endpoint, then those that occur without being declared."""
    found = outcomes["label"].drop_nulls().unique().sort().to_list()
    return (*labels, *(label for label in found if label not in labels))


def _proportions(
    analysis: ProportionAnalysis, outcomes: pl.DataFrame, labels: tuple[str, ...]
) -> Iterator[Row]:
    """Share of each label, then of the combined ones."""
    parts = {label: (label,) for label in labels} | dict(analysis.combine)
    for name, members in parts.items():
        events = int(outcomes["label"].is_in(list(members)).sum())
        share = estimate_proportion(events, outcomes.height, analysis.level, analysis.interval)
        yield _row("proportion", share, label=name)


def _survival(analysis: SurvivalAnalysis, outcomes: pl.DataFrame) -> Iterator[Item]:
    """Kaplan-Meier curve, survival on the days asked for, medians of time and of follow-up."""
    curve = estimate_survival(outcomes, analysis.level)
    if curve.n:
        yield curve
    for day in analysis.days:
        yield _row("survival probability", survival_at(curve, day), day=day)
    yield _row("median time", median_time(curve), unit="day")
    yield _row("median follow-up", median_follow_up(outcomes, analysis.level), unit="day")


def _log_rank(outcomes: pl.DataFrame) -> Iterator[Row]:
    """The comparison of the groups; no row where there are no two groups to compare."""
    test = compare_survival(outcomes, outcomes["group"])
    if test.statistic is None:
        return
    freedom = test.degrees_of_freedom
    method = f"{test.method}, {freedom} degree{'s' if freedom > 1 else ''} of freedom"
    n, events = sum(test.n), sum(test.observed)
    for statistic, value in (
        ("log-rank chi-squared", test.statistic),
        ("log-rank p", test.p_value),
    ):
        found = Estimate(value, n=n, events=events, method=method, sources=test.sources)
        yield _row(statistic, found)


def _name_causes(outcomes: pl.DataFrame) -> dict[int, str]:
    """The event and, where one occurs, the competing event, named by their labels."""
    names = {}
    for cause, fallback in _CAUSE_NAMES.items():
        rows = outcomes.filter(pl.col("status") == cause)
        found = rows["label"].drop_nulls().unique().sort().to_list()
        if rows.height or cause == EVENT:
            names[cause] = " or ".join(found) or fallback
    if len(set(names.values())) < len(names):
        return dict(_CAUSE_NAMES)
    return names


def _incidences(
    analysis: CumulativeIncidenceAnalysis, outcomes: pl.DataFrame, causes: Mapping[int, str]
) -> Iterator[Item]:
    """Cumulative incidence of the event and of the competing event, and on the days asked for."""
    for cause, name in causes.items():
        curve = estimate_cumulative_incidence(outcomes, cause, analysis.level, causes=causes)
        if curve.n:
            yield replace(curve, label=name)
        for day in analysis.days:
            yield _row("cumulative incidence", incidence_at(curve, day), label=name, day=day)


def _is_time(outcomes: pl.DataFrame) -> bool:
    return outcomes.height > 0 and outcomes["kind"][0] == "time"


def _medians(outcomes: pl.DataFrame) -> Iterator[Row]:
    """Median, quartiles and range; of a time, among the patients who had the event."""
    if _is_time(outcomes):
        values, unit = outcomes.filter(pl.col("status") == EVENT)["day"], "day"
    else:
        values, unit = outcomes["value"], next(iter(outcomes["unit"].drop_nulls()), "1")
    spread = estimate_median(values)
    for statistic, value in (
        ("median", spread.median),
        ("lower quartile", spread.lower_quartile),
        ("upper quartile", spread.upper_quartile),
        ("minimum", spread.minimum),
        ("maximum", spread.maximum),
    ):
        found = Estimate(value, n=spread.n, method=spread.method, sources=spread.sources)
        yield _row(statistic, found, unit=unit)


def _agreement(
    analysis: AgreementAnalysis, group: Group, patients: Patients
) -> tuple[list[Row], pl.DataFrame]:
    """How often both labels are the same, and the patients in whom they are not."""
    both = compare_reported(group.outcomes, patients.assessments, analysis.scale, analysis.item)
    compared = both.drop_nulls(["ours", "reported"])
    differing = compared.filter(pl.col("ours") != pl.col("reported"))
    share = estimate_proportion(compared.height - differing.height, compared.height, analysis.level)
    method = f"share of patients with the reported label, {share.method.split(', ')[1]}"
    rows = [
        _row("agreement", replace(share, method=method)),
        *_not_evaluable(both.height, compared.height),
    ]
    return rows, differing.select(
        pl.lit(analysis.name).alias("analysis"), "subject", "ours", "reported", "reason"
    )


def _not_evaluable(patients: int, evaluable: int) -> Iterator[Row]:
    """How many patients no estimate of the group counts; no row where it counts them all."""
    if evaluable < patients:
        found = Estimate(patients - evaluable, n=patients, method="patients without an outcome")
        yield _row("not evaluable", found, unit="patient")


def _row(
    statistic: str,
    found: Estimate,
    *,
    label: str | None = None,
    day: float | None = None,
    unit: str = "1",
) -> Row:
    """A row of the `estimates` table, without analysis, endpoint, group and origin."""
    return {
        "statistic": statistic,
        "label": label,
        "day": day,
        "value": None if found.value is None else float(found.value),
        "unit": unit,
        "low": found.low,
        "high": found.high,
        "level": found.level,
        "n": found.n,
        "events": found.events,
        "method": found.method,
        "sources": " ".join(found.sources),
    }
