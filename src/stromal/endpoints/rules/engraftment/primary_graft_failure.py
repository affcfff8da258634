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
from stromal.endpoints.records.recovery import CountedFrom, RecoveryRule, derive_recovery
from stromal.endpoints.records.words import number_text, write_number
from stromal.endpoints.rules.engraftment.counts import write_unclear
from stromal.endpoints.rules.engraftment.engraftment import default, default_nadir
from stromal.endpoints.rules.engraftment.pancytopenia import CRITERIA, judge_pancytopenia
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.windows import Day

FAILED = Label("primary graft failure", "primary graft failure", rank=2, tone="worst")
ALONE = Label("neutropenia alone", "neutropenia without pancytopenia", rank=1, tone="poor")
ENGRAFTED = Label("engrafted", "engrafted", rank=0, tone="good", verb="were")
VALUES = {FAILED.name: 1.0, ALONE.name: 0.0, ENGRAFTED.name: 0.0}
_EITHER = (FAILED.name, ENGRAFTED.name)
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
        What the neutrophil count must reach [10^9/L]; only for `counts`.
    values
        How many values in a row must reach the cut; only for `counts`.
    counted_from
        After which count recovery can begin: the lowest one by `nadir_until_day` (`nadir`), or the
        first one below the cut (`first_below`); only for `counts`.
    nadir_until_day
        Last day [d] on which the nadir is looked for, so that nothing later moves a recovery.
    pancytopenia
        Whether the associated pancytopenia is `told` in the reason of a failure, `required` for it,
        or `ignored`.
    """

    graft: Literal["peripheral blood", "bone marrow", "cord blood"] | None = None
    graft_column: str | None = None
    limit_day: float | None = Field(None, gt=0, allow_inf_nan=False)
    source: Literal["counts", "reported"] = "counts"
    cut: float = Field(
        default_factory=lambda: default("neutrophils", "cut"), gt=0, allow_inf_nan=False
    )
    values: int = Field(default_factory=lambda: default("values"), ge=1, le=30)
    counted_from: CountedFrom = Field(
        default_factory=lambda: default("neutrophils", "counted_from")
    )
    nadir_until_day: Day = Field(default_factory=default_nadir, gt=0)
    pancytopenia: Literal["told", "required", "ignored"] = "told"

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
    not evaluable: null, with the reason. So is one whose counts leave open whether neutrophils
    recovered in time. The pancytopenia that the consensus asks for comes without numbers: what
    platelets and haemoglobin show by the limit is told, and can be required.
    [kharfandabaja2021] [sureda2024]

    Parameters
    ----------
    patients
        The five tables.
    parameters
        Limit [d], source of recovery, cut, and what pancytopenia counts for.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject, in order. `lowest` and `highest` are 0 and 1 where days without a
        count, bounds or empty values leave both open.

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
     ('primary graft failure', 'no neutrophil recovery by day 30; pancytopenia not judged: ...'),
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
    rows = _mark(rows)
    asked = rows.filter(~pl.col("engrafted")).select("subject", "limit")
    cells = judge_pancytopenia(patients, asked)
    rows = rows.join(cells, on="subject", how="left", maintain_order="left")
    decided = decide(rows, _cases(parameters), VALUES, reasons=reasons)
    label, engrafted = pl.col("label"), pl.col("label") == ENGRAFTED.name
    return decided.select(
        "subject",
        "value",
        "label",
        pl.when(engrafted).then("latest").when(label.is_not_null()).then("limit").alias("day"),
        "lowest",
        "highest",
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


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


_READ: dict[str, pl.DataType] = {
    "recovery_day": pl.Float64(),
    "earliest": pl.Float64(),
    "latest": pl.Float64(),
    "no_record": pl.String(),
    "unclear": pl.String(),
    "first_below": pl.Float64(),
    "last_below": pl.Float64(),
    "rising_from": pl.Float64(),
    "last_count": pl.Float64(),
    "unseen_from": pl.Float64(),
    "unseen_to": pl.Float64(),
}
"""What is read of a recovery: days [d] as from `derive_recovery`; in words why it cannot be read at
all (`no_record`), and why its day is open (`unclear`)."""


def _recovery(patients: Patients, parameters: PrimaryGraftFailureParameters) -> pl.DataFrame:
    """When neutrophils recovered, as far as that is known: columns of `_READ`."""
    reported = parameters.source == "reported"
    found = _reported(patients) if reported else _counted(patients, parameters)
    subjects = patients.subjects.select(pl.col("subject").unique())
    return subjects.join(found, on="subject", how="left").select(
        "subject",
        *(
            pl.col(name) if name in found.columns else pl.lit(None, dtype).alias(name)
            for name, dtype in _READ.items()
        ),
    )


def _reported(patients: Patients) -> pl.DataFrame:
    """Recovery as the centre recorded it."""
    day = pl.col("day")
    found = patients.events.filter(pl.col("event") == _REPORTED).group_by("subject")
    undated = pl.lit("neutrophil recovery recorded without a day")
    return found.agg(
        *(
            day.filter(day >= 0).min().alias(name)
            for name in ("recovery_day", "earliest", "latest")
        ),
        day.is_null().any().alias("undated"),
    ).with_columns(
        pl.when(pl.col("undated") & pl.col("recovery_day").is_null())
        .then(undated)
        .alias("no_record")
    )


def _counted(patients: Patients, p: PrimaryGraftFailureParameters) -> pl.DataFrame:
    """Recovery as the counts show it."""
    rule = RecoveryRule("neutrophils", p.cut, p.values, p.counted_from, p.nadir_until_day)
    never = f"never below {write_number(p.cut)} x 10^9/L"
    recovery = derive_recovery(patients, rule)
    subjects = patients.subjects.select(pl.col("subject").unique())
    return subjects.join(recovery, on="subject", how="left").with_columns(
        pl.when(pl.col("last_count").is_null())
        .then(pl.lit("no count of neutrophils from day 0 on"))
        .when(pl.col("below").is_null())
        .then(write_unclear("neutrophils", f"whether they were {never}"))
        .when(~pl.col("below"))
        .then(pl.lit(f"not applicable: neutrophils {never}"))
        .alias("no_record"),
        write_unclear("neutrophils", "their recovery").alias("unclear"),
    )


def _mark(rows: pl.DataFrame) -> pl.DataFrame:
    """Mark who engrafted by the limit, who may have, and who was followed to it."""
    barrier, limit = pl.col("barrier_day"), pl.col("limit")
    free = (barrier.is_null() | (pl.col("latest") <= barrier)) & pl.col("undated_barrier").is_null()
    followed = (barrier >= limit) | (pl.col("recovery_day") > limit) | (pl.col("last_day") >= limit)
    return rows.with_columns(
        ((pl.col("latest") <= limit) & free & pl.col("no_record").is_null())
        .fill_null(value=False)
        .alias("engrafted"),
        followed.fill_null(value=False).alias("followed"),
    )


def _cases(parameters: PrimaryGraftFailureParameters) -> list[Case]:
    """Every patient is one of these, in this order."""
    barrier, limit, followed = pl.col("barrier_day"), pl.col("limit"), pl.col("followed")
    recovery, earliest = pl.col("recovery_day"), pl.col("earliest")
    may_be = (earliest <= limit).fill_null(value=False)
    before, by = number_text("limit"), number_text("limit")
    nadir_by = parameters.nadir_until_day if parameters.counted_from == "nadir" else None
    fall_by = pl.min_horizontal(limit, pl.lit(nadir_by, pl.Float64))
    why = pl.col("event").replace_strict(_rules("not_evaluable"), return_dtype=pl.String)
    stopped = pl.format(
        "not evaluable ({}): {} on day {}, before day {}",
        why,
        name_event(),
        number_text("barrier_day"),
        before,
    )
    short = pl.format(
        "not evaluable (follow-up too short): {} is day {}, before day {}",
        "followed_by",
        number_text("last_day"),
        before,
    )
    uncounted = pl.format(
        "not evaluable (no count around the limit): recovery on day {}, and from day {} on nothing "
        "was counted that would deny it by day {}",
        number_text("recovery_day"),
        number_text("earliest"),
        by,
    )
    rise = pl.format(
        "not evaluable (counts end too early): the rise from day {} is not confirmed",
        number_text("rising_from"),
    )
    ended = pl.format(
        "not evaluable (counts end too early): the last neutrophil count is of day {}, before day "
        "{}",
        number_text("last_count"),
        before,
    )
    later = pl.format(
        f"not evaluable (no count below {write_number(parameters.cut)} x 10^9/L by day {{}}): the "
        "first is of day {}",
        number_text(fall_by),
        number_text("first_below"),
    )
    on_day = pl.when(recovery.is_not_null()).then(
        pl.format("neutrophil recovery on day {}", number_text("recovery_day"))
    )
    between = pl.format(
        "neutrophil recovery between day {} and day {}",
        number_text("earliest"),
        number_text("latest"),
    )
    return [
        Case(pl.col("no_limit").is_not_null(), None, pl.col("no_limit")),
        Case(pl.col("engrafted"), ENGRAFTED.name, on_day.otherwise(between)),
        Case(barrier < limit, None, stopped),
        Case(pl.col("unknown").is_not_null(), None, pl.col("unknown")),
        Case(pl.col("no_record").is_not_null(), None, pl.col("no_record")),
        Case(pl.col("first_below") > fall_by, None, later, possible=_EITHER),
        Case(~followed & pl.col("last_day").is_null(), None, "no follow-up is recorded"),
        Case(~followed, None, short),
        Case(may_be & recovery.is_null(), None, pl.col("unclear"), possible=_EITHER),
        Case(may_be, None, uncounted, possible=_EITHER),
        # a rise began on any day after the last count below
        Case(
            pl.col("rising_from").is_not_null() & (pl.col("last_below") < limit),
            None,
            rise,
            possible=_EITHER,
        ),
        Case(pl.col("last_count") < limit, None, ended, possible=_EITHER),
        *_failures(parameters),
    ]


def _failures(parameters: PrimaryGraftFailureParameters) -> list[Case]:
    """Those whose neutrophils did not recover in time."""
    recovery, cells = pl.col("recovery_day"), pl.col("pancytopenia")
    late = pl.when(recovery.is_not_null()).then(
        pl.format(", recovery on day {}", number_text("recovery_day"))
    )
    hidden = pl.col("unseen_from") < pl.col("limit")
    unseen = pl.format(
        "; no count between day {} and day {}", number_text("unseen_from"), number_text("unseen_to")
    )
    told = "" if parameters.pancytopenia == "ignored" else pl.col("pancytopenia_words")
    reason = pl.concat_str(
        pl.lit("no neutrophil recovery by day "),
        number_text("limit"),
        late.otherwise(pl.lit("")),
        pl.when(hidden).then(unseen).otherwise(pl.lit("")),
        told if isinstance(told, pl.Expr) else pl.lit(told),
    )
    failed = [
        Case(hidden, FAILED.name, reason, possible=_EITHER),
        Case(pl.lit(value=True), FAILED.name, reason),
    ]
    if parameters.pancytopenia != "required":
        return failed
    unknown = pl.concat_str(pl.lit("cannot judge pancytopenia: "), reason)
    return [
        Case(cells.is_null(), None, unknown, possible=_EITHER),
        Case(~cells, ALONE.name, reason),
        *failed,
    ]


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
    labels=(FAILED, ALONE, ENGRAFTED),
    labels_with=lambda parameters: (
        (FAILED, ALONE, ENGRAFTED) if parameters.pancytopenia == "required" else (FAILED, ENGRAFTED)
    ),
)
