"""`secondary_graft_failure`: counts that recovered, and fell again until they needed support."""

from __future__ import annotations

from typing import Any

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Parameters
from stromal.endpoints.records.labs import label_analyte
from stromal.endpoints.records.occurrences import derive_first, name_event, pick_occurrences
from stromal.endpoints.records.words import number_text
from stromal.endpoints.rules.engraftment.low_counts import derive_low_days, find_low_runs
from stromal.endpoints.rules.engraftment.recovered import REPORTED, Source, find_recovered
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients

CRITERIA = "secondary_graft_failure_astct_2021"
FAILED = Label("secondary graft failure", "secondary graft failure", rank=1, tone="worst")
NONE = Label("no secondary graft failure", "no secondary graft failure", rank=0, tone="good")
_VALUES = {FAILED.name: 1.0, NONE.name: 0.0}
_EITHER = (NONE.name, FAILED.name)


def _rules(name: str) -> Any:  # noqa: ANN401 - what the criteria hold is data
    return read_criteria(CRITERIA).rules[name]


class SecondaryGraftFailureParameters(Parameters):
    """Where recovery is read, and what makes a decline.

    Parameters
    ----------
    source
        `counts` reads recovery from laboratory values; `reported` takes the events
        `neutrophil_recovery` and `platelet_recovery`.
    values
        How many successive values below the cut make a decline.
    support_days
        Days [d] after a decline in which support still shows that it was needed.
    """

    source: Source = "counts"
    values: int = Field(default_factory=lambda: _rules("values"), ge=1, le=30)
    support_days: float = Field(
        default_factory=lambda: _rules("support_days"), ge=0, allow_inf_nan=False
    )


def derive_secondary_graft_failure(
    patients: Patients, parameters: SecondaryGraftFailureParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive secondary graft failure (value 1) or none (value 0) by the last count.

    After neutrophils and platelets had recovered, a lineage declined and needed blood products or
    growth factor, without relapse, progression or second transplant before it; or the centre
    recorded a failure then. [kharfandabaja2021] [sureda2024]

    Parameters
    ----------
    patients
        The five tables; `labs` in internal units, `events` with transfusions and growth factor.
    parameters
        Source of recovery, and what makes a decline.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject, in order: `value`, `label`, `day` [d] on which the decline began,
        `lowest` and `highest` what bounds and days that were not recorded leave open, `reason`.

    Examples
    --------
    >>> days = {"neutrophil_recovery": 15.0, "platelet_recovery": 20.0, "graft_failure": 90.0}
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"], "last_day": [200]}),
    ...     events=pl.DataFrame(
    ...         {"subject": "1", "day": list(days.values()), "event": list(days)}
    ...     ),
    ... )
    >>> reported = SecondaryGraftFailureParameters(source="reported")
    >>> derive_secondary_graft_failure(patients, reported)["reason"].item()
    'graft failure recorded on day 90, after recovery by day 20'
    """
    p = parameters
    barriers = pick_occurrences(patients, _rules("barriers"))
    first = derive_first(patients.subjects.unique("subject"), barriers)
    # a death without a day comes after all else
    undated = barriers.filter(pl.col("day").is_null(), pl.col("event") != "death")
    undated = undated.select("subject").unique()
    known = find_recovered(patients, p.source, *REPORTED).join(
        first.select("subject", pl.col("day").alias("barrier"), "event"), on="subject", how="left"
    )
    declines = _declines(patients, p, known)
    rows = patients.subjects.select("subject")
    for frame in (
        known,
        undated.with_columns(pl.lit(value=True).alias("undated")),
        _last_counts(patients),
        _reported(patients, known),
        *(_first(declines, name) for name in ("failed", "unsupported", "possible")),
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    decided = decide(rows, _cases(), _VALUES, reasons=reasons)
    began = pl.coalesce("failed_from", "reported_on")
    return decided.select(
        "subject",
        "value",
        "label",
        pl.when(pl.col("label") == FAILED.name).then(began).alias("day"),
        "lowest",
        "highest",
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _declines(
    patients: Patients, p: SecondaryGraftFailureParameters, known: pl.DataFrame
) -> pl.DataFrame:
    """Declines of any lineage: `from`, `to` [d], `lineage`, and what each of them is (`kind`)."""
    frames = []
    for lineage, rule in _rules("lineages").items():
        days = derive_low_days(patients, lineage, rule["below"]).join(known, on="subject")
        given = patients.events.filter(pl.col("event") == rule["support"])
        for kind, since in (("failed", "recovered"), ("possible", "recovered_maybe")):
            # what lies before the recovery is no part of a decline after it
            later = days.filter(
                pl.col("day") > pl.col(since),
                pl.col("barrier").is_null() | (pl.col("day") < pl.col("barrier").floor()),
            )
            runs = find_low_runs(later, p.values, possible=kind == "possible")
            frames.append(_supported(runs, given, p.support_days, kind, lineage))
    return pl.concat(frames)


def _supported(
    runs: pl.DataFrame, given: pl.DataFrame, after: float, kind: str, lineage: str
) -> pl.DataFrame:
    """Runs with `kind`: as given where support was recorded, or may have been, else unsupported."""
    numbered = runs.with_row_index("_run")
    day = pl.col("day")
    met = (
        numbered.join(given.select("subject", "day"), on="subject", how="left")
        .with_columns((day.is_between(pl.col("from"), pl.col("to") + after)).alias("in_time"))
        .group_by("_run")
        .agg(pl.col("in_time").any().alias("surely"))
    )
    unknown = given.filter(day.is_null()).select("subject").unique()
    unknown = unknown.with_columns(pl.lit(value=True).alias("unknown"))
    rows = numbered.join(met, on="_run", how="left").join(unknown, on="subject", how="left")
    surely, maybe = pl.col("surely").fill_null(value=False), pl.col("unknown").is_not_null()
    return rows.select(
        "subject",
        "from",
        "to",
        pl.lit(lineage).alias("lineage"),
        pl.when(surely)
        .then(pl.lit(kind))
        .when(maybe)
        .then(pl.lit("possible"))
        .otherwise(pl.lit("unsupported"))
        .alias("kind"),
    )


def _first(declines: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The first decline of a kind: `<kind>_from` [d], `<kind>_lineage` in words."""
    words = {lineage: label_analyte(lineage) for lineage in _rules("lineages")}
    return (
        declines.filter(pl.col("kind") == kind)
        .sort("from", "lineage")
        .unique("subject", keep="first", maintain_order=True)
        .select(
            "subject",
            pl.col("from").alias(f"{kind}_from"),
            pl.col("lineage").replace_strict(words, default=None).alias(f"{kind}_lineage"),
        )
    )


def _last_counts(patients: Patients) -> pl.DataFrame:
    """The last day [d] with a count of any lineage: `last_count`."""
    analytes = list(_rules("lineages"))
    counts = patients.labs.filter(pl.col("analyte").is_in(analytes)).drop_nulls(["day", "value"])
    return counts.group_by("subject").agg(pl.col("day").max().alias("last_count"))


def _reported(patients: Patients, known: pl.DataFrame) -> pl.DataFrame:
    """Graft failure that was recorded after recovery: `reported_on` [d]; `reported_maybe`.

    The latter: it may have been after it, where the day of either is open.
    """
    rows = patients.events.filter(pl.col("event") == _rules("reported")).join(known, on="subject")
    day, barrier = pl.col("day"), pl.col("barrier")
    free = barrier.is_null() | (day < barrier.floor())
    maybe = day.is_null() | ((day > pl.col("recovered_maybe")) & free)
    return rows.group_by("subject").agg(
        day.filter((day > pl.col("recovered")) & free).min().alias("reported_on"),
        day.is_null().any().alias("reported_undated"),
        (maybe & pl.col("recovered_maybe").is_not_null()).any().alias("reported_maybe"),
    )


def _cases() -> list[Case]:
    """Every patient is one of these, in this order."""
    by = number_text("recovered")
    reported = pl.format(
        "graft failure recorded on day {}, after recovery by day {}", number_text("reported_on"), by
    )

    def declined(kind: str) -> pl.Expr:
        return pl.format(
            "decline of {} from day {}", f"{kind}_lineage", number_text(f"{kind}_from")
        )

    failed = pl.format("{}, with support, after recovery by day {}", declined("failed"), by)
    opened = pl.format(
        "cannot judge a {}, its support or the recovery before it", declined("possible")
    )
    barrier = pl.format(" before {} on day {}", name_event(), number_text("barrier"))
    until = pl.coalesce(
        pl.when(pl.col("barrier") <= pl.col("last_count")).then(barrier),
        pl.format(" by the last count, day {}", number_text("last_count")),
        barrier,
    )
    alone = pl.format("{}, without blood products or growth factor", declined("unsupported"))
    none = pl.concat_str(
        pl.lit("no decline after recovery by day "), by, pl.coalesce(until, pl.lit(""))
    )
    recovered, maybe = pl.col("recovered"), pl.col("recovered_maybe")
    counted = pl.col("last_count") > recovered
    return [
        Case(
            ~pl.col("recorded"), None, "no count of neutrophils and platelets that shows a recovery"
        ),
        Case(
            pl.col("undated"),
            None,
            "relapse, progression or transplant recorded without a day",
            possible=_EITHER,
        ),
        Case(pl.col("reported_on").is_not_null(), FAILED.name, reported),
        Case(pl.col("failed_from").is_not_null(), FAILED.name, failed),
        Case(
            pl.col("reported_maybe"),
            None,
            pl.when("reported_undated")
            .then(pl.lit("graft failure recorded without a day"))
            .otherwise(pl.lit("cannot judge whether a recorded graft failure came after recovery")),
            possible=_EITHER,
        ),
        Case(pl.col("possible_from").is_not_null(), None, opened, possible=_EITHER),
        Case(
            maybe.is_null() & pl.col("last_count").is_null() & pl.col("barrier").is_null(),
            None,
            "no recovery and no count on record",
        ),
        Case(maybe.is_null(), NONE.name, "neutrophils and platelets have not both recovered"),
        Case(
            recovered.is_null(),
            NONE.name,
            "no decline, whenever neutrophils and platelets recovered",
        ),
        Case(pl.col("unsupported_from").is_not_null(), NONE.name, alone),
        Case(
            ~(counted | (pl.col("barrier") > recovered)).fill_null(value=False),
            None,
            pl.format("no count after recovery by day {}", by),
            possible=_EITHER,
        ),
        Case(pl.lit(value=True), NONE.name, none),
    ]


def _needs(parameters: SecondaryGraftFailureParameters) -> tuple[Need, ...]:
    if parameters.source == "counts":
        return tuple(Need("labs", (lineage,)) for lineage in REPORTED)
    return tuple(Need("events", (event,)) for event in REPORTED.values())


SECONDARY_GRAFT_FAILURE = Endpoint(
    name="secondary_graft_failure",
    title="Secondary graft failure",
    kind="flag",
    parameters=SecondaryGraftFailureParameters,
    derive=derive_secondary_graft_failure,
    needs=_needs,
    criteria=CRITERIA,
    labels=(FAILED, NONE),
)
