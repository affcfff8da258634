"""`car_hematotox`: the risk of haematotoxicity from five values before lymphodepletion."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Parameters
from stromal.endpoints.records.labs import derive_daily_values, label_analyte, write_bound
from stromal.endpoints.records.words import amount_text, name_window
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.windows import Window, find_nearest

CRITERIA = "car_hematotox_2021"
LABELS = (
    Label("low", "a low risk of haematotoxicity", rank=0, tone="good"),
    Label("high", "a high risk of haematotoxicity", rank=1, tone="poor"),
)
_DIGITS = 15
_WITHIN = 1e-9


def _default() -> Window:
    return Window.model_validate(read_criteria(CRITERIA).rules["window"])


class CarHematotoxParameters(Parameters):
    """The days on which the values count.

    Parameters
    ----------
    window
        Day [d], and the days around it that still count; a visit gives it. The value nearest to the
        day is taken.
    """

    window: Window = Field(default_factory=_default)


def derive_car_hematotox(
    patients: Patients, parameters: CarHematotoxParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the score of every patient (value, 0 to 7) and the risk that it means (label).

    A value that is missing leaves the score open; the risk is told where every score that stays
    possible means the same.

    Parameters
    ----------
    patients
        The five tables; `subjects` and `labs` are read, in internal units.
    parameters
        The window [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` the score, `label` low or high, `lowest` and `highest` the
        scores that stay possible.

    Examples
    --------
    >>> values = {"platelets": 60.0, "neutrophils": 0.7, "haemoglobin": 85.0, "crp": 2.4,
    ...           "ferritin": 1400.0}
    >>> units = ["10^9/L", "10^9/L", "g/L", "mg/dL", "ng/mL"]
    >>> labs = pl.DataFrame({"subject": "1", "day": -6.0, "analyte": list(values),
    ...                      "value": list(values.values()), "unit": units})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=labs)
    >>> derive_car_hematotox(patients, CarHematotoxParameters()).select("value", "label").row(0)
    (5.0, 'high')
    """
    rows = patients.subjects.select("subject")
    for item in _items():
        rows = rows.join(
            _score(patients, item, parameters.window),
            on="subject",
            how="left",
            maintain_order="left",
        )
    names = [str(item["analyte"]) for item in _items()]
    rows = rows.with_columns(
        pl.sum_horizontal(pl.col(f"{name}_least").fill_null(0) for name in names).alias("lowest"),
        pl.sum_horizontal(
            pl.col(f"{item['analyte']}_most").fill_null(_most(item)) for item in _items()
        ).alias("highest"),
        pl.sum_horizontal(pl.col(f"{name}_least").is_not_null() for name in names).alias("seen"),
    )
    decided = decide(rows, _cases(parameters.window), reasons=reasons)
    told = pl.col("lowest") == pl.col("highest")
    return decided.select(
        "subject",
        pl.when(told).then("lowest").cast(pl.Float64).alias("value"),
        "label",
        pl.col("lowest").cast(pl.Float64),
        pl.col("highest").cast(pl.Float64),
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


@cache
def _items() -> tuple[Mapping[str, Any], ...]:
    return tuple(read_criteria(CRITERIA).rules["items"])


def _most(item: Mapping[str, Any]) -> int:
    return max(int(step["points"]) for step in item["points"])


def _points(item: Mapping[str, Any], value: pl.Expr) -> pl.Expr:
    """Points of a value; the first step that holds."""
    tests = {
        "below": value.__lt__,
        "at_most": value.__le__,
        "above": value.__gt__,
        "at_least": value.__ge__,
    }
    steps = [
        pl.when(test(step[name])).then(pl.lit(step["points"], pl.Int64))
        for step in item["points"]
        for name, test in tests.items()
        if name in step
    ]
    return pl.when(value.is_not_null()).then(pl.coalesce(*steps, pl.lit(0, pl.Int64)))


def _score(patients: Patients, item: Mapping[str, Any], window: Window) -> pl.DataFrame:
    """The fewest and the most points of an item, and its value in words."""
    name = str(item["analyte"])
    worst = item.get("same_day", "lowest")
    days = (window.first, window.last)
    nearest = find_nearest(derive_daily_values(patients.labs, name, worst, inside=days), window)
    bound = pl.col("bound")
    # `<1.2` is not 1.2, and `>2000` not 2000
    inner = {"least": ("above", 1 + _WITHIN), "most": ("below", 1 - _WITHIN)}
    ends = [
        _points(
            item,
            pl.when(bound.eq_missing(pl.lit(strict)))
            .then(pl.col(end) * factor)
            .otherwise(end)
            .round_sig_figs(_DIGITS),
        )
        for end, (strict, factor) in inner.items()
    ]
    least, most = pl.min_horizontal(ends), pl.max_horizontal(ends)
    points = pl.when(least == most).then(least.cast(pl.String))
    said = pl.format(
        f"{label_analyte(name)} {{}}{{}} ({{}})",
        write_bound(pl.col("bound")),
        amount_text("value", "unit"),
        points.otherwise(pl.format("{} to {}", least, most)),
    )
    return nearest.select(
        "subject",
        least.alias(f"{name}_least"),
        most.alias(f"{name}_most"),
        said.alias(f"{name}_words"),
    )


def _cases(window: Window) -> list[Case]:
    high = int(read_criteria(CRITERIA).rules["high_from"])
    lowest, highest = pl.col("lowest"), pl.col("highest")
    risk = pl.when(lowest >= high).then(pl.lit("high")).otherwise(pl.lit("low"))
    names = [str(item["analyte"]) for item in _items()]
    items = pl.concat_str(
        [
            pl.col(f"{name}_words").fill_null(f"{label_analyte(name)} not measured")
            for name in names
        ],
        separator=", ",
    )
    score = pl.when(lowest == highest).then(pl.format("score {}", lowest))
    words = pl.concat_str(items, pl.lit(": "), score.otherwise(_possible(lowest, highest)))
    listed = ", ".join(label_analyte(name) for name in names)
    return [
        Case(pl.col("seen") == 0, None, f"no {listed} {name_window(window)}"),
        Case((lowest < high) & (highest >= high), None, words),
        Case(pl.lit(value=True), risk, words),
    ]


def _possible(lowest: pl.Expr, highest: pl.Expr) -> pl.Expr:
    return pl.format("a score of {} to {} is possible", lowest, highest)


def _needs(parameters: CarHematotoxParameters) -> tuple[Need, ...]:
    del parameters
    return tuple(Need("labs", (str(item["analyte"]),)) for item in _items())


CAR_HEMATOTOX = Endpoint(
    name="car_hematotox",
    title="Risk of haematotoxicity before CAR-T cells (CAR-HEMATOTOX)",
    kind="grade",
    parameters=CarHematotoxParameters,
    derive=derive_car_hematotox,
    needs=_needs,
    criteria=CRITERIA,
    labels=LABELS,
)
