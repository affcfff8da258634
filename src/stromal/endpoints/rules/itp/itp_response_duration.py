"""`itp_response_duration`: how long a response of immune thrombocytopenia lasted."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Need, Statuses
from stromal.endpoints.records.occurrences import read_conventions
from stromal.endpoints.records.words import number_text
from stromal.endpoints.rules.itp.loss import CRITERIA, LossParameters, derive_losses
from stromal.endpoints.verdict import Case, decide
from stromal.tables.outcomes import CENSORED, COMPETING, EVENT
from stromal.tables.patients import Patients

STATUSES = Statuses("loss of response", "death in response")
_STATUS = {STATUSES.event: EVENT, STATUSES.competing: COMPETING, STATUSES.censored: CENSORED}


def derive_itp_response_duration(
    patients: Patients, parameters: LossParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the time from the first day of the response to its loss, death competing.

    Only responders have a time. It runs from the first day of the response, not from day 0, and
    ends without a loss on the last day on which the response was seen. [rodeghiero2009]

    Parameters
    ----------
    patients
        The five tables; `subjects`, `labs`, `assessments` and `events` are read.
    parameters
        How the response is found, and what ends it.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` and `day` [d] the time, `status` 0 censored, 1 lost, 2 died in
        response, `lowest` and `highest` [d], between which the loss was; null for others.

    Examples
    --------
    >>> labs = pl.DataFrame({"subject": "1", "day": [0.0, 7.0, 14.0, 28.0, 35.0],
    ...                      "analyte": "platelets", "unit": "10^9/L",
    ...                      "value": [9.0, 60.0, 65.0, 20.0, 15.0]})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=labs)
    >>> rows = derive_itp_response_duration(patients, LossParameters())
    >>> rows["reason"].item()
    'R from day 7 on, lost on day 28: platelets 20 x 10^9/L'
    """
    found = derive_losses(patients, parameters, reasons=reasons).rename({"label": "response"})
    least = float(read_conventions()["earliest_day"])
    end = pl.coalesce("lost", "_died", "held")
    last, first = pl.col("held"), pl.col("start")
    died = pl.when(pl.col("lost").is_null() & (pl.col("death_day") >= first)).then("death_day")
    rows = found.with_columns(died.alias("_died")).with_columns(
        pl.max_horizontal(end - first, pl.lit(least)).alias("time"),
        pl.max_horizontal(last - first, pl.lit(least)).alias("_seen"),
    )
    decided = decide(rows, _cases(), reasons=reasons)
    label = pl.col("label")
    judged, lost = pl.when(label.is_not_null()), pl.when(label == STATUSES.event)
    return decided.select(
        "subject",
        judged.then("time").alias("value"),
        pl.lit("day").alias("unit"),
        "label",
        judged.then("time").alias("day"),
        label.replace_strict(_STATUS, default=None, return_dtype=pl.Int64).alias("status"),
        lost.then("_seen").alias("lowest"),
        lost.then("time").alias("highest"),
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _cases() -> list[Case]:
    response, lost = pl.col("response"), pl.col("lost")
    begun = pl.format("{} from day {} on", response, number_text("start"))
    none = pl.format("no response: {}", pl.col("told"))
    unjudged = pl.format("response not judged: {}", pl.col("told"))
    opened = pl.format("{}; counts are empty or printed as limits and leave its loss open", begun)
    ended = pl.format("{}, lost on day {}: {}", begun, number_text("lost"), "cause")
    died = pl.format("{}, death on day {}", begun, number_text("_died"))
    failing = pl.col("failing") > pl.col("held")
    once = pl.when(failing).then(
        pl.format("; the count of day {} fails and was not repeated", number_text("failing"))
    )
    seen = pl.format("{}, last seen on day {}", begun, number_text("held"))
    return [
        Case(response.is_null(), None, unjudged),
        Case(pl.col("start").is_null(), None, none),
        Case(pl.col("open"), None, opened),
        Case(lost.is_not_null(), STATUSES.event, ended),
        Case(pl.col("_died").is_not_null(), STATUSES.competing, died),
        Case(
            pl.lit(value=True),
            STATUSES.censored,
            pl.concat_str(seen, once.otherwise(pl.lit(""))),
        ),
    ]


def list_needs(parameters: LossParameters) -> tuple[Need, ...]:
    """Return what the duration and the loss of a response read."""
    del parameters
    return (Need("labs", ("platelets",)),)


ITP_RESPONSE_DURATION = Endpoint(
    name="itp_response_duration",
    title="Duration of response of immune thrombocytopenia",
    kind="time",
    parameters=LossParameters,
    derive=derive_itp_response_duration,
    needs=list_needs,
    criteria=CRITERIA,
    statuses=lambda _: STATUSES,
)
