"""Loss of a response of immune thrombocytopenia: its day, or how long the response was seen."""

from __future__ import annotations

from typing import Literal

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.records.occurrences import read_conventions
from stromal.endpoints.records.words import number_text
from stromal.endpoints.rules.itp.itp_response import derive_itp_response
from stromal.endpoints.rules.itp.platelet_levels import (
    ItpResponseParameters,
    find_bleeding,
    find_confirmed,
    rank_counts,
    read_counts,
)
from stromal.tables.patients import Patients

CRITERIA = "iwg_2009_loss"
_ENDS = ("start", "held", "lost", "cause")


def _confirmation_days() -> float:
    return float(read_criteria(CRITERIA).rules["confirmation_days"])


class LossParameters(ItpResponseParameters):
    """How the response is found, and what ends it.

    Parameters
    ----------
    level
        `best` ends a complete response with a count below 100 and a response with one below 30 or
        below twice the baseline, as printed; `any` ends both only where no response is left.
    loss_confirmation_days
        Days [d] over which counts must fail; 0 takes one count, for series that print one.
    """

    level: Literal["best", "any"] = "best"
    loss_confirmation_days: float = Field(default_factory=_confirmation_days, ge=0)


def derive_losses(
    patients: Patients, parameters: LossParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive when the response of each responder began and was lost.

    A loss is confirmed as the working group asks for it. [rodeghiero2009]

    Parameters
    ----------
    patients
        The five tables; `subjects`, `labs`, `assessments` and `events` are read.
    parameters
        How the response is found, and what ends it.
    reasons
        Write why others are no responders.

    Returns
    -------
    polars.DataFrame
        One row per subject, in order: `label` of the response (null where not judged), `told` its
        reason; for responders `start` [d], `held`, the last day [d] on which it was seen, `lost`,
        the day [d] of its loss (null where it was not lost), `cause` in words, `failing`, a day [d]
        whose count failed and was not repeated, `death_day` [d], and `open`, whether counts that
        are empty or printed as limits leave the loss open.

    Examples
    --------
    >>> labs = pl.DataFrame({"subject": "1", "day": [0.0, 7.0, 14.0, 28.0, 35.0],
    ...                      "analyte": "platelets", "unit": "10^9/L",
    ...                      "value": [9.0, 60.0, 65.0, 20.0, 15.0]})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=labs)
    >>> derive_losses(patients, LossParameters()).select("start", "held", "lost", "cause").row(0)
    (7.0, 14.0, 28.0, 'platelets 20 x 10^9/L')
    """
    p = parameters
    found = derive_itp_response(patients, p, reasons=reasons).select(
        "subject", "label", pl.col("reason").alias("told")
    )
    # the response is found in its window, which cuts before the worst of a day is taken
    _, searched = read_counts(patients, p)
    _, counts = read_counts(patients, p.model_copy(update={"to_day": None}))
    # an empty count after all others tells nothing: observation ends before it
    last = pl.col("day").filter(pl.col("value").is_not_null()).max().over("subject")
    counts = counts.filter(pl.col("day") <= last)
    bleeding = find_bleeding(patients).drop_nulls()
    responders = found.filter(pl.col("label").is_in(["CR", "R"])).select("subject", "label")
    ends = [
        _find_end(
            responders,
            rank_counts(searched, bleeding, count, before),
            rank_counts(counts, bleeding, count, before),
            patients,
            p,
        )
        for count, before in (("least", "baseline_most"), ("most", "baseline_least"))
        # without bounds the least and the most are one number, and so are the losses
        if count == "least" or counts["bounded"].any()
    ]
    other = ends[-1].select("subject", pl.struct(_ENDS[:3]).alias("_other"))
    deaths = patients.events.filter(pl.col("event").is_in(read_conventions()["death"]))
    rows = found
    for frame in (
        ends[0],
        other,
        deaths.group_by("subject").agg(pl.col("day").min().alias("death_day")),
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    same = pl.struct(_ENDS[:3]) == pl.col("_other")
    return rows.with_columns((~same).fill_null(value=False).alias("open")).drop("_other")


def _find_end(
    responders: pl.DataFrame,
    searched: pl.DataFrame,
    ranked: pl.DataFrame,
    patients: Patients,
    p: LossParameters,
) -> pl.DataFrame:
    """The start of each response, the last day on which it was seen, and its loss."""
    need = (pl.col("label") == "CR").cast(pl.Int32) + 1 if p.level == "best" else pl.lit(1)
    asked = responders.with_columns(need.alias("need"))
    starts = pl.concat(
        [find_confirmed(searched, level, p.confirmation_days) for level in (1, 2)]
    ).select("subject", pl.col("response").cast(pl.Int32).alias("need"), "response_day")
    begun = asked.with_columns(pl.col("need").cast(pl.Int32)).join(
        starts, on=["subject", "need"], how="left"
    )
    rows = ranked.join(begun, on="subject").filter(
        pl.coalesce("day", "_whole") >= pl.col("response_day").floor()
    )
    rows = rows.sort("subject", "_whole").with_columns(
        (pl.col("level") < pl.col("need")).alias("_fails"),
        pl.coalesce("day", "_whole").alias("_on"),
    )
    runs = (
        rows.with_columns(pl.struct("subject", "_fails").rle_id().alias("_run"))
        .filter("_fails")
        .group_by("subject", "_run", maintain_order=True)
        .agg(
            pl.col("_on").first().alias("_first"),
            (pl.col("_on").last() - pl.col("_on").first()).round_sig_figs(15).alias("_span"),
            pl.col("_on").filter("bled").first().alias("_bled"),
            pl.col("value").first().alias("_count"),
        )
    )
    repeated = pl.col("_span") >= p.loss_confirmation_days
    confirmed = runs.with_columns(
        pl.when(repeated).then("_first").otherwise("_bled").alias("lost"),
        pl.format("platelets {} x 10^9/L", number_text("_count")).alias("_low"),
    )
    cause = pl.when(pl.col("lost") == pl.col("_bled")).then(pl.lit("bleeding")).otherwise("_low")
    lost = confirmed.drop_nulls("lost").select("subject", "lost", cause.alias("cause"))
    rescued = patients.events.filter(pl.col("event").is_in(p.rescue_events)).join(
        begun.select("subject", "response_day"), on="subject"
    )
    rescues = rescued.filter(pl.col("day") >= pl.col("response_day")).select(
        "subject", pl.col("day").alias("lost"), pl.lit("rescue therapy").alias("cause")
    )
    first = pl.concat([lost, rescues]).sort("subject", "lost", maintain_order=True)
    first = first.unique("subject", keep="first", maintain_order=True)
    ended = rows.join(first.select("subject", "lost"), on="subject", how="left")
    before = ended.filter(pl.col("lost").is_null() | (pl.col("_on") < pl.col("lost")))
    seen = before.group_by("subject").agg(
        pl.col("_on").filter(~pl.col("_fails")).max().alias("held"),
        pl.col("_on").filter("_fails").max().alias("failing"),
    )
    return (
        begun.select("subject", pl.col("response_day").alias("start"))
        .join(seen, on="subject", how="left", maintain_order="left")
        .join(first, on="subject", how="left", maintain_order="left")
    )
