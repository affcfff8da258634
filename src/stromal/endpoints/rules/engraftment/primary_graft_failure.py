"""Primary graft failure: no neutrophil recovery by the limit of the graft's source."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl
from pydantic import Field, model_validator

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Parameters
from stromal.endpoints.records.follow_up import derive_follow_up
from stromal.endpoints.records.occurrences import (
    derive_first,
    name_event,
    pick_occurrences,
    unknown_words,
)
from stromal.endpoints.records.recovery import derive_recovery
from stromal.endpoints.records.words import number_text, write_number
from stromal.endpoints.rules.engraftment.engraftment import default
from stromal.tables.patients import Patients

CRITERIA = "graft_failure_astct_2021"
LABELS = (
    Label("primary graft failure", "primary graft failure", rank=1, tone="worst"),
    Label("engrafted", "engrafted", rank=0, tone="good", verb="were"),
)
_REPORTED = "neutrophil_recovery"


def _rules(name: str) -> dict[str, Any]:
    rules: dict[str, Any] = read_criteria(CRITERIA).rules[name]
    return rules


class PrimaryGraftFailureParameters(Parameters):
    """Where the limit comes from, and where neutrophil recovery is read.

    One of `graft`, `graft_column` and `limit_day` must be given; `limit_day` goes before the
    others.

    Parameters
    ----------
    graft
        Source of every graft.
    graft_column
        Covariate of `subjects` that holds the source of each patient's graft.
    limit_day
        Last day [d] on which neutrophils may recover.
    source
        `counts` reads laboratory values; `reported` takes the event `neutrophil_recovery`.
    cut
        What the neutrophil count must reach [1e9/L]; only for `counts`.
    values
        How many values in a row must reach the cut; only for `counts`.
    """

    graft: Literal["peripheral blood", "bone marrow", "cord blood"] | None = None
    graft_column: str | None = None
    limit_day: float | None = Field(None, gt=0, allow_inf_nan=False)
    source: Literal["counts", "reported"] = "counts"
    cut: float = Field(
        default_factory=lambda: default("neutrophils", "cut"), gt=0, allow_inf_nan=False
    )
    values: int = Field(default_factory=lambda: default("values"), ge=1, le=30)

    @model_validator(mode="after")
    def _limited(self) -> PrimaryGraftFailureParameters:
        if self.graft is None and self.graft_column is None and self.limit_day is None:
            raise ValueError("one of graft, graft_column and limit_day is needed")
        return self


def derive_primary_graft_failure(
    patients: Patients, parameters: PrimaryGraftFailureParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive primary graft failure (value 1) or engrafted (value 0) by the limit.

    The limit is day 30 after peripheral blood or bone marrow, day 42 after cord blood. Who died,
    relapsed or had a second transplant before it without recovery, or was not followed to it, is
    not evaluable: null, with the reason. The pancytopenia that the consensus asks for comes
    without numbers and is not tested. [kharfandabaja2021]

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2", "3"], "last_day": [90, 90, 20]}),
    ...     events=pl.DataFrame(
    ...         {"subject": ["1", "3"], "day": [17, 20], "event": ["neutrophil_recovery", "death"]}
    ...     ),
    ... )
    >>> parameters = PrimaryGraftFailureParameters(graft="bone marrow", source="reported")
    >>> derive_primary_graft_failure(patients, parameters).select("label", "reason").rows()
    [('engrafted', 'neutrophil recovery on day 17'),
     ('primary graft failure', 'no neutrophil recovery by day 30'),
     (None, 'not evaluable (early death): death on day 20, before day 30')]
    """
    subjects = patients.subjects.unique("subject")
    barriers = pick_occurrences(patients, _rules("not_evaluable"))
    first = derive_first(subjects, barriers)
    # A death without a day is no doubt for those who recovered: they recovered before it.
    others = derive_first(subjects, barriers.filter(pl.col("event") != "death"))
    rows = patients.subjects.select("subject", *_limit(patients.subjects, parameters))
    for frame in (
        first.select(
            "subject", pl.col("day").alias("barrier_day"), "event", unknown_words().alias("unknown")
        ),
        others.select("subject", unknown_words().alias("undated_barrier")),
        derive_follow_up(patients).unique("subject"),
        _recovery(patients, parameters),
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    judged = _judge(rows)
    return judged if reasons else judged.drop("reason")


def _limit(subjects: pl.DataFrame, parameters: PrimaryGraftFailureParameters) -> list[pl.Expr]:
    """The limit of each patient, and why there is none."""
    if parameters.limit_day is not None:
        given, stated = pl.lit(parameters.limit_day), pl.lit(None, pl.String)
    elif parameters.graft_column is None:
        given, stated = pl.lit(_rules("limit_day")[str(parameters.graft)]), pl.lit(None, pl.String)
    elif parameters.graft_column not in subjects.columns:
        given = pl.lit(None, pl.Float64)
        stated = pl.lit(f"`subjects` has no column `{parameters.graft_column}`")
    else:
        text = pl.col(parameters.graft_column).cast(pl.String).str.strip_chars()
        known = text.str.to_lowercase().replace(_rules("spellings"))
        given = known.replace_strict(_rules("limit_day"), default=None, return_dtype=pl.Float64)
        stated = (
            pl.when(text.is_null())
            .then(pl.lit("source of the graft is missing"))
            .when(given.is_null())
            .then(pl.lit("source of the graft `") + text + "` is unknown")
        )
    return [given.cast(pl.Float64).alias("limit"), stated.alias("no_limit")]


def _recovery(patients: Patients, parameters: PrimaryGraftFailureParameters) -> pl.DataFrame:
    """Day of recovery, and what is known of those who have none.

    `subject`, `recovery_day` [d], `no_record` (words; why recovery cannot be read at all),
    `rising_from` [d] (an unconfirmed rise), `seen_until` [d] (last day that shows the count).
    """
    subjects = patients.subjects.select(pl.col("subject").unique())
    if parameters.source == "counts":
        recovery = derive_recovery(patients, "neutrophils", parameters.cut, parameters.values)
        never = pl.lit(
            f"not applicable: neutrophils never below {write_number(parameters.cut)} x 10^9/L"
        )
        no_record: pl.Expr = (
            pl.when(pl.col("below").is_null())
            .then(pl.lit("no count of neutrophils from day 0 on"))
            .when(~pl.col("below"))
            .then(never)
        )
        rising: pl.Expr
        until: pl.Expr
        rising, until = pl.col("rising_from"), pl.col("last_count")
    else:
        reported = patients.events.filter(pl.col("event") == _REPORTED)
        recovery = reported.group_by("subject").agg(
            pl.col("day").filter(pl.col("day") >= 0).min().alias("recovery_day"),
            pl.col("day").is_null().any().alias("undated"),
        )
        undated = pl.lit("neutrophil recovery recorded without a day")
        no_record = pl.when(pl.col("undated") & pl.col("recovery_day").is_null()).then(undated)
        rising, until = pl.lit(None, pl.Float64), pl.lit(None, pl.Float64)
    return subjects.join(recovery, on="subject", how="left").select(
        "subject",
        "recovery_day",
        no_record.alias("no_record"),
        rising.alias("rising_from"),
        until.alias("seen_until"),
    )


def _judge(rows: pl.DataFrame) -> pl.DataFrame:
    recovery, barrier, limit = pl.col("recovery_day"), pl.col("barrier_day"), pl.col("limit")
    in_time = recovery <= limit
    engrafted = (
        in_time & (barrier.is_null() | (recovery <= barrier)) & pl.col("undated_barrier").is_null()
    ).fill_null(value=False)
    doubt = _doubt()
    judged = engrafted | doubt.is_null()
    late = (
        pl.when(recovery.is_not_null())
        .then(pl.lit(", recovery on day ") + number_text("recovery_day"))
        .otherwise(pl.lit(""))
    )
    reason = (
        pl.when(pl.col("no_limit").is_not_null())
        .then("no_limit")
        .when(engrafted)
        .then(pl.lit("neutrophil recovery on day ") + number_text("recovery_day"))
        .when(doubt.is_not_null())
        .then(doubt)
        .otherwise(pl.lit("no neutrophil recovery by day ") + number_text("limit") + late)
    )
    known = judged & pl.col("no_limit").is_null()
    label = pl.when(engrafted).then(pl.lit(LABELS[1].name)).otherwise(pl.lit(LABELS[0].name))
    day = pl.when(engrafted).then(recovery).otherwise(limit)
    return rows.select(
        "subject",
        pl.when(known).then((~engrafted).cast(pl.Float64)).alias("value"),
        pl.lit(None, pl.String).alias("unit"),
        pl.when(known).then(label).alias("label"),
        pl.when(known).then(day).alias("day"),
        pl.lit(None, pl.Int64).alias("status"),
        reason.alias("reason"),
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _doubt() -> pl.Expr:
    """Why a patient who did not engraft in time cannot be called a failure either."""
    barrier, limit, last_day = pl.col("barrier_day"), pl.col("limit"), pl.col("last_day")
    before = pl.lit(", before day ") + number_text("limit")
    why = pl.col("event").replace_strict(_rules("not_evaluable"), return_dtype=pl.String)
    stopped = pl.lit("not evaluable (") + why + "): " + name_event() + " on day "
    short = pl.lit("not evaluable (follow-up too short): ") + pl.col("followed_by") + " is day "
    followed = (barrier >= limit) | (pl.col("recovery_day") > limit) | (last_day >= limit)
    rise = pl.lit("not evaluable (counts end too early): the rise from day ")
    ended = pl.lit("not evaluable (counts end too early): the last neutrophil count is of day ")
    return pl.coalesce(
        pl.when(barrier < limit).then(stopped + number_text("barrier_day") + before),
        "unknown",
        "no_record",
        pl.when(~followed.fill_null(value=False)).then(
            pl.coalesce(
                short + number_text("last_day") + before, pl.lit("no follow-up is recorded")
            )
        ),
        pl.when(pl.col("rising_from") <= limit).then(
            rise + number_text("rising_from") + " is not confirmed"
        ),
        pl.when(pl.col("seen_until") < limit).then(ended + number_text("seen_until") + before),
    )


PRIMARY_GRAFT_FAILURE: Endpoint[PrimaryGraftFailureParameters] = Endpoint(
    name="primary_graft_failure",
    title="Primary graft failure",
    kind="flag",
    parameters=PrimaryGraftFailureParameters,
    derive=derive_primary_graft_failure,
    needs=lambda parameters: (
        Need("labs", ("neutrophils",))
        if parameters.source == "counts"
        else Need("events", (_REPORTED, *_rules("not_evaluable"), "last_follow_up")),
    ),
    criteria=CRITERIA,
    labels=LABELS,
)
