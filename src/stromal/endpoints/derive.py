"""The engine: outcomes of patients by the endpoints of a protocol."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from stromal.endpoints.bind import Bound
from stromal.endpoints.records.follow_up import keep_follow_up
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
    apart = name_apart(patients)
    bound, tables = tuple(bound), [OUTCOMES.empty()]
    if sum(map(_reads_follow_up, bound)) > 1:
        apart = keep_follow_up(apart)
    for item in bound:
        rows = item.rule.derive(apart, item.parameters, reasons=reasons)
        named = rows.with_columns(
            pl.lit(item.name).alias("endpoint"), pl.lit(item.kind).alias("kind")
        )
        tables.append(OUTCOMES.conform(named))
    return _restore_names(pl.concat(tables), apart, patients)


def _reads_follow_up(item: Bound) -> bool:
    needs = item.rule.needs(item.parameters)
    return item.kind == "time" or any("last_follow_up" in need.names for need in needs)


def _restore_names(outcomes: pl.DataFrame, apart: Patients, patients: Patients) -> pl.DataFrame:
    """Put subject, origin and replicate of each patient back in place of the name apart."""
    names = patients.subjects.select(
        apart.subjects["subject"].alias("_name"),
        "subject",
        pl.col("origin").fill_null(OBSERVED),
        "replicate",
    ).unique("_name", keep="first")
    restored = outcomes.drop("origin", "replicate").rename({"subject": "_name"})
    joined = restored.join(names, on="_name", how="left", maintain_order="left")
    return OUTCOMES.conform(joined.drop("_name"))
