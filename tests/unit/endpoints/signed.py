"""Signs by day, and one graded patient."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from stromal.endpoints.records.graded_signs import SignParameters
from stromal.tables.patients import Patients


def signed(
    rule: Callable[..., pl.DataFrame],
    *days: tuple[float, str, Mapping[str, str]],
    **parameters: object,
) -> dict:
    """The outcome row of a patient with the signs of these days: day, scale, value by item."""
    rows = [
        ("1", day, scale, item, value)
        for day, scale, signs in days
        for item, value in signs.items()
    ]
    names = ["subject", "day", "scale", "item", "value"]
    schema = dict.fromkeys(names, pl.String) | {"day": pl.Float64}
    patients = Patients.of(
        subjects=pl.DataFrame({"subject": ["1"]}),
        assessments=pl.DataFrame(rows, schema=schema, orient="row"),
    )
    return rule(patients, SignParameters.model_validate(parameters)).row(0, named=True)
