"""`durable_complete_response`: acute GVHD that is gone and stays away for 28 days."""

from __future__ import annotations

from typing import Any

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need
from stromal.endpoints.records.words import number_text, write_number
from stromal.endpoints.rules.gvhd.ends import UNDATED, find_ends
from stromal.endpoints.rules.gvhd.response_days import (
    ResponseDayParameters,
    derive_response_days,
    find_uninvolved,
)
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.windows import Day, Days

CRITERIA = "durable_complete_response"
DURABLE = Label("durable CR", "a durable complete response", rank=0, tone="best")
NONE = Label("no durable CR", "no durable complete response", rank=1, tone="poor")
_VALUES = {DURABLE.name: 1.0, NONE.name: 0.0}
_EITHER = (NONE.name, DURABLE.name)


def _rule(name: str) -> Any:  # noqa: ANN401 - what the criteria hold is data
    return read_criteria(CRITERIA).rules[name]


class DurableResponseParameters(ResponseDayParameters):
    """How long the response must last, by when it must begin, and who judged it.

    Parameters
    ----------
    min_days
        Shortest duration [d].
    start_by_day
        Last day [d] on which the response may begin.
    max_gap
        Longest time [d] between two assessments that both show the response; a longer one leaves
        open whether it lasted. None: no limit.
    """

    min_days: Days = Field(default_factory=lambda: _rule("min_days"), gt=0)
    start_by_day: Day = Field(default_factory=lambda: _rule("start_by_day"))
    max_gap: Days | None = Field(None, gt=0)


def derive_durable_complete_response(
    patients: Patients, parameters: DurableResponseParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive whether a complete response lasted long enough (value 1) or not (value 0).

    It lasts from the first assessment that shows it to the last one before an organ is involved
    again or another systemic treatment begins. What an incomplete assessment, a long gap or the end
    of the assessments leaves open is told by the lowest and the highest answer.

    Parameters
    ----------
    patients
        `assessments` with organ stages or the investigator's response; `events` with `death` and
        `systemic_gvhd_treatment`.
    parameters
        Duration and latest start [d], and who judged.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject, in order: `value` 1 or 0, `label`, `day` [d] on which a durable
        response began, `lowest`, `highest`, `reason`, `criteria`.

    Examples
    --------
    >>> days = pl.DataFrame({"subject": "1", "day": [14.0, 28.0, 42.0], "scale": "investigator"})
    >>> rows = days.with_columns(item=pl.lit("acute_gvhd_response"), value=pl.lit("CR"))
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> reported = DurableResponseParameters(assessed_by="investigator")
    >>> derive_durable_complete_response(patients, reported)["reason"].item()
    'complete response from day 14 to day 42, 28 days'
    """
    p = parameters
    ends = find_ends(patients, p.baseline.day)
    days = _responses(patients, p).join(ends.select("subject", "treatment_day"), "subject", "left")
    days = days.filter(
        pl.col("treatment_day").is_null() | (pl.col("day") <= pl.col("treatment_day"))
    )
    seen = days.group_by("subject").agg(pl.col("day").max().alias("last_day"))
    rows = patients.subjects.select("subject")
    for frame in (
        ends,
        find_uninvolved(patients, p),
        seen,
        _longest(days, "surely", p.start_by_day, p.max_gap),
        _longest(days, "possibly", p.start_by_day, None),
        _still(days, p),
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    decided = decide(rows, _cases(p), _VALUES, reasons=reasons)
    return decided.select(
        "subject",
        "value",
        "label",
        pl.when(pl.col("label") == DURABLE.name).then("surely_from").alias("day"),
        "lowest",
        "highest",
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _responses(patients: Patients, p: DurableResponseParameters) -> pl.DataFrame:
    """Days after the baseline on which the response was judged: `surely`, `possibly` complete."""
    return derive_response_days(patients, p).select(
        "subject",
        "day",
        pl.col("complete").alias("surely"),
        pl.col("maybe_complete").alias("possibly"),
    )


def _runs(days: pl.DataFrame, shown: str, max_gap: float | None) -> pl.DataFrame:
    """Runs of days that show the response: `subject`, `from`, `to` [d]."""
    subject, day, shows = pl.col("subject"), pl.col("day"), pl.col(shown)
    begins = subject.ne_missing(subject.shift()) | shows.ne_missing(shows.shift())
    if max_gap is not None:
        begins = begins | (day - day.shift() > max_gap)
    runs = days.with_columns(begins.cum_sum().alias("_run")).filter(shows)
    return runs.group_by("subject", "_run", maintain_order=True).agg(
        day.first().alias("from"), day.last().alias("to")
    )


def _longest(
    days: pl.DataFrame, shown: str, start_by: float, max_gap: float | None
) -> pl.DataFrame:
    """The longest run that begins in time, the first of equals: `<shown>_from`, `_to`, `_days`."""
    runs = _runs(days, shown, max_gap).filter(pl.col("from") <= start_by)
    return (
        runs.with_columns((pl.col("to") - pl.col("from")).alias("days"))
        .sort("days", "from", descending=[True, False])
        .unique("subject", keep="first", maintain_order=True)
        .select(
            "subject",
            *(pl.col(name).alias(f"{shown}_{name}") for name in ("from", "to", "days")),
        )
    )


def _still(days: pl.DataFrame, p: DurableResponseParameters) -> pl.DataFrame:
    """Patients whose last assessment shows the response, or may: `still_from` [d], its start."""
    last = days.group_by("subject").agg(pl.col("day").max().alias("to"))
    return (
        _runs(days, "possibly", None)
        .join(last, on=["subject", "to"])
        .filter(pl.col("from") <= p.start_by_day)
        .select("subject", pl.col("from").alias("still_from"))
    )


def _cases(p: DurableResponseParameters) -> list[Case]:
    """Every patient is one of these, in this order."""
    least, end = p.min_days, pl.min_horizontal("death_day", "treatment_day")
    lasted = pl.format(
        "complete response from day {} to day {}, {} days",
        number_text("surely_from"),
        number_text("surely_to"),
        number_text("surely_days"),
    )
    short = pl.concat_str(
        pl.coalesce(lasted, pl.lit("no complete response")),
        pl.when(pl.col("surely_days").is_not_null())
        .then(pl.lit(f", under {write_number(least)}"))
        .otherwise(pl.lit(f" that began by day {write_number(p.start_by_day)}")),
    )
    may = pl.format(
        "{}; incomplete assessments or gaps leave one from day {} to day {} possible",
        short,
        number_text("possibly_from"),
        number_text("possibly_to"),
    )
    # a response that goes on after the last assessment can still become one
    closed = (end < pl.col("still_from") + least).fill_null(value=False)
    going_on = pl.col("still_from").is_not_null() & ~closed
    still = pl.format("{}, still going on at the last assessment", short)
    died = pl.format("died on day {}, never assessed after baseline", number_text("death_day"))
    treated = pl.format(
        "additional systemic treatment on day {}, never assessed before it",
        number_text("treatment_day"),
    )
    unseen = pl.col("last_day").is_null()
    none = f"no {p.judged_words} after baseline, day {write_number(p.baseline.last)}"
    return [
        Case(pl.col("uninvolved"), None, "no organ involved at baseline"),
        Case(pl.col("treatment_undated"), None, UNDATED, possible=_EITHER),
        Case(pl.col("surely_days") >= least, DURABLE.name, lasted),
        Case(
            unseen & (end < p.baseline.last + least),
            NONE.name,
            pl.coalesce(_treated_first(treated), died),
        ),
        Case(unseen, None, none, possible=_EITHER),
        Case(pl.col("possibly_days") >= least, None, may, possible=_EITHER),
        Case(going_on, NONE.name, still, possible=_EITHER),
        Case(pl.lit(value=True), NONE.name, short),
    ]


def _treated_first(words: pl.Expr) -> pl.Expr:
    """Say the words where additional treatment came before death."""
    treatment, death = pl.col("treatment_day"), pl.col("death_day")
    return pl.when(treatment.is_not_null() & ~(death < treatment).fill_null(value=False)).then(
        words
    )


def _needs(parameters: DurableResponseParameters) -> tuple[Need, ...]:
    return parameters.response_needs


DURABLE_COMPLETE_RESPONSE = Endpoint(
    name="durable_complete_response",
    title="Durable complete response of acute GVHD",
    kind="flag",
    parameters=DurableResponseParameters,
    derive=derive_durable_complete_response,
    needs=_needs,
    criteria=CRITERIA,
    labels=(DURABLE, NONE),
)
