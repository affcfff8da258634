"""`recorded_event`: whether something was recorded in a window, such as an infection."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label
from stromal.endpoints.records.words import number_text
from stromal.endpoints.rules.events.counted import (
    NamedEventParameters,
    count_events,
    list_needs,
)
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients

CRITERIA = "recorded_events"
LABELS = (
    Label("no", "no such event", rank=0, tone="good"),
    Label("yes", "the event", rank=1, tone="poor"),
)
_VALUES = {"no": 0.0, "yes": 1.0}


def derive_recorded_event(
    patients: Patients, parameters: NamedEventParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive whether any of the events of every patient was recorded in the window.

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
        One row per subject: `label` yes or no, `value` 1 or 0, `day` [d] of the first event,
        `lowest` and `highest` what stays possible, `reason`.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2"], "last_day": [60.0, 60.0]}),
    ...     events=pl.DataFrame({"subject": ["1"], "day": [9.0], "event": "infection"}),
    ... )
    >>> infected = NamedEventParameters(events=["infection"], to_day=28)
    >>> derive_recorded_event(patients, infected)["reason"].to_list()
    ['infection on day 9', 'no infection from day 0 to day 28, followed until day 60']
    """
    p = parameters
    rows, either = count_events(patients, p), ("no", "yes")
    happened = pl.format(f"{p.what} on day {{}}", number_text("first"))
    none = pl.format(f"no {p.what} {p.window}, followed until day {{}}", number_text("last_day"))
    cases = [
        Case(pl.col("number") > 0, "yes", happened),
        Case(pl.col("undated") > 0, None, f"{p.what} recorded without a day", possible=either),
        Case(pl.col("last_day").is_null(), None, "no follow-up is recorded"),
        Case(pl.col("unseen"), None, pl.format("{} only", none), possible=either),
        Case(pl.lit(value=True), "no", none),
    ]
    return decide(rows, cases, _VALUES, reasons=reasons).select(
        "subject",
        "value",
        "label",
        pl.when(pl.col("label") == "yes").then("first").alias("day"),
        "lowest",
        "highest",
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


RECORDED_EVENT = Endpoint(
    name="recorded_event",
    title="Recorded event",
    kind="flag",
    parameters=NamedEventParameters,
    derive=derive_recorded_event,
    needs=list_needs,
    criteria=CRITERIA,
    labels=LABELS,
)
