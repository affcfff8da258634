"""Neutrophil engraftment: time to recovery, death and second transplant competing."""

from __future__ import annotations

import polars as pl
from pydantic import Field

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.records.recovery import CountedFrom, RecoveryRule, derive_recovery
from stromal.endpoints.records.words import number_text, write_number
from stromal.endpoints.rules.engraftment.engraftment import (
    CRITERIA,
    EngraftmentParameters,
    default,
    derive_counted_engraftment,
    derive_engraftment,
    engraftment_needs,
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
        What the neutrophil count must reach [10^9/L].
    """

    cut: float = Field(default_factory=lambda: default(_ANALYTE, "cut"), gt=0, allow_inf_nan=False)
    counted_from: CountedFrom = Field(default_factory=lambda: default(_ANALYTE, "counted_from"))


def derive_neutrophil_engraftment(
    patients: Patients, parameters: NeutrophilEngraftmentParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the time to the first of three successive neutrophil counts of 0.5e9/L or more.

    They are counted after the nadir, the lowest count by day 28. A patient whose count was never
    below the cut has no time, and a reason; so has one whose counts do not tell the day, because
    one of them is missing or a bound. Observation ends with the last count. Medians of published
    series are of patients who engrafted; estimate this one as cumulative incidence.
    [cibmtr_manual] [kharfandabaja2021]

    Examples
    --------
    >>> counts = [("1", 9, 0.3), ("1", 10, 0.5), ("1", 11, 0.5), ("1", 12, 0.5), ("2", 18, 0.1)]
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
    p = parameters
    if p.source == "reported":
        return derive_engraftment(patients, p, _REPORTED, reasons=reasons)
    rule = RecoveryRule(
        _ANALYTE, p.cut, p.values, p.counted_from, p.nadir_until_day, late_falls=False
    )
    never = f"never below {write_number(p.cut)} x 10^9/L"
    recovery = derive_recovery(patients, rule)
    late = _fell_late(recovery, p) if p.counted_from == "nadir" else None
    return derive_counted_engraftment(
        patients, p, _REPORTED, recovery, (_ANALYTE, never), late, reasons=reasons
    )


def _fell_late(recovery: pl.DataFrame, p: NeutrophilEngraftmentParameters) -> pl.DataFrame:
    """Patients whose counts first fell after the days of the nadir: `subject`, `excluded`.

    Such a fall is a relapse, a treatment or a late failure, and a rise after it no engraftment.
    """
    until = f"{p.nadir_until_day:g}"
    words = pl.format(
        f"cannot judge: no count of {_ANALYTE} below {write_number(p.cut)} x 10^9/L "
        f"by day {until}, the first is of day {{}}",
        number_text("first_below"),
    )
    fell = recovery.filter(pl.col("first_below") > p.nadir_until_day)
    return fell.select("subject", words.alias("excluded"))


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
