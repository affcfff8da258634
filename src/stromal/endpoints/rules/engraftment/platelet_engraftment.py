"""Platelet engraftment: time to recovery without transfusion, death competing."""

from __future__ import annotations

import polars as pl
from pydantic import Field

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.records.recovery import CountedFrom, RecoveryRule, derive_recovery
from stromal.endpoints.records.words import write_number
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

_ANALYTE = "platelets"
_REPORTED = "platelet_recovery"
_TRANSFUSION = "transfusion_platelets"


class PlateletEngraftmentParameters(EngraftmentParameters):
    """What platelets must reach, and how long without transfusion.

    Parameters
    ----------
    cut
        What the platelet count must reach [10^9/L]; the criteria name another cut in use.
    transfusion_free_days
        Days [d] before the first value on which no platelets were transfused.
    """

    cut: float = Field(default_factory=lambda: default(_ANALYTE, "cut"), gt=0, allow_inf_nan=False)
    transfusion_free_days: float = Field(
        default_factory=lambda: default(_ANALYTE, "transfusion_free_days"),
        ge=0,
        allow_inf_nan=False,
    )
    counted_from: CountedFrom = Field(default_factory=lambda: default(_ANALYTE, "counted_from"))


def derive_platelet_engraftment(
    patients: Patients, parameters: PlateletEngraftmentParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the time to the first of three successive platelet counts of 20e9/L or more.

    No platelets in the seven days before the first value (a transfusion on day 0 makes day 7 the
    first eligible day) nor between the values. The manual names no nadir of platelets: they are
    counted after the first value below the cut, or the first transfusion. A patient never below the
    cut and never transfused has no time, and a reason; one with a transfusion of unknown day has
    none either, nor one whose counts do not tell the day. [cibmtr_manual]

    Examples
    --------
    >>> counts = [(5, 12.0), (6, 23.0), (7, 25.0), (8, 40.0), (9, 50.0)]
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"], "last_day": [100]}),
    ...     labs=pl.DataFrame(
    ...         [("1", day, "platelets", value) for day, value in counts],
    ...         schema=["subject", "day", "analyte", "value"],
    ...         orient="row",
    ...     ),
    ...     events=pl.DataFrame({"subject": ["1"], "day": [0], "event": ["transfusion_platelets"]}),
    ... )
    >>> derive_platelet_engraftment(patients, PlateletEngraftmentParameters())["reason"].to_list()
    ['platelet recovery on day 7']
    """
    p = parameters
    if p.source == "reported":
        return derive_engraftment(patients, p, _REPORTED, reasons=reasons)
    transfusions = patients.events.filter(pl.col("event") == _TRANSFUSION)
    rule = RecoveryRule(
        _ANALYTE, p.cut, p.values, p.counted_from, p.nadir_until_day, p.transfusion_free_days
    )
    undated = transfusions.filter(pl.col("day").is_null()).select(
        pl.col("subject").unique(),
        pl.lit("platelet transfusion recorded without a day").alias("excluded"),
    )
    never = f"never below {write_number(p.cut)} x 10^9/L and never transfused"
    return derive_counted_engraftment(
        patients,
        p,
        _REPORTED,
        derive_recovery(patients, rule, transfusions),
        (_ANALYTE, never),
        undated,
        reasons=reasons,
    )


PLATELET_ENGRAFTMENT: Endpoint[PlateletEngraftmentParameters] = Endpoint(
    name="platelet_engraftment",
    title="Platelet engraftment",
    kind="time",
    parameters=PlateletEngraftmentParameters,
    derive=derive_platelet_engraftment,
    needs=lambda parameters: engraftment_needs(parameters, _ANALYTE, _REPORTED),
    criteria=CRITERIA,
    statuses=lambda parameters: name_statuses(parameters, _REPORTED),
)
