"""One patient with assessments, events and values, and the outcome by a rule of a protocol."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl
from tests.unit.endpoints.counted import Count, lab, table

from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.derive import derive_outcomes
from stromal.protocol.protocol import EndpointUse
from stromal.tables.patients import Patients

Row = tuple[float | None, str, str, str | None]
Event = tuple[float | None, str]


def organs(day: float, **stages: int | None) -> list[Row]:
    """Organ stages of acute GVHD on a day; None is an empty cell."""
    return [
        (day, "acute_gvhd_stage", item, None if stage is None else str(stage))
        for item, stage in stages.items()
    ]


def clear(day: float, **stages: int | None) -> list[Row]:
    """All four organs on a day, stage 0 unless given."""
    return organs(day, **{"skin": 0, "liver": 0, "upper_gi": 0, "lower_gi": 0, **stages})


def scored(scale: str, day: float | None, **values: object) -> list[Row]:
    """Items of a scale on a day."""
    return [(day, scale, item, str(value)) for item, value in values.items()]


def patient(
    rows: Iterable[Row] = (),
    events: Iterable[Event] = (),
    values: Iterable[tuple[float, str, Count, str]] = (),
    last_day: float | None = None,
) -> Patients:
    """Patient 1 with these records; values are day, analyte, count and unit."""
    labs = [lab(analyte, count, unit, day=day) for day, analyte, count, unit in values]
    return Patients.of(
        subjects=pl.DataFrame(
            {"subject": ["1"], "arm": ["a"], "last_day": [last_day]},
            schema_overrides={"last_day": pl.Float64},
        ),
        assessments=pl.DataFrame(
            [("1", *row) for row in rows],
            schema={
                "subject": pl.String,
                "day": pl.Float64,
                "scale": pl.String,
                "item": pl.String,
                "value": pl.String,
            },
            orient="row",
        ),
        events=pl.DataFrame(
            [("1", *event) for event in events],
            schema={"subject": pl.String, "day": pl.Float64, "event": pl.String},
            orient="row",
        ),
        **({"labs": table(*labs)} if labs else {}),
    )


def outcome(patients: Patients, rule: str, **parameters: Any) -> dict[str, Any]:
    """The outcome row of patient 1, as a protocol with `[endpoints.asked]` derives it."""
    use = EndpointUse(name="asked", rule=rule, parameters=parameters)
    return derive_outcomes(patients, [bind_endpoint(use)]).row(0, named=True)


def bounded(row: dict[str, Any]) -> tuple[Any, float | None, float | None]:
    """Label, least and most of an outcome."""
    return row["label"], row["lowest"], row["highest"]
