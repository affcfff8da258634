"""`adverse_event`: whether a patient had an adverse event of a kind and grade."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label
from stromal.endpoints.records.words import number_text
from stromal.endpoints.rules.adverse_events.asked import (
    CRITERIA,
    LeastGradeParameters,
    find_asked,
    join_watched,
    list_needs,
    worst_words,
)
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients

LABELS = (
    Label("no", "no adverse event of that kind", rank=0, tone="good"),
    Label("yes", "an adverse event of that kind", rank=1, tone="poor"),
)
_VALUES = {"no": 0.0, "yes": 1.0}


def derive_adverse_event(
    patients: Patients, parameters: LeastGradeParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive whether every patient had an adverse event that counts.

    Treatment-emergent, serious and related events are asked for by the parameters.

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
        One row per subject: `label` yes or no, `value` 1 or 0, `day` [d] on which the worst event
        began, `lowest` and `highest` what stays possible, `reason`.

    Examples
    --------
    >>> events = pl.DataFrame({"subject": ["1"], "day": [3.0], "event": "serious_adverse_event",
    ...                        "term": ["fever"], "grade": [3.0]})
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2"], "last_day": [28.0, 28.0]}), events=events
    ... )
    >>> serious = LeastGradeParameters(serious=True, to_day=28)
    >>> derive_adverse_event(patients, serious)["reason"].to_list()
    ['1 serious adverse event, the worst of grade 3: fever on day 3',
     'no serious adverse event from day 0 to day 28, followed until day 28']
    """
    p = parameters
    found = find_asked(patients, p).filter(pl.col("most") >= p.from_grade)
    found = found.with_columns(pl.col("surely") & (pl.col("least") >= p.from_grade))
    decided = decide(join_watched(patients, found, p), _cases(p), _VALUES, reasons=reasons)
    return decided.select(
        "subject",
        "value",
        "label",
        pl.when(pl.col("label") == "yes").then("worst_day").alias("day"),
        "lowest",
        "highest",
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _cases(p: LeastGradeParameters) -> list[Case]:
    either = ("no", "yes")
    number = pl.col("number")
    plural = pl.when(number == 1).then(pl.lit("")).otherwise(pl.lit("s"))
    what = p.what.replace("adverse event", "adverse event{}", 1)
    had = pl.format(
        f"{{}} {what}, the worst of grade {{}}: {{}}", number, plural, _grade(), worst_words()
    )
    followed = pl.format("followed until day {}", number_text("last_day"))
    none = pl.format(f"no {p.what} {p.window}, {{}}", followed)
    perhaps = f"an adverse event may be a {p.what} {p.window}, something of it was not recorded"
    return [
        Case(number > 0, "yes", had),
        Case(pl.col("last_day").is_null(), None, "no follow-up is recorded"),
        Case(pl.col("most") > 0, None, perhaps, possible=either),
        Case(pl.col("unseen"), None, pl.format("{} only", none), possible=either),
        Case(pl.lit(value=True), "no", none),
    ]


def _grade() -> pl.Expr:
    """The worst grade, and the highest that it may be where one was not recorded."""
    least, most = pl.col("least"), pl.max_horizontal("least", "most")
    return (
        pl.when(least == most)
        .then(least.cast(pl.String))
        .otherwise(pl.format("{} to {}", least, most))
    )


ADVERSE_EVENT = Endpoint(
    name="adverse_event",
    title="Adverse event of a kind and grade",
    kind="flag",
    parameters=LeastGradeParameters,
    derive=derive_adverse_event,
    needs=list_needs,
    criteria=CRITERIA,
    labels=LABELS,
)
