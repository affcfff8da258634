"""`best_overall_response`: the best response of the malignancy up to its progression."""

from __future__ import annotations

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Need, Parameters
from stromal.endpoints.records.words import number_text, window_words
from stromal.endpoints.rules.tumour.visits import (
    CRITERIA,
    LABELS,
    NEEDS,
    find_first,
    find_undated,
    read_ranks,
    read_visits,
)
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.windows import Day

_EVERY = ("PD", "CR")


class BestOverallResponseParameters(Parameters):
    """The days that are looked at, and confirmation.

    Parameters
    ----------
    from_day
        First day [d] of the assessments, included.
    to_day
        Last day [d], included; none: open.
    confirmation_days
        Days [d] after which a complete or partial response must still be seen; 0: none are asked
        for.
    """

    from_day: Day = 1.0
    to_day: Day | None = None
    confirmation_days: float = Field(0.0, ge=0, allow_inf_nan=False)


def derive_best_overall_response(
    patients: Patients, parameters: BestOverallResponseParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the best response of the malignancy of every patient, up to its progression.

    Parameters
    ----------
    patients
        The five tables; `subjects`, `assessments` and `events` are read.
    parameters
        The window [d] and the confirmation [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `label` CR, PR, SD, PD or NE, `value` 3 to 0 (null for NE), `day` [d]
        on which it was first assessed, `lowest` and `highest` what stays possible, `reason`.

    Examples
    --------
    >>> rows = pl.DataFrame({"subject": "1", "day": [28.0, 90.0, 180.0], "scale": "tumour",
    ...                      "item": "response", "value": ["PR", "PD", "CR"]})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> derive_best_overall_response(patients, BestOverallResponseParameters())["reason"].item()
    'PR on day 28, the best of 2 assessments, until progression on day 90'
    """
    p = parameters
    visits = _until_end(patients, p)
    best = _confirm(visits, p.confirmation_days)
    ranked = best.drop_nulls("counted").sort("counted", "day", descending=[True, False])
    tallies = visits.group_by("subject").agg(
        pl.len().alias("visits"),
        pl.col("response").is_null().any().alias("empty"),
        pl.col("end").first(),
        pl.col("ended").first(),
    )
    open_ = best.group_by("subject").agg(pl.col("may").max().alias("may"))
    names = {rank: name for name, rank in read_ranks().items()}
    first = ranked.unique("subject", keep="first", maintain_order=True).select(
        "subject", "day", "counted", pl.col("counted").replace_strict(names).alias("best")
    )
    rows = patients.subjects.select("subject")
    rules = read_criteria(CRITERIA).rules
    ends = [*rules["progression"], *rules["next_treatment"]]
    for frame in (tallies, open_, first, find_undated(patients, ends)):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    values = {name: float(rank) for name, rank in read_ranks().items()}
    decided = decide(rows, _cases(p, names), values, reasons=reasons)
    judged = pl.col("label").is_not_null()
    # what has no day may have come before everything that was assessed
    least = pl.when(pl.col("undated").is_null()).then("counted").otherwise(0)
    floor = pl.when(~judged & pl.col("counted").is_not_null()).then(least).otherwise("lowest")
    top = pl.col("may").replace_strict(
        {rank: float(rank) for rank in names}, default=None, return_dtype=pl.Float64
    )
    bounded = pl.when("empty").then(pl.lit(float(max(names)))).otherwise(top)
    ceiling = pl.when(~judged & pl.col("counted").is_not_null()).then(bounded).otherwise("highest")
    return decided.select(
        "subject",
        "value",
        "label",
        pl.when(judged).then("day").alias("day"),
        floor.cast(pl.Float64).alias("lowest"),
        ceiling.alias("highest"),
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _until_end(patients: Patients, p: BestOverallResponseParameters) -> pl.DataFrame:
    """Visits of the window up to the first progression, relapse or next treatment."""
    rules = read_criteria(CRITERIA).rules
    visits = read_visits(patients, p.from_day)
    if p.to_day is not None:
        visits = visits.filter(pl.col("day") <= p.to_day)
    progressed = visits.filter(pl.col("rank") == 0).select(
        "subject", "day", pl.lit("progression").alias("what")
    )
    events = [*rules["progression"], *rules["next_treatment"]]
    ends = (
        pl.concat([progressed, find_first(patients, events, p.from_day)])
        .sort("day", maintain_order=True)
        .unique("subject", keep="first", maintain_order=True)
        .select("subject", pl.col("day").alias("end"), pl.col("what").alias("ended"))
    )
    joined = visits.join(ends, on="subject", how="left", maintain_order="left")
    return joined.filter((pl.col("day") <= pl.col("end")).fill_null(value=True))


def _confirm(visits: pl.DataFrame, days: float) -> pl.DataFrame:
    """Give each visit the rank that counts, and the one that a later visit may still confirm."""
    if days == 0:
        return visits.with_columns(pl.col("rank").alias("counted"), pl.col("rank").alias("may"))
    ranked = visits.drop_nulls("rank")
    pairs = ranked.join(
        ranked.select("subject", pl.col("day").alias("_later"), pl.col("rank").alias("_then")),
        on="subject",
    ).filter(pl.col("_later") > pl.col("day"))
    runs = pairs.sort("subject", "day", "_later").with_columns(
        pl.col("_then").cum_min().over("subject", "day").alias("_held")
    )
    level = pl.min_horizontal("rank", "_held")
    far = (pl.col("_later") - pl.col("day")).round_sig_figs(15) >= days
    confirmed = runs.group_by("subject", "day").agg(
        level.filter(far).max().alias("_confirmed"), level.last().alias("_open")
    )
    rank = pl.col("rank")
    joined = visits.join(confirmed, on=["subject", "day"], how="left", maintain_order="left")
    # stable disease and progression need no confirmation; a response without one is stable disease
    counted = pl.when(rank > 1).then(pl.max_horizontal("_confirmed", pl.lit(1))).otherwise(rank)
    still = pl.when(pl.col("_open").is_null()).then(rank).otherwise("_open")
    closed = pl.col("ended").is_not_null()
    may = pl.when(closed).then(counted).otherwise(pl.max_horizontal(counted, still))
    return joined.with_columns(counted.alias("counted"), may.alias("may"))


def _cases(p: BestOverallResponseParameters, names: dict[int, str]) -> list[Case]:
    best, visits = pl.col("best"), pl.col("visits")
    plural = pl.when(visits == 1).then(pl.lit("")).otherwise(pl.lit("s"))
    until = pl.format(", until {} on day {}", "ended", number_text("end"))
    ended = pl.when(pl.col("end").is_not_null()).then(until).otherwise(pl.lit(""))
    found = pl.format(
        "{} on day {}, the best of {} assessment{}{}",
        best,
        number_text("day"),
        visits,
        plural,
        ended,
    )
    higher = pl.col("may").replace_strict(names, default=None, return_dtype=pl.String)
    unconfirmed = pl.format("{}; {} is possible, not confirmed yet", found, higher)
    empty = pl.format("{}; an assessment without a category may hold a better one", found)
    none = f"no response of the malignancy assessed {window_words(p.from_day, p.to_day)}"
    return [
        Case(visits.is_null(), None, none),
        Case(best.is_null() & pl.col("empty"), None, "no category was recorded", possible=_EVERY),
        Case(best.is_null(), "NE", pl.format("NE on all {} visits", visits), possible=_EVERY),
        Case(
            pl.col("undated").is_not_null() & (pl.col("counted") > 0),
            None,
            pl.format("{}; {} recorded without a day may have come before it", found, "undated"),
        ),
        Case(pl.col("empty") & (best != "CR"), None, empty),
        Case(pl.col("may") > pl.col("counted"), None, unconfirmed),
        Case(pl.lit(value=True), best, found),
    ]


def _needs(parameters: BestOverallResponseParameters) -> tuple[Need, ...]:
    del parameters
    return NEEDS


BEST_OVERALL_RESPONSE = Endpoint(
    name="best_overall_response",
    title="Best overall response of the malignancy",
    kind="response",
    parameters=BestOverallResponseParameters,
    derive=derive_best_overall_response,
    needs=_needs,
    criteria=CRITERIA,
    labels=LABELS,
)
