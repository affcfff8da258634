"""Risk factors of events and times: logistic and Cox regression, as a forest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from stromal.analyses.changes import Changes, fit_changing, read_changes
from stromal.analyses.checks import check_known
from stromal.analyses.covariates import (
    choose_references,
    latest_landmark,
    list_known,
    read_covariates,
)
from stromal.analyses.factors import describe_factors, plot_factors, tabulate_factors
from stromal.analyses.family import check_endpoints, find_endpoints
from stromal.analyses.kind import AnalysisKind, Estimated, Row, Setting
from stromal.analyses.rows import make_row
from stromal.errors import Issue
from stromal.estimates.cox import fit_cox
from stromal.estimates.estimate import Estimate
from stromal.estimates.logistic import Penalty, RegressionInterval, fit_logistic
from stromal.estimates.regression import Effect, Regression
from stromal.protocol.protocol import AnalysisPart, Protocol
from stromal.tables.outcomes import EVENT
from stromal.tables.statistics import EVENTS_PER_TERM, HAZARD_RATIO, ODDS_RATIO, TEST_P, Statistic
from stromal.toml.part import Name

Model = Literal["univariable", "multivariable"]

ALONE: Model = "univariable"
TOGETHER: Model = "multivariable"


class RegressionUse(AnalysisPart):
    """Risk factors of one or several endpoints, as odds ratios or hazard ratios in one forest.

    A grade, a flag or a response gives odds ratios (logistic regression), a time hazard ratios (Cox
    regression, Efron's method for ties; a competing event ends the time). Each covariate alone, or
    all of them together, or both. Patients with a missing covariate are left out of the regressions
    that it stands in, and counted. How many events there are for each term is stated.

    What happens after day 0 may change with time (`time_dependent`): a patient is among those
    without it up to its day, and among those with it from then on, so that nobody must live to be
    in a group.

    Parameters
    ----------
    endpoints
        Endpoints whose risk factors are asked for, each by itself; `late_*` is every endpoint whose
        name begins so.
    labels
        Labels that are the event, of endpoints that are no times; empty: `yes`.
    covariates
        `arm`, `sex`, `age_years`, `weight_kg`, covariates of the protocol, groupings, and other
        endpoints: of a value or a count the number, else the label.
    time_dependent
        Endpoints that give a time: covariates that are no up to the day of their event, and yes
        after it. For endpoints that give a time, and hazard ratios.
    references
        Level that others are compared with, by covariate; the last in the order of the protocol
        where none is written.
    models
        `univariable`, `multivariable`, or both.
    penalty
        `firth` gives finite odds ratios where a covariate separates those with the event from the
        others.
    interval
        Interval of odds ratios: of the profile likelihood, or Wald's. Those of hazard ratios are
        Wald's.
    level
        Level of the intervals.

    Examples
    --------
    A protocol writes::

        [[analyses]]
        name = "risk_factors"
        label = "Risk factors of cytopenia of grade 3 or higher"
        estimate = "regression"
        endpoints = ["anaemia", "neutropenia"]
        labels = ["3", "4"]
        covariates = ["age_years", "sex", "bridging"]
    """

    estimate: Literal["regression"]
    endpoints: Annotated[tuple[str, ...], Field(min_length=1)]
    labels: tuple[str, ...] = ()
    covariates: tuple[Name, ...] = ()
    time_dependent: tuple[Name, ...] = ()
    references: dict[str, str] = Field(default_factory=dict)
    models: Annotated[tuple[Model, ...], Field(min_length=1)] = (ALONE, TOGETHER)
    penalty: Penalty = "none"
    interval: RegressionInterval = "profile"
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95


def estimate_factors(use: RegressionUse, setting: Setting) -> Estimated:
    """Estimate the ratio of every term for every endpoint, alone and together."""
    covariates = read_covariates(setting, use.covariates)
    references = choose_references(setting, covariates, use.references)
    landmark = latest_landmark(setting, use.covariates)
    changes = read_changes(setting, covariates["subject"], use.time_dependent)
    rows: list[Row] = []
    for item in find_endpoints(use, setting.protocol):
        outcomes = covariates.select("subject").join(
            setting.outcomes_of(item.name),
            on="subject",
            how="left",
            maintain_order="left",
        )
        for model, names, changing in _list_models(use):
            found, statistic = _fit(
                use,
                outcomes,
                covariates.select(names),
                references,
                landmark,
                changes.keep(changing),
            )
            rows += (row | {"endpoint": item.name} for row in _list_rows(found, statistic, model))
    return Estimated(tuple(rows))


def _list_models(use: RegressionUse) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each covariate alone, then all of them; one covariate has no second model.

    Covariates that change with time are apart from the others.
    """
    if ALONE in use.models:
        for name in use.covariates:
            yield ALONE, [name], []
        for name in use.time_dependent:
            yield ALONE, [], [name]
    several = len(use.covariates) + len(use.time_dependent) > 1
    if TOGETHER in use.models and (several or ALONE not in use.models):
        yield TOGETHER, list(use.covariates), list(use.time_dependent)


def _fit(
    use: RegressionUse,
    outcomes: pl.DataFrame,
    covariates: pl.DataFrame,
    references: Mapping[str, str],
    landmark: float | None,
    changes: Changes,
) -> tuple[Regression, Statistic]:
    own = {name: references[name] for name in covariates.columns if name in references}
    if (outcomes["kind"] == "time").any():
        if landmark is not None:
            entry = pl.max_horizontal(pl.col("entry_day"), pl.lit(landmark))
            outcomes = outcomes.with_columns(entry.alias("entry_day"))
        if not changes.names:
            found = fit_cox(outcomes, covariates, EVENT, level=use.level, references=own)
            return found, HAZARD_RATIO
        return fit_changing(outcomes, covariates, changes, use.level, own), HAZARD_RATIO
    happened = outcomes["label"].is_in(list(use.labels or ("yes",)))
    happened = happened.set(outcomes["label"].is_null(), None)
    found = fit_logistic(
        happened,
        covariates,
        level=use.level,
        penalty=use.penalty,
        interval=use.interval,
        references=own,
    )
    return found, ODDS_RATIO


def _list_rows(found: Regression, statistic: Statistic, model: str) -> Iterator[Row]:
    """Rows of the ratio and the P of every term, then how many events there are for each."""
    for effect in found.effects:
        who = {
            "by": effect.term.covariate,
            "term": effect.term.level or effect.term.covariate,
            "reference": effect.term.reference,
        }
        row = make_row(None, statistic, effect.ratio, label=model)
        if effect.reason:
            row |= {"method": f"{row['method']}; not estimable: {effect.reason}"}
        yield row | who
        if effect.p_value is not None:
            yield make_row(None, TEST_P, _p_of(effect, found), label=model) | who
    if found.effects and model == TOGETHER:
        yield _count_events(found, statistic, model)


def _p_of(effect: Effect, found: Regression) -> Estimate:
    return Estimate(
        effect.p_value,
        n=found.n,
        events=found.events,
        method=f"Wald test of one term, {found.method.split(',')[0]}",
        sources=found.sources,
        degrees=1,
    )


def _count_events(found: Regression, statistic: Statistic, model: str) -> Row:
    """The row of events for each term; of odds ratios the rarer outcome counts."""
    rarer = found.events
    if statistic is ODDS_RATIO:
        rarer = min(found.events, found.n - found.events)
    method = "events for each term" if statistic is HAZARD_RATIO else "rarer outcome for each term"
    count = Estimate(
        rarer / len(found.effects),
        n=found.n,
        events=found.events,
        method=f"{method}, {len(found.effects)} terms",
        sources=("peduzzi1996",),
    )
    return make_row(None, EVENTS_PER_TERM, count, label=model)


def check_named(use: RegressionUse) -> Iterator[Issue]:
    """Check that there is a covariate."""
    if not use.covariates and not use.time_dependent:
        hint = 'write `covariates = ["age_years"]`, or what changes with time in `time_dependent`'
        yield Issue("no covariate is named", column="covariates", hint=hint)


def check_regression(
    use: RegressionUse, protocol: Protocol, labels: Mapping[str, tuple[str, ...]]
) -> Iterator[Issue]:
    """Check that endpoints, labels and covariates are known, and none explains itself."""
    items = find_endpoints(use, protocol)
    yield from check_endpoints(use.endpoints, protocol)
    known = {label for item in items for label in labels.get(item.name, ())}
    yield from _check_labels(use.labels, known)
    for place, name in enumerate(use.covariates):
        column = f"covariates[{place}]"
        yield from check_known("covariate", name, column, list_known(protocol))
        grouping = protocol.grouping(name)
        of = name if grouping is None else grouping.of
        if of in {item.name for item in items}:
            what = f"`{of}` would explain itself"
            yield Issue(what, column=column, hint="leave it out of the covariates or endpoints")
    endpoints = [use.name for use in protocol.endpoints]
    for place, name in enumerate(use.time_dependent):
        column = f"time_dependent[{place}]"
        yield from check_known("endpoint", name, column, endpoints)
        if name in {item.name for item in items}:
            what = f"`{name}` would explain itself"
            yield Issue(what, column=column, hint="leave it out of the covariates or endpoints")


def _check_labels(labels: Iterable[str], known: set[str]) -> Iterator[Issue]:
    for place, label in enumerate(labels):
        if known and label not in known:
            yield Issue(
                f"none of the endpoints gives the label `{label}`",
                column=f"labels[{place}]",
                hint=f"their labels are {', '.join(sorted(known))}",
            )


KIND = AnalysisKind(
    name="regression",
    title="Risk factors by regression",
    use=RegressionUse,
    estimate=estimate_factors,
    describe=describe_factors,
    tabulate=tabulate_factors,
    plot=plot_factors,
    check=check_regression,
    check_keys=check_named,
)
