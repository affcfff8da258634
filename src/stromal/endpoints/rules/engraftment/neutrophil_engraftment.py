"""Neutrophil engraftment: time to recovery, death and second transplant competing."""

from __future__ import annotations

import polars as pl
from pydantic import Field

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.records.recovery import derive_recovery
from stromal.endpoints.records.words import write_number
from stromal.endpoints.rules.engraftment.engraftment import (
    CRITERIA,
    EngraftmentParameters,
    default,
    derive_engraftment,
    engraftment_needs,
    exclude_unjudged,
    name_statuses,
)
from stromal.tables.patients import Patients

_ANALYTE = "neutrophils"
_REPORTED = "neutrophil_recovery"


class NeutrophilEngraftmentParameters(EngraftmentParameters):
    """What neutrophils must reach.

    Parameters
    ----------
    cut
        What the neutrophil count must reach [1e9/L].
    """

    cut: float = Field(default_factory=lambda: default(_ANALYTE, "cut"), gt=0, allow_inf_nan=False)


def derive_neutrophil_engraftment(
    patients: Patients, parameters: NeutrophilEngraftmentParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Time to the first of three successive neutrophil counts of 0.5e9/L or more after the nadir.

    A patient whose count was never below the cut has no time, and a reason. Medians of published
    series are of patients who engrafted; estimate this one as cumulative incidence.
    [cibmtr_manual] [kharfandabaja2021]

    Examples
    --------
    >>> counts = [("1", 9, 0.3), ("1", 10, 0.5), ("1", 11, 0.5), ("1", 12, 0.5), ("2", 9, 0.1)]
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2"], "last_day": [100, 20]}),
    ...     labs=pl.DataFrame(
    ...         counts, schema=["subject", "day", "value"], orient="row"
    ...     ).with_columns(analyte=pl.lit("neutrophils")),
    ...     events=pl.DataFrame({"subject": ["2"], "day": [20], "event": ["death"]}),
    ... )
    >>> derive_neutrophil_engraftment(patients, NeutrophilEngraftmentParameters()).select(
    ...     "value", "status", "reason"
    ... ).rows()
    [(10.0, 1, 'neutrophil recovery on day 10'), (20.0, 2, 'death on day 20')]
    """
    if parameters.source == "reported":
        return derive_engraftment(patients, parameters, _REPORTED, None, reasons=reasons)
    recovery = derive_recovery(patients, _ANALYTE, parameters.cut, parameters.values)
    never = f"never below {write_number(parameters.cut)} x 10^9/L"
    return derive_engraftment(
        patients,
        parameters,
        _REPORTED,
        recovery,
        exclude_unjudged(patients, recovery, _ANALYTE, never),
        reasons=reasons,
    )


NEUTROPHIL_ENGRAFTMENT: Endpoint[NeutrophilEngraftmentParameters] = Endpoint(
    name="neutrophil_engraftment",
    title="Neutrophil engraftment",
    kind="time",
    parameters=NeutrophilEngraftmentParameters,
    derive=derive_neutrophil_engraftment,
    needs=lambda parameters: engraftment_needs(parameters, _ANALYTE, _REPORTED),
    criteria=CRITERIA,
    statuses=lambda parameters: name_statuses(parameters, _REPORTED),
)
