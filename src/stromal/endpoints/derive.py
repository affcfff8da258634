"""The engine: outcomes of patients by the endpoints of a protocol."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from stromal.endpoints.bind import Bound
from stromal.endpoints.records.follow_up import keep_follow_up
from stromal.endpoints.records.known_by import keep_until
from stromal.endpoints.records.numbered import number_subjects, select_patients
from stromal.endpoints.records.shared import sharing
from stromal.tables.cohort import OBSERVED
from stromal.tables.cohorts import name_apart
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import Patients


def derive_outcomes(
    patients: Patients, bound: Iterable[Bound], *, reasons: bool = True
) -> pl.DataFrame:
    """Derive one outcome row per patient for each endpoint.

    Parameters
    ----------
    patients
        The five tables; rows of `subjects` name the patients.
    bound
        Endpoints, as `read_study` gives them in `endpoints`; days in days from day 0.
    reasons
        Write the reason of each outcome; without them `reason` is null and all else is the same.

    Returns
    -------
    polars.DataFrame
        The `outcomes` table, endpoint by endpoint in the order given.

    Examples
    --------
    >>> from stromal.endpoints.bind import bind_endpoint
    >>> from stromal.protocol.protocol import EndpointUse
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2"], "last_day": [30, 90]}),
    ...     events=pl.DataFrame({"subject": ["1"], "day": [30.0], "event": ["death"]}),
    ... )
    >>> survival = bind_endpoint(EndpointUse(name="survival", rule="overall_survival"))
    >>> derive_outcomes(patients, [survival]).select("subject", "day", "status", "label").rows()
    [('1', 30.0, 1, 'death'), ('2', 90.0, 0, 'censored')]
    """
    numbered = number_subjects(name_apart(patients))
    return _derive(numbered, patients.subjects, bound, reasons=reasons)


def explain_outcomes(
    outcomes: pl.DataFrame,
    patients: Patients,
    bound: Iterable[Bound],
    rows: pl.Expr | None = None,
) -> pl.DataFrame:
    """Write the reasons of outcomes that were derived without them, where somebody asks.

    To decide is cheap and words are dear: a page that shows ten patients of a million asks for ten.
    The rules decide these patients again, so that every reason is the one that `derive_outcomes`
    would have written.

    Parameters
    ----------
    outcomes
        As from `derive_outcomes` for the same patients and endpoints.
    patients, bound
        As for `derive_outcomes`.
    rows
        Which rows of `outcomes` ask for their reason; None: all.

    Returns
    -------
    polars.DataFrame
        `outcomes`, with `reason` on the rows that asked and as it was on all others.

    Examples
    --------
    >>> from stromal.endpoints.bind import bind_endpoint
    >>> from stromal.protocol.protocol import EndpointUse
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2"], "last_day": [30, 90]}),
    ...     events=pl.DataFrame({"subject": ["1"], "day": [30.0], "event": ["death"]}),
    ... )
    >>> bound = [bind_endpoint(EndpointUse(name="survival", rule="overall_survival"))]
    >>> silent = derive_outcomes(patients, bound, reasons=False)
    >>> explain_outcomes(silent, patients, bound, pl.col("status") == 1)["reason"].to_list()
    ['death on day 30', None]
    """
    asked = outcomes.select(pl.lit(value=True) if rows is None else rows).to_series()
    asked = asked.fill_null(value=False)
    asked = asked.new_from_index(0, outcomes.height) if asked.len() == 1 else asked
    numbered, size, told = number_subjects(name_apart(patients)), patients.subjects.height, []
    for position, item in enumerate(bound):
        asking = asked.slice(position * size, size)
        before = outcomes["reason"].slice(position * size, size)
        if not asking.any():
            told.append(before)
            continue
        chosen = select_patients(numbered, asking)
        names = patients.subjects.filter(asking)
        words = _derive(chosen, names, [item], reasons=True)["reason"]
        told.append(before.scatter(asking.arg_true(), words))
    written = pl.concat(told) if told else outcomes["reason"]
    return outcomes.with_columns(written.alias("reason"))


def _derive(
    numbered: Patients, subjects: pl.DataFrame, bound: Iterable[Bound], *, reasons: bool
) -> pl.DataFrame:
    """Derive outcomes of numbered patients, and give them the names of `subjects`."""
    bound, tables = tuple(bound), [OUTCOMES.empty()]
    if sum(map(_reads_follow_up, bound)) > 1:
        numbered = keep_follow_up(numbered)
    names = subjects.select("subject", pl.col("origin").fill_null(OBSERVED), "replicate")
    derived = _share_and_derive(numbered, bound, reasons=reasons)
    for item, rows in zip(bound, derived, strict=True):
        # every rule gives one row per patient, in order, so that names are put back by their place
        named = rows.drop(names.columns, strict=False).hstack(names)
        tables.append(
            OUTCOMES.conform(
                named.with_columns(
                    pl.lit(item.name).alias("endpoint"), pl.lit(item.kind).alias("kind")
                )
            )
        )
    return pl.concat(tables)


def _share_and_derive(
    numbered: Patients, bound: Iterable[Bound], *, reasons: bool
) -> list[pl.DataFrame]:
    """Derive endpoint by endpoint; what several of them need is worked out once."""
    days = {item.known_by for item in bound}
    known = {day: numbered if day is None else keep_until(numbered, day) for day in days}
    with sharing():
        return [
            item.rule.derive(known[item.known_by], item.parameters, reasons=reasons)
            for item in bound
        ]


def _reads_follow_up(item: Bound) -> bool:
    needs = item.rule.needs(item.parameters)
    return item.kind == "time" or any("last_follow_up" in need.names for need in needs)
