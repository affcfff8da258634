"""Checks of a protocol that look at several keys at once; `check_protocol` runs all of them.

Each check is a small function from a protocol to issues, and none of them raises. What only the
library of endpoints knows (rules, their parameters and labels) is checked in `endpoints.check`,
and the keys of an analysis by its kind in `analyses.bind`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from stromal.errors import Issue, Severity, UnknownSource, UnknownUnit
from stromal.protocol.check_declared import check_analytes, check_events, check_scales
from stromal.protocol.check_evidence import check_evidence
from stromal.protocol.order import check_order
from stromal.protocol.protocol import Protocol, Regimen
from stromal.sources import find_source, read_sources
from stromal.tables.subjects import SUBJECTS
from stromal.tables.vocabulary.products import DOSE_DIMENSIONS, PRODUCT_KINDS
from stromal.tables.vocabulary.units import UNITS, list_units
from stromal.toml.explain import suggest
from stromal.units import find_unit

Check = Callable[[Protocol], Iterator[Issue]]


def check_protocol(protocol: Protocol) -> tuple[Issue, ...]:
    """Every issue of a protocol that has been read, in the order of the checks.

    Parameters
    ----------
    protocol
        What `read_protocol` gave; its days [d] and doses [unit of each regimen] are as written.

    Returns
    -------
    tuple of Issue
        Errors, warnings and notes of `protocol.toml`, each with its key; empty where all is well.

    Examples
    --------
    >>> from stromal.protocol.read import read_protocol
    >>> check_protocol(read_protocol("studies/itp-dose"))
    ()
    """
    return tuple(issue for check in CHECKS for issue in check(protocol))


def check_products(protocol: Protocol) -> Iterator[Issue]:
    """Products of regimens exist; a product that no regimen names is a warning."""
    used = set()
    for column, regimen in _regimens(protocol):
        used.add(regimen.product)
        if regimen.product not in protocol.products:
            yield _issue(
                f"product `{regimen.product}` is not among the products",
                f"{column}.product",
                suggest(regimen.product, protocol.products, "products"),
            )
    for name in protocol.products:
        if name not in used:
            yield _issue(
                f"product `{name}` is in no regimen",
                f"products.{name}",
                "name it in the regimen of an arm, or leave it out",
                Severity.WARNING,
            )


def check_units(protocol: Protocol) -> Iterator[Issue]:
    """Units of doses are known and fit what is given: cells, a drug, or irradiation."""
    for column, regimen in _regimens(protocol):
        try:
            dimension = find_unit(regimen.unit).dimension
        except UnknownUnit:
            yield _issue(
                f"unit `{regimen.unit}` is not known",
                f"{column}.unit",
                suggest(regimen.unit, _dose_units(protocol, regimen), "units of a dose"),
            )
            continue
        product = protocol.products.get(regimen.product)
        if product is not None and dimension not in PRODUCT_KINDS[product.kind].dimensions:
            fitting = ", ".join(f"`{unit}`" for unit in _dose_units(protocol, regimen))
            yield _issue(
                f"unit `{regimen.unit}` does not measure a product of kind {product.kind}",
                f"{column}.unit",
                f"units that do: {fitting}",
            )


def check_doses(protocol: Protocol) -> Iterator[Issue]:
    """A regimen has one dose or an ordered range; without either, its note says why."""
    for column, regimen in _regimens(protocol):
        low, high = regimen.dose_min, regimen.dose_max
        if regimen.dose is not None and (low is not None or high is not None):
            yield _issue(
                "both a dose and a range of doses are given",
                f"{column}.dose",
                "write `dose`, or `dose_min` and `dose_max`",
            )
        elif (low is None) != (high is None):
            missing = "dose_min" if low is None else "dose_max"
            yield _issue(
                f"the range of doses has no `{missing}`", column, "write both ends of the range"
            )
        elif low is not None and high is not None and low > high:
            yield _issue(
                f"dose_min {low:g} is above dose_max {high:g}",
                f"{column}.dose_min",
                "exchange the two",
            )
        elif regimen.dose is None and low is None and not regimen.note:
            yield _issue(
                f"the dose of `{regimen.product}` is missing",
                column,
                "write `dose`, or a range of doses; where it is not known, say so in `note`",
            )
        few, many = regimen.doses_min, regimen.doses_max
        if few is not None and many is not None and few > many:
            yield _issue(
                f"doses_min {few} is above doses_max {many}",
                f"{column}.doses_min",
                "exchange the two",
            )


def check_regimen_days(protocol: Protocol) -> Iterator[Issue]:
    """Days of a regimen go upwards, each once; repeats begin after the last planned dose."""
    for column, regimen in _regimens(protocol):
        yield from check_order(regimen.days, f"{column}.days")
        if not regimen.days and not regimen.note:
            yield _issue(
                f"the days of `{regimen.product}` are missing",
                column,
                "write `days = [0]`; where they are not known, say so in `note`",
            )
        last = max(regimen.days, default=None)
        if regimen.repeat is not None and last is not None and regimen.repeat.from_day <= last:
            yield _issue(
                f"repeats from day {regimen.repeat.from_day:g} begin before the planned doses end",
                f"{column}.repeat.from_day",
                f"write a day after {last:g}",
            )


def check_repeat_rules(protocol: Protocol) -> Iterator[Issue]:
    """The endpoint that decides on more doses is one of the study's."""
    names = [use.name for use in protocol.endpoints]
    for column, regimen in _regimens(protocol):
        if regimen.repeat is not None and regimen.repeat.rule.endpoint not in names:
            yield _unknown(
                "endpoint", regimen.repeat.rule.endpoint, f"{column}.repeat.rule.endpoint", names
            )


def check_names(protocol: Protocol) -> Iterator[Issue]:
    """Visits, endpoints and analyses have names of their own."""
    for table, names in (
        ("visits", [visit.name for visit in protocol.visits]),
        ("endpoints", [endpoint.name for endpoint in protocol.endpoints]),
        ("analyses", [analysis.name for analysis in protocol.analyses]),
    ):
        seen: set[str] = set()
        for index, name in enumerate(names):
            if name in seen:
                yield _issue(
                    f"name `{name}` is taken by an earlier entry of {table}",
                    f"{table}[{index}].name",
                    "give it a name of its own",
                )
            seen.add(name)


def check_visits(protocol: Protocol) -> Iterator[Issue]:
    """Windows of visits do not overlap, so that a day belongs to one visit."""
    placed = sorted(enumerate(protocol.visits), key=lambda item: item[1].day)
    for (_, earlier), (index, later) in pairwise(placed):
        if earlier.window.last >= later.window.first:
            yield _issue(
                f"the windows of visits `{earlier.name}` and `{later.name}` share days",
                f"visits[{index}]",
                "make `before` or `after` smaller",
                Severity.WARNING,
            )


def check_endpoint_visits(protocol: Protocol) -> Iterator[Issue]:
    """Visits that endpoints name exist, and the baseline is the earlier one."""
    days = {visit.name: visit.day for visit in protocol.visits}
    for index, use in enumerate(protocol.endpoints):
        for key, name in (("visit", use.visit), ("baseline", use.baseline)):
            if name is not None and name not in days:
                yield _unknown("visit", name, f"endpoints[{index}].{key}", days)
        if use.visit in days and use.baseline in days and days[use.baseline] >= days[use.visit]:
            yield _issue(
                f"endpoint `{use.name}` compares visit `{use.visit}` with a baseline that is not "
                "before it",
                f"endpoints[{index}].baseline",
                "name an earlier visit",
            )


def check_primary_endpoint(protocol: Protocol) -> Iterator[Issue]:
    """A study that measures anything says which endpoint is primary."""
    primary = [use.name for use in protocol.endpoints if use.primary]
    if protocol.endpoints and not primary:
        yield _issue(
            "no endpoint is primary",
            "endpoints",
            "write `primary = true` at the one the study was planned on",
            Severity.NOTE,
        )
    if len(primary) > 1:
        yield _issue(
            f"{len(primary)} endpoints are primary: {', '.join(primary)}",
            "endpoints",
            "more than one primary endpoint asks for a correction of the level",
            Severity.WARNING,
        )


def check_population(protocol: Protocol) -> Iterator[Issue]:
    """Age limits are in order."""
    low, high = protocol.population.age_min_years, protocol.population.age_max_years
    if low is not None and high is not None and low > high:
        yield _issue(
            f"age_min_years {low:g} is above age_max_years {high:g}",
            "population.age_min_years",
            "exchange the two",
        )
    planned = [arm.planned_n for arm in protocol.arms.values() if not arm.simulated_only]
    total, of_arms = protocol.population.planned_n, sum(n for n in planned if n is not None)
    if total is not None and None not in planned and of_arms != total:
        yield _issue(
            f"the arms plan {of_arms} patients, the population {total}",
            "population.planned_n",
            "make the two agree",
            Severity.WARNING,
        )


def check_covariates(protocol: Protocol) -> Iterator[Issue]:
    """Categories have levels, and no covariate takes the name of a column."""
    for name, covariate in protocol.covariates.items():
        column = f"covariates.{name}"
        if name in SUBJECTS.names:
            yield _issue(
                f"`{name}` is a column that every study has", column, "choose another name"
            )
        if covariate.type == "category" and not covariate.levels:
            yield _issue(
                f"category `{name}` has no levels", column, 'write `levels = ["...", "..."]`'
            )
        if covariate.type != "category" and covariate.levels:
            yield _issue(
                f"`{name}` is a {covariate.type} and has levels",
                f"{column}.levels",
                'leave them out, or write `type = "category"`',
            )
        if len(set(covariate.levels)) < len(covariate.levels):
            yield _issue(
                f"levels of `{name}` are not names of their own",
                f"{column}.levels",
                "write each level once",
            )
        elif len({level.strip().lower() for level in covariate.levels}) < len(covariate.levels):
            yield _issue(
                f"levels of `{name}` differ by capitals or spaces alone",
                f"{column}.levels",
                "cells are read in capitals and small letters alike; write levels that differ",
            )
        try:
            find_unit(covariate.unit)
        except UnknownUnit:
            yield _issue(
                f"unit `{covariate.unit}` is not known",
                f"{column}.unit",
                suggest(covariate.unit, UNITS),
            )


def check_arms(protocol: Protocol) -> Iterator[Issue]:
    """Arms have labels of their own."""
    labels: dict[str, str] = {}
    for name, arm in protocol.arms.items():
        if arm.label in labels:
            yield _issue(
                f"arms `{labels[arm.label]}` and `{name}` have the same label",
                f"arms.{name}.label",
                "say in the label what tells them apart",
            )
        labels.setdefault(arm.label, name)


def check_study_sources(protocol: Protocol) -> Iterator[Issue]:
    """Citation keys are in the list of sources."""
    for index, key in enumerate(protocol.study.sources):
        try:
            find_source(key)
        except UnknownSource:
            yield _issue(
                f"source `{key}` is not in the list of references",
                f"study.sources[{index}]",
                suggest(key, read_sources(), "sources"),
            )


def _regimens(protocol: Protocol) -> Iterator[tuple[str, Regimen]]:
    """Every regimen with its key path."""
    for name, arm in protocol.arms.items():
        for index, regimen in enumerate(arm.regimen):
            yield f"arms.{name}.regimen[{index}]", regimen


def _dose_units(protocol: Protocol, regimen: Regimen) -> tuple[str, ...]:
    """Canonical units that fit the product of a regimen, or any product where it is unknown."""
    product = protocol.products.get(regimen.product)
    fitting = PRODUCT_KINDS[product.kind].dimensions if product is not None else DOSE_DIMENSIONS
    return list_units(*fitting)


def _unknown(what: str, name: str, column: str, known: Iterable[str]) -> Issue:
    return _issue(f"{what} `{name}` is not known here", column, suggest(name, known))


def _issue(message: str, column: str, hint: str, severity: Severity = Severity.ERROR) -> Issue:
    return Issue(message, table="protocol.toml", column=column, hint=hint, severity=severity)


CHECKS: tuple[Check, ...] = (
    check_products,
    check_units,
    check_doses,
    check_regimen_days,
    check_repeat_rules,
    check_names,
    check_visits,
    check_endpoint_visits,
    check_primary_endpoint,
    check_population,
    check_covariates,
    check_arms,
    check_events,
    check_analytes,
    check_scales,
    check_study_sources,
    check_evidence,
)
