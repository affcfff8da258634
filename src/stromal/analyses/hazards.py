"""Effects of groups on times: hazard ratios, and ratios of subdistribution hazards."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from stromal.analyses.groups import Group
from stromal.analyses.kind import Row
from stromal.analyses.rows import make_row
from stromal.analyses.strata import place_strata
from stromal.estimates.cox import fit_cox
from stromal.estimates.estimate import Estimate
from stromal.estimates.fine_gray import fit_fine_gray
from stromal.estimates.gray import compare_cumulative_incidence
from stromal.estimates.proportional_hazards import check_proportional_hazards
from stromal.estimates.regression import Regression
from stromal.tables.outcomes import EVENT
from stromal.tables.statistics import (
    GRAY,
    GRAY_P,
    HAZARD_RATIO,
    PROPORTIONAL_HAZARDS_P,
    SUBDISTRIBUTION_HAZARD_RATIO,
    Statistic,
)

LEAST_EVENTS = 10
"""Events for each ratio below which the check of proportional hazards sees nothing."""


def choose_reference(groups: tuple[Group, ...], asked: str) -> str | None:
    """Return the group that others are compared with: the one asked for, else the last.

    That is the last with patients, where any group has some.
    """
    own = [group for group in groups if group.name is not None]
    if asked:
        return asked if asked in [group.name for group in own] else None
    there = [group for group in own if group.outcomes.height] or own
    return there[-1].name if there else None


def estimate_hazard_ratios(
    groups: tuple[Group, ...],
    by: str | None,
    asked: str,
    level: float,
    strata: pl.DataFrame | None = None,
) -> Iterator[Row]:
    """Yield the hazard ratio of every group against the reference, and the check of it.

    A competing event is no event of the endpoint and ends the time, so that ratios are of
    cause-specific hazards. With `strata` (`subject` and `stratum`), patients are compared within
    their own alone. The check is left out where it could see nothing.
    """
    reference = choose_reference(groups, asked)
    if reference is None:
        return
    outcomes, covariates = _frame(groups)
    within = None if strata is None else place_strata(outcomes, strata)
    references = {"group": reference}
    found = fit_cox(outcomes, covariates, EVENT, level=level, strata=within, references=references)
    yield from _ratios(groups, reference, by, HAZARD_RATIO, found)
    if found.events >= LEAST_EVENTS * len(found.effects):
        check = check_proportional_hazards(
            outcomes, covariates, EVENT, strata=within, references=references
        )
        for test in check.tests[-1:]:
            row = Estimate(
                test.p_value,
                n=check.n,
                events=check.events,
                method=check.method,
                sources=check.sources,
                degrees=test.degrees,
            )
            yield make_row(None, PROPORTIONAL_HAZARDS_P, row) | {"by": by}


def compare_incidences(
    groups: tuple[Group, ...], by: str | None, asked: str, level: float
) -> Iterator[Row]:
    """Yield Gray's test, and the subdistribution hazard ratio of every group."""
    reference = choose_reference(groups, asked)
    if reference is None or len(groups) < 3:
        return
    outcomes, covariates = _frame(groups)
    references = {"group": reference}
    found = fit_fine_gray(outcomes, covariates, EVENT, level=level, references=references)
    yield from _ratios(groups, reference, by, SUBDISTRIBUTION_HAZARD_RATIO, found)
    test = compare_cumulative_incidence(outcomes, covariates["group"], EVENT)
    for statistic, value in ((GRAY, test.statistic), (GRAY_P, test.p_value)):
        if value is not None:
            row = Estimate(
                value,
                n=sum(test.n),
                events=sum(test.observed),
                method=test.method,
                sources=test.sources,
                degrees=test.degrees,
            )
            yield make_row(None, statistic, row) | {"by": by}


def _frame(groups: tuple[Group, ...]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return outcomes of all patients with a group, and the group as their covariate."""
    outcomes = pl.concat([group.outcomes for group in groups[1:]])
    names = [name for group in groups[1:] for name in [group.name] * group.outcomes.height]
    return outcomes, pl.DataFrame({"group": pl.Series(names, dtype=pl.String)})


def _ratios(
    groups: tuple[Group, ...],
    reference: str,
    by: str | None,
    statistic: Statistic,
    found: Regression,
) -> Iterator[Row]:
    """Rows of ratios in the order of the protocol; one without a number says why in its method."""
    effects = {effect.term.level: effect for effect in found.effects}
    for group in groups[1:]:
        effect = effects.get(group.name)
        if effect is None or group.name == reference:
            continue
        row = make_row(None, statistic, effect.ratio)
        if effect.reason:
            row |= {"method": f"{row['method']}; not estimable: {effect.reason}"}
        yield row | {"by": by, "term": group.name, "reference": reference}
