"""`febrile_neutropenia`: fever on a day with few neutrophils."""

from __future__ import annotations

from functools import cache
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Parameters
from stromal.endpoints.records.labs import derive_daily_values, is_below
from stromal.endpoints.records.words import number_text, window_words, write_number
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.analytes import ANALYTES
from stromal.tables.windows import Day, within

LABELS = (
    Label("0", "no febrile neutropenia", rank=0, tone="severity 0"),
    Label("3", "febrile neutropenia", rank=1, tone="severity 3"),
)


class FebrileNeutropeniaParameters(Parameters):
    """Which definition, and the window.

    Parameters
    ----------
    criteria
        CTCAE, or the guidelines for treatment, which draw the cut of neutrophils lower.
    from_day
        First day [d], included.
    to_day
        Last day [d], included; none: open.
    """

    criteria: Literal["febrile_neutropenia_ctcae", "febrile_neutropenia_guideline"] = (
        "febrile_neutropenia_ctcae"
    )
    from_day: Day = 0.0
    to_day: Day | None = None


_DIGITS_15 = 1e-14
"""What is more than a limit by less than this is the limit."""


class FeverRule(BaseModel):
    """What fever is, and how few neutrophils there must be beside it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    neutrophils_below: float
    single_above: float | None
    single_at_least: float | None
    sustained_at_least: float
    sustained_hours: float
    days_around: int
    grade: int

    def is_single(self, reading: pl.Expr, bound: pl.Expr) -> pl.Expr:
        """Tell whether one reading is fever; null where a bound or no value does not decide it."""
        cut = self.single_at_least
        if self.single_above is not None:
            cut = self.single_above * (1 + _DIGITS_15)
        return ~is_below(pl.lit(cut), reading, bound)


@cache
def read_fever_rule(criteria: str) -> FeverRule:
    """Read one definition of febrile neutropenia.

    Examples
    --------
    >>> read_fever_rule("febrile_neutropenia_ctcae").neutrophils_below
    1.0
    """
    return FeverRule.model_validate(read_criteria(criteria).rules)


def derive_febrile_neutropenia(
    patients: Patients, parameters: FebrileNeutropeniaParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive whether fever met few neutrophils in a window, one row per patient.

    Days of fever are fractions of days, so that readings of one day can span an hour.

    Parameters
    ----------
    patients
        The five tables; `subjects` and `labs` are read: temperature [degC] and neutrophils.
    parameters
        Definition and window [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` and `label` 3 or 0, `day` [d] of the fever, `reason`. Null
        where no temperature was taken, and where fever has no neutrophil count beside it that
        decides.

    Examples
    --------
    >>> labs = pl.DataFrame({"subject": "1", "day": [5.3, 5.0], "value": [38.6, 0.4],
    ...                      "analyte": ["temperature", "neutrophils"], "unit": ["degC", "10^9/L"]})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=labs)
    >>> given = FebrileNeutropeniaParameters()
    >>> derive_febrile_neutropenia(patients, given)["reason"].item()
    '38.6 degC on day 5.3, neutrophils 0.4 x 10^9/L on day 5'
    """
    p, rule = parameters, read_fever_rule(parameters.criteria)
    readings = _read_temperatures(patients, rule).filter(within(p.from_day, p.to_day))
    fevers = _count_beside(_find_fevers(readings, possible=False), patients, rule)
    # who surely has fever on a day is not asked whether he may have
    may_be = _find_fevers(readings, possible=True).join(fevers, on=["subject", "day"], how="anti")
    low, open_ = pl.col("low"), pl.col("low").is_null()
    met = fevers.filter(low).sort("day").unique("subject", keep="first", maintain_order=True)
    unclear = _first(fevers.filter(open_), "unclear_on")
    unsure = _first(_count_beside(may_be, patients, rule).filter(low | open_), "unsure_on")
    rows = patients.subjects.select("subject")
    for frame in (
        readings.group_by("subject").agg(pl.col("value").max().alias("highest_reading")),
        fevers.group_by("subject").agg(pl.col("day").min().alias("fever_on")),
        met.select("subject", "day", "reading", "count", "count_day"),
        unclear,
        unsure,
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    values = {"0": 0.0, str(rule.grade): float(rule.grade)}
    decided = decide(rows, _cases(p, rule), values, reasons=reasons)
    return decided.select(
        "subject",
        "value",
        "label",
        "day",
        "lowest",
        "highest",
        "reason",
        pl.lit(read_criteria(p.criteria).title).alias("criteria"),
    )


def _first(fevers: pl.DataFrame, name: str) -> pl.DataFrame:
    return fevers.group_by("subject").agg(pl.col("day").min().alias(name))


def _read_temperatures(patients: Patients, rule: FeverRule) -> pl.DataFrame:
    """All readings in degC in order of time: `single`, `warm`; null where they do not decide."""
    unit = pl.col("unit") == ANALYTES["temperature"].unit
    asked = (pl.col("analyte") == "temperature") & pl.col("day").is_not_null()
    value = pl.when(unit).then(pl.col("value").fill_nan(None).round_sig_figs(15))
    rows = patients.labs.filter(asked).select("subject", "day", "bound", value.alias("value"))
    # an empty reading beside another one of its day is none
    alone = pl.col("value").is_null().all().over("subject", pl.col("day").floor())
    kept = rows.filter(pl.col("value").is_not_null() | alone)
    reading, bound = pl.col("value"), pl.col("bound")
    return kept.sort("subject", "day", "value").with_columns(
        rule.is_single(reading, bound).alias("single"),
        (~is_below(pl.lit(rule.sustained_at_least), reading, bound)).alias("warm"),
        pl.lit(rule.sustained_hours).alias("hours"),
    )


def _find_fevers(readings: pl.DataFrame, *, possible: bool) -> pl.DataFrame:
    """Days of fever and the readings: single ones, and rows of them that last."""
    single = readings.filter(pl.col("single").fill_null(value=possible))
    runs = (
        readings.with_columns(pl.col("warm").fill_null(value=possible))
        .with_columns(pl.col("warm").rle_id().over("subject").alias("run"))
        .filter("warm")
        .group_by("subject", "run")
        .agg(
            pl.col("day").min(),
            pl.col("day").max().alias("until"),
            pl.col("value").max(),
            pl.col("hours").first(),
        )
    )
    # a minute less, because times of day are rounded
    lasts = (pl.col("until") - pl.col("day")) * 24 >= pl.col("hours") - 1 / 60
    return pl.concat(
        [
            single.select("subject", "day", "value"),
            runs.filter(lasts).select("subject", "day", "value"),
        ]
    ).rename({"value": "reading"})


def _count_beside(fevers: pl.DataFrame, patients: Patients, rule: FeverRule) -> pl.DataFrame:
    """Whether neutrophils were low beside each fever (`low`); null where that cannot be told."""
    daily = derive_daily_values(patients.labs, "neutrophils", empty=True).select(
        "subject",
        pl.col("day").floor().alias("_whole"),
        pl.col("day").alias("count_day"),
        pl.col("value").alias("count"),
        "most",
        is_below(
            pl.lit(rule.neutrophils_below), pl.col("value").round_sig_figs(15), pl.col("bound")
        ).alias("_below"),
    )
    around = pl.int_ranges(-rule.days_around, rule.days_around + 1).alias("_offset")
    near = (
        fevers.with_row_index("_fever")
        .with_columns(around)
        .explode("_offset")
        .with_columns((pl.col("day").floor() + pl.col("_offset")).alias("_whole"))
        .join(daily, on=["subject", "_whole"], how="left")
    )
    counted = pl.col("count_day").is_not_null()
    surely, possibly = pl.col("_below"), counted & pl.col("_below").is_null()
    lowest = pl.col("count", "count_day").sort_by("most", nulls_last=True).first()
    told = (
        pl.when(surely.any())
        .then(pl.lit(value=True))
        .when(counted.any() & ~possibly.any())
        .then(pl.lit(value=False))
    )
    return near.group_by("_fever", maintain_order=True).agg(
        pl.col("subject", "day", "reading").first(), lowest, told.alias("low")
    )


def _cases(p: FebrileNeutropeniaParameters, rule: FeverRule) -> list[Case]:
    fever = pl.format("{} degC on day {}", number_text("reading"), number_text("day"))
    beside = pl.format(
        "neutrophils {} x 10^9/L on day {}", number_text("count"), number_text("count_day")
    )
    window = window_words(p.from_day, p.to_day)
    open_ = pl.format(
        "fever on day {}, without a neutrophil count beside it that decides",
        number_text("unclear_on"),
    )
    unsure = pl.format(
        "the temperature on day {} is missing, or a bound that does not decide",
        number_text("unsure_on"),
    )
    cool = pl.format(f"no fever {window}, highest {{}} degC", number_text("highest_reading"))
    enough = pl.format(
        "fever on day {}, neutrophils not below "
        f"{write_number(rule.neutrophils_below)} x 10^9/L beside it",
        number_text("fever_on"),
    )
    grade = str(rule.grade)
    return [
        Case(
            pl.col("highest_reading").is_null(),
            None,
            f"no temperature {window}",
            possible=("0", grade),
        ),
        Case(pl.col("day").is_not_null(), grade, pl.concat_str(fever, pl.lit(", "), beside)),
        Case(pl.col("unclear_on").is_not_null(), None, open_, possible=("0", grade)),
        Case(pl.col("unsure_on").is_not_null(), None, unsure, possible=("0", grade)),
        Case(pl.col("fever_on").is_not_null(), "0", enough),
        Case(pl.lit(value=True), "0", cool),
    ]


def _needs(parameters: FebrileNeutropeniaParameters) -> tuple[Need, ...]:
    del parameters
    return (Need("labs", ("temperature",)), Need("labs", ("neutrophils",)))


def _criteria(parameters: FebrileNeutropeniaParameters) -> Criteria:
    return read_criteria(parameters.criteria)


FEBRILE_NEUTROPENIA = Endpoint(
    name="febrile_neutropenia",
    title="Febrile neutropenia",
    kind="grade",
    parameters=FebrileNeutropeniaParameters,
    derive=derive_febrile_neutropenia,
    needs=_needs,
    criteria=_criteria,
    labels=LABELS,
)
