"""`international_prognostic_index`: the risk of aggressive lymphoma from five factors."""

from __future__ import annotations

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need
from stromal.endpoints.records.assessed import find_nearest_items, whole_number
from stromal.endpoints.records.labs import derive_daily_values, write_bound
from stromal.endpoints.records.words import name_window, number_text
from stromal.endpoints.rules.lymphoma.sites import SCALE, SiteParameters, derive_stages
from stromal.endpoints.verdict import Case, decide
from stromal.tables.labs import UP
from stromal.tables.patients import Patients
from stromal.tables.windows import Window, find_nearest

CRITERIA = "ipi_1993"
LABELS = (
    Label("low", "a low risk", rank=0, tone="good"),
    Label("low-intermediate", "a low-intermediate risk", rank=1, tone="mixed"),
    Label("high-intermediate", "a high-intermediate risk", rank=2, tone="poor"),
    Label("high", "a high risk", rank=3, tone="worst"),
)
_FACTORS = {
    "age": "age",
    "ldh": "lactate dehydrogenase",
    "ecog": "ECOG",
    "stage": "stage",
    "sites": "extranodal sites",
}


class PrognosticIndexParameters(SiteParameters):
    """Where the stage comes from, the days on which values count, and the limit of LDH.

    Parameters
    ----------
    ldh_upper_limit
        Upper limit of normal [U/L] where a value of lactate dehydrogenase prints none of its own;
        none: such a value cannot be judged.
    """

    ldh_upper_limit: float | None = Field(None, gt=0, allow_inf_nan=False)


def derive_international_prognostic_index(
    patients: Patients, parameters: PrognosticIndexParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the score of every patient (value, 0 to 5) and the group of risk (label).

    One point each for age, lactate dehydrogenase, performance status, stage and extranodal sites. A
    missing item leaves the score open; the group is told where every score that stays possible
    means the same. [shipp1993]

    Parameters
    ----------
    patients
        The five tables; `subjects`, `labs` and `assessments` are read.
    parameters
        Where the stage comes from, the window [d], and the limit of lactate dehydrogenase [U/L].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` the score, `label` the group, `lowest` and `highest` the scores
        that stay possible, `reason`.

    Examples
    --------
    >>> items = pl.DataFrame({"scale": ["lymphoma", "lymphoma", "performance"],
    ...                       "item": ["stage", "extranodal_sites", "ecog"],
    ...                       "value": ["III", "0", "1"]})
    >>> ldh = pl.DataFrame({"subject": ["1"], "day": [-5.0], "analyte": ["ldh"], "value": [300.0],
    ...                     "unit": ["U/L"], "upper_limit": [250.0]})
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"], "age_years": [61.0]}), labs=ldh,
    ...     assessments=items.with_columns(subject=pl.lit("1"), day=-5.0),
    ... )
    >>> rows = derive_international_prognostic_index(patients, PrognosticIndexParameters())
    >>> rows.select("value", "label").row(0)
    (3.0, 'high-intermediate')
    """
    rows = patients.subjects.select("subject")
    for frame in _factors(patients, parameters):
        each = frame.unique("subject", keep="first", maintain_order=True)
        rows = rows.join(each, on="subject", how="left", maintain_order="left")
    least, most = (
        pl.sum_horizontal(pl.col(f"{name}_{end}").fill_null(missing) for name in _FACTORS)
        for end, missing in (("least", 0), ("most", 1))
    )
    seen = pl.any_horizontal(
        pl.col(f"{name}_words").is_not_null() for name in _FACTORS if name != "age"
    )
    rows = rows.with_columns(least.alias("lowest"), most.alias("highest"), seen.alias("seen"))
    decided = decide(rows, _cases(parameters.window), reasons=reasons)
    told = pl.col("lowest") == pl.col("highest")
    bounds = [
        pl.when("seen").then(end).cast(pl.Float64).alias(end) for end in ("lowest", "highest")
    ]
    return decided.select(
        "subject",
        pl.when(told & pl.col("seen")).then("lowest").cast(pl.Float64).alias("value"),
        "label",
        *bounds,
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _factors(patients: Patients, p: PrognosticIndexParameters) -> list[pl.DataFrame]:
    """Per factor the fewest and the most points, and its value in words."""
    rules = read_criteria(CRITERIA).rules
    years = pl.col("age_years").fill_nan(None).floor()
    age = patients.subjects.select("subject", years.alias("age")).drop_nulls("age")
    items = find_nearest_items(patients, "performance", ("ecog",), p.window)
    ecog = items.select("subject", whole_number("ecog")).drop_nulls("ecog")
    stages = derive_stages(patients, p)
    return [
        _score(age, "age", pl.col("age") > rules["age_above"], number_text("age")),
        _score_ldh(patients, p),
        _score(ecog, "ecog", pl.col("ecog") >= rules["ecog_from"], number_text("ecog")),
        stages.select(
            "subject",
            (pl.col("least") >= rules["stage_from"]).cast(pl.Int64).alias("stage_least"),
            (pl.col("most") >= rules["stage_from"]).cast(pl.Int64).alias("stage_most"),
            pl.coalesce("possible", pl.lit("unclear")).alias("stage_words"),
        ),
        _score_sites(patients, p.window),
    ]


def _score(rows: pl.DataFrame, name: str, holds: pl.Expr, words: pl.Expr) -> pl.DataFrame:
    return rows.select(
        "subject",
        holds.cast(pl.Int64).alias(f"{name}_least"),
        holds.cast(pl.Int64).alias(f"{name}_most"),
        words.alias(f"{name}_words"),
    )


def _score_ldh(patients: Patients, p: PrognosticIndexParameters) -> pl.DataFrame:
    """Points of lactate dehydrogenase against its limit; a bound may leave them open."""
    times = read_criteria(CRITERIA).rules["ldh_above_upper_limit_times"]
    days = (p.window.first, p.window.last)
    daily = derive_daily_values(patients.labs, "ldh", "highest", inside=days)
    nearest = find_nearest(daily, p.window)
    limit = pl.coalesce("upper_limit", pl.lit(p.ldh_upper_limit, pl.Float64))
    value, bound = pl.col("value").round_sig_figs(15), pl.col("bound")
    cut = (limit * times).round_sig_figs(15)
    up = bound.is_in(UP).fill_null(value=False)
    # `>250` lies above 250, `<300` below 300: at the limit itself the one is raised, the other not
    surely = (
        pl.when(bound.is_null() | (bound == "at least"))
        .then(value > cut)
        .when(bound == "above")
        .then(value >= cut)
        .otherwise(pl.when(cut.is_not_null()).then(pl.lit(value=False)))
    )
    possibly = pl.when(up & cut.is_not_null()).then(pl.lit(value=True)).otherwise(value > cut)
    known = pl.when(limit.is_null()).then(pl.lit("no upper limit"))
    against = known.otherwise(pl.format("limit {}", number_text(limit)))
    return nearest.select(
        "subject",
        surely.cast(pl.Int64).alias("ldh_least"),
        possibly.cast(pl.Int64).alias("ldh_most"),
        pl.format("{}{} U/L, {}", write_bound(bound), number_text("value"), against).alias(
            "ldh_words"
        ),
    )


def _score_sites(patients: Patients, window: Window) -> pl.DataFrame:
    """Points of extranodal sites; `none` and `single` tell their number too."""
    above = read_criteria(CRITERIA).rules["extranodal_sites_above"]
    items = ("extranodal_sites", "extranodal")
    told = pl.col("extranodal").replace_strict(
        {"none": 0, "single": 1}, default=None, return_dtype=pl.Int64
    )
    count = pl.coalesce(whole_number("extranodal_sites"), told)
    found = find_nearest_items(patients, SCALE, items, window)
    rows = found.select("subject", count.alias("sites")).drop_nulls("sites")
    return _score(rows, "sites", pl.col("sites") > above, number_text("sites"))


def _cases(window: Window) -> list[Case]:
    lowest, highest = pl.col("lowest"), pl.col("highest")
    groups = {
        int(score): str(group["label"])
        for group in read_criteria(CRITERIA).rules["groups"]
        for score in group["scores"]
    }
    least, most = (
        end.replace_strict(groups, default=None, return_dtype=pl.String)
        for end in (lowest, highest)
    )
    items = pl.concat_str(map(_say, _FACTORS), separator=", ")
    closed = pl.format("{}: score {}", items, lowest)
    opened = pl.format("{}: a score of {} to {} is possible", items, lowest, highest)
    words = pl.when(lowest == highest).then(closed).otherwise(opened)
    listed = "lactate dehydrogenase, performance status, stage or extranodal sites"
    return [
        Case(~pl.col("seen"), None, f"no {listed} {name_window(window)}"),
        Case(least != most, None, words),
        Case(pl.lit(value=True), least, words),
    ]


def _say(name: str) -> pl.Expr:
    """A factor, its value and its points in words."""
    least, most, said = (pl.col(f"{name}_{end}") for end in ("least", "most", "words"))
    points = pl.when(least == most).then(least.cast(pl.String)).otherwise(pl.lit("0 or 1"))
    told = pl.format(f"{_FACTORS[name]} {{}} ({{}})", said, points.fill_null("0 or 1"))
    return told.fill_null(f"{_FACTORS[name]} not recorded")


def _needs(parameters: PrognosticIndexParameters) -> tuple[Need, ...]:
    return (
        Need("labs", ("ldh",)),
        Need("assessments", ("performance.ecog",)),
        *parameters.stage_needs,
        Need("assessments", (f"{SCALE}.extranodal_sites", f"{SCALE}.extranodal")),
    )


INTERNATIONAL_PROGNOSTIC_INDEX = Endpoint(
    name="international_prognostic_index",
    title="International prognostic index (IPI)",
    kind="grade",
    parameters=PrognosticIndexParameters,
    derive=derive_international_prognostic_index,
    needs=_needs,
    criteria=CRITERIA,
    labels=LABELS,
)
