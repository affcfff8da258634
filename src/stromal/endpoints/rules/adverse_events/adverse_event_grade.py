"""`adverse_event_grade`: the worst CTCAE grade of adverse events in a window."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.records.graded_signs import list_labels
from stromal.endpoints.records.words import number_text
from stromal.endpoints.rules.adverse_events.asked import (
    CRITERIA,
    AskedParameters,
    find_asked,
    join_watched,
    list_needs,
    worst_words,
)
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients

_HIGHEST = 5


def derive_adverse_event_grade(
    patients: Patients, parameters: AskedParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the worst grade of the adverse events of every patient; 0 is none.

    Parameters
    ----------
    patients
        The five tables; `subjects` and `events` are read, and all others for follow-up.
    parameters
        The window [d], and which adverse events count.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` and `label` the grade 0 to 5, `day` [d] on which the first
        event of it began, `lowest` and `highest` the grades that stay possible, `reason`.

    Examples
    --------
    >>> events = pl.DataFrame({"subject": "1", "day": [3.0, 5.0], "event": "adverse_event",
    ...                        "term": ["fever", "rash"], "grade": [3.0, 1.0]})
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"], "last_day": [28.0]}), events=events
    ... )
    >>> derive_adverse_event_grade(patients, AskedParameters())["reason"].item()
    'grade 3, fever on day 3, followed until day 28'
    """
    p = parameters
    rows = join_watched(patients, find_asked(patients, p), p)
    most = pl.when("unseen").then(_HIGHEST).otherwise(pl.max_horizontal("least", "most"))
    rows = rows.with_columns(most.alias("highest"))
    decided = decide(rows, _cases(p), reasons=reasons)
    known, label = pl.col("last_day").is_not_null(), pl.col("label")
    lowest, highest = (
        pl.when(known).then(end).cast(pl.Float64).alias(name)
        for name, end in (("lowest", "least"), ("highest", "highest"))
    )
    return decided.select(
        "subject",
        pl.when(label.is_not_null()).then("least").cast(pl.Float64).alias("value"),
        "label",
        pl.when(label.is_not_null()).then("worst_day").alias("day"),
        lowest,
        highest,
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _cases(p: AskedParameters) -> list[Case]:
    least, highest = pl.col("least"), pl.col("highest")
    followed = pl.format("followed until day {}", number_text("last_day"))
    none = pl.format(f"no {p.what} {p.window}, {{}}", followed)
    worst = pl.format("grade {}, {}, {}", least, worst_words(), followed)
    said = pl.when(least > 0).then(worst).otherwise(none)
    short = pl.format("{} only: grade {} to 5 is possible", said, least)
    unknown = pl.format(
        "{}: grade {} to {} is possible, something of an event was not recorded",
        said,
        least,
        highest,
    )
    return [
        Case(pl.col("last_day").is_null(), None, "no follow-up is recorded"),
        Case(pl.col("unseen") & (least < highest), None, short),
        Case(least < highest, None, unknown),
        Case(pl.lit(value=True), least.cast(pl.String), said),
    ]


ADVERSE_EVENT_GRADE = Endpoint(
    name="adverse_event_grade",
    title="Worst adverse event (CTCAE grade)",
    kind="grade",
    parameters=AskedParameters,
    derive=derive_adverse_event_grade,
    needs=list_needs,
    criteria=CRITERIA,
    labels=list_labels("adverse event"),
)
