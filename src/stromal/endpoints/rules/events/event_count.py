"""`event_count`: how many events were recorded in a window, such as transfusions."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.records.words import number_text
from stromal.endpoints.rules.events.counted import (
    NamedEventParameters,
    count_events,
    list_needs,
)
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients

CRITERIA = "recorded_events"


def derive_event_count(
    patients: Patients, parameters: NamedEventParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive how many of the events were recorded in the window, one row per patient.

    `event_days` counts days instead: two transfusions of one day are one day and two events.

    Parameters
    ----------
    patients
        The five tables; `subjects` and `events` are read, and all others for follow-up.
    parameters
        Events and window [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` the number of events, `lowest` and `highest` what events
        without a day leave possible, `reason`. Null where follow-up ends before the window does, so
        that any number may have followed.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"], "last_day": [60.0]}),
    ...     events=pl.DataFrame({"subject": "1", "day": [2.0, 9.0], "event": "infection"}),
    ... )
    >>> derive_event_count(patients, NamedEventParameters(events=["infection"]))["reason"].item()
    '2 events (infection) from day 0 on, followed until day 60'
    """
    p = parameters
    rows = count_events(patients, p)
    number, undated = pl.col("number"), pl.col("undated")
    plural = pl.when(number == 1).then(pl.lit("")).otherwise(pl.lit("s"))
    said = pl.format(
        f"{{}} event{{}} ({p.what}) {p.window}, followed until day {{}}",
        number,
        plural,
        number_text("last_day"),
    )
    cases = [
        Case(pl.col("last_day").is_null(), None, "no follow-up is recorded"),
        Case(pl.col("unseen"), None, pl.format("{} only", said)),
        Case(undated > 0, None, pl.format("{}, and {} recorded without a day", said, undated)),
        Case(pl.lit(value=True), "count", said),
    ]
    decided = decide(rows, cases, reasons=reasons)
    bounded = pl.when(pl.col("last_day").is_not_null() & ~pl.col("unseen"))
    return decided.select(
        "subject",
        pl.when(pl.col("label") == "count").then(number).cast(pl.Float64).alias("value"),
        pl.lit("event").alias("unit"),
        bounded.then(number).cast(pl.Float64).alias("lowest"),
        bounded.then(number + undated).cast(pl.Float64).alias("highest"),
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


EVENT_COUNT = Endpoint(
    name="event_count",
    title="Number of recorded events",
    kind="value",
    parameters=NamedEventParameters,
    derive=derive_event_count,
    needs=list_needs,
    criteria=CRITERIA,
)
