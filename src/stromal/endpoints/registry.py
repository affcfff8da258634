"""All endpoints by name, and the engine that derives the ones a protocol asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import polars as pl

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.cytopenia.cytopenia_grade import CYTOPENIA_GRADE
from stromal.endpoints.rules.cytopenia.cytopenia_pattern import CYTOPENIA_PATTERN
from stromal.endpoints.rules.engraftment.neutrophil_engraftment import NEUTROPHIL_ENGRAFTMENT
from stromal.endpoints.rules.engraftment.platelet_engraftment import PLATELET_ENGRAFTMENT
from stromal.endpoints.rules.engraftment.primary_graft_failure import PRIMARY_GRAFT_FAILURE
from stromal.endpoints.rules.gvhd.acute_gvhd_grade import ACUTE_GVHD_GRADE
from stromal.endpoints.rules.gvhd.acute_gvhd_response import ACUTE_GVHD_RESPONSE
from stromal.endpoints.rules.itp.itp_response import ITP_RESPONSE
from stromal.endpoints.rules.labs.lab_value import LAB_VALUE
from stromal.endpoints.rules.survival.gvhd_free_relapse_free_survival import (
    GVHD_FREE_RELAPSE_FREE_SURVIVAL,
)
from stromal.endpoints.rules.survival.non_relapse_mortality import NON_RELAPSE_MORTALITY
from stromal.endpoints.rules.survival.overall_survival import OVERALL_SURVIVAL
from stromal.endpoints.rules.survival.progression_free_survival import PROGRESSION_FREE_SURVIVAL
from stromal.endpoints.rules.survival.relapse import RELAPSE
from stromal.endpoints.rules.survival.time_to_event import TIME_TO_EVENT
from stromal.endpoints.rules.survival.vital_status import VITAL_STATUS
from stromal.errors import UnknownEndpoint
from stromal.protocol.protocol import EndpointUse, Visit
from stromal.tables.cohort import OBSERVED
from stromal.tables.cohorts import name_apart
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import Patients

_ALL: tuple[Endpoint[Any], ...] = (
    ACUTE_GVHD_GRADE,
    ACUTE_GVHD_RESPONSE,
    CYTOPENIA_GRADE,
    CYTOPENIA_PATTERN,
    ITP_RESPONSE,
    LAB_VALUE,
    NEUTROPHIL_ENGRAFTMENT,
    PLATELET_ENGRAFTMENT,
    PRIMARY_GRAFT_FAILURE,
    OVERALL_SURVIVAL,
    PROGRESSION_FREE_SURVIVAL,
    RELAPSE,
    NON_RELAPSE_MORTALITY,
    GVHD_FREE_RELAPSE_FREE_SURVIVAL,
    TIME_TO_EVENT,
    VITAL_STATUS,
)

ENDPOINTS: Mapping[str, Endpoint[Any]] = MappingProxyType({item.name: item for item in _ALL})


def find_endpoint(name: str) -> Endpoint[Any]:
    """The endpoint of that name; UnknownEndpoint where there is none."""
    try:
        return ENDPOINTS[name]
    except KeyError:
        raise UnknownEndpoint(name) from None


def use_parameters(use: EndpointUse, visits: Iterable[Visit] = ()) -> dict[str, Any]:
    """Plain parameters of an endpoint in use: the days of its visits, then its own.

    Examples
    --------
    >>> day_28 = Visit(name="day_28", day=28, before=3, after=3)
    >>> use_parameters(EndpointUse(name="response", rule="x", visit="day_28"), [day_28])
    {'day': 28.0, 'before': 3.0, 'after': 3.0}
    """
    by_name = {visit.name: visit for visit in visits}
    days: dict[str, Any] = {}
    for prefix, name in (("", use.visit), ("baseline_", use.baseline)):
        if name is not None:
            visit = by_name[name]
            days[f"{prefix}day"] = visit.day
            days[f"{prefix}before"] = visit.before
            days[f"{prefix}after"] = visit.after
    return days | use.parameters


def derive_outcomes(
    patients: Patients, uses: Iterable[EndpointUse], visits: Iterable[Visit] = ()
) -> pl.DataFrame:
    """One outcome row per patient for each endpoint in use.

    Parameters
    ----------
    patients
        The five tables; rows of `subjects` name the patients.
    uses
        Endpoints of a protocol: name, rule of the library, parameters.
    visits
        Visits of the protocol, which give endpoints their days [d].

    Returns
    -------
    polars.DataFrame
        The `outcomes` table, endpoint by endpoint in the order of the protocol.

    Raises
    ------
    UnknownEndpoint
        A rule is not in the library.
    pydantic.ValidationError
        A parameter does not fit its rule; `check_endpoints` reports these as issues.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2"], "last_day": [30, 90]}),
    ...     events=pl.DataFrame({"subject": ["1"], "day": [30.0], "event": ["death"]}),
    ... )
    >>> uses = [EndpointUse(name="survival", rule="overall_survival")]
    >>> derive_outcomes(patients, uses).select("subject", "day", "status", "label").rows()
    [('1', 30.0, 1, 'death'), ('2', 90.0, 0, 'censored')]
    """
    visits = tuple(visits)
    apart = name_apart(patients)
    tables = [OUTCOMES.empty()]
    for use in uses:
        endpoint = find_endpoint(use.rule)
        rows = endpoint.derive(apart, endpoint.read_parameters(use_parameters(use, visits)))
        named = rows.with_columns(
            pl.lit(use.name).alias("endpoint"), pl.lit(endpoint.kind).alias("kind")
        )
        tables.append(OUTCOMES.conform(named))
    return _restore_names(pl.concat(tables), apart, patients)


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
