"""`performance_status`: the ECOG performance status nearest to a day, as it was recorded."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Parameters, Tone
from stromal.endpoints.records.assessed import find_nearest_items, whole_number
from stromal.endpoints.records.words import name_window, number_text
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.windows import Window

CRITERIA = "ecog_1982"
_TONES: tuple[Tone, ...] = (
    "severity 0",
    "severity 1",
    "severity 2",
    "severity 3",
    "severity 4",
    "dead",
)
LABELS = tuple(
    Label(str(grade), f"ECOG performance status {grade}", rank=grade, tone=tone)
    for grade, tone in enumerate(_TONES)
)


class PerformanceStatusParameters(Parameters):
    """The days on which the status counts.

    Parameters
    ----------
    window
        Day [d], and the days around it that still count; a visit gives it. The record nearest to
        the day is taken.
    """

    window: Window = Window(day=0.0, before=28.0)


def derive_performance_status(
    patients: Patients, parameters: PerformanceStatusParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the ECOG performance status of every patient.

    Parameters
    ----------
    patients
        The five tables; `subjects` and `assessments` are read.
    parameters
        The window [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` and `label` the status 0 to 5, `day` [d], `reason`.

    Examples
    --------
    >>> row = pl.DataFrame({"subject": ["1"], "day": [-2.0], "scale": ["performance"],
    ...                     "item": ["ecog"], "value": ["1"]})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=row)
    >>> derive_performance_status(patients, PerformanceStatusParameters())["reason"].item()
    'ECOG 1 on day -2: restricted but ambulatory'
    """
    found = find_nearest_items(patients, "performance", ("ecog",), parameters.window)
    rows = patients.subjects.select("subject").join(
        found.with_columns(whole_number("ecog")), on="subject", how="left", maintain_order="left"
    )
    status = pl.col("ecog")
    words = {int(grade): said for grade, said in read_criteria(CRITERIA).rules["grades"].items()}
    told = pl.format(
        "ECOG {} on day {}: {}",
        status,
        number_text("day"),
        status.replace_strict(words, default=None, return_dtype=pl.String),
    )
    none = f"no ECOG performance status recorded {name_window(parameters.window)}"
    cases = [
        Case(~status.is_in(list(words)).fill_null(value=False), None, none),
        Case(pl.lit(value=True), status.cast(pl.String), told),
    ]
    decided = decide(rows, cases, reasons=reasons)
    judged = pl.when(pl.col("label").is_not_null())
    value = judged.then(status).cast(pl.Float64)
    return decided.select(
        "subject",
        value.alias("value"),
        "label",
        judged.then("day").alias("day"),
        value.alias("lowest"),
        value.alias("highest"),
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _needs(parameters: PerformanceStatusParameters) -> tuple[Need, ...]:
    del parameters
    return (Need("assessments", ("performance.ecog",)),)


PERFORMANCE_STATUS = Endpoint(
    name="performance_status",
    title="Performance status (ECOG)",
    kind="grade",
    parameters=PerformanceStatusParameters,
    derive=derive_performance_status,
    needs=_needs,
    criteria=CRITERIA,
    labels=LABELS,
)
