"""Values as rules read them: bounds, one a day."""

from __future__ import annotations

import math

import polars as pl
import pytest
from tests.unit.endpoints.counted import lab, platelets, read_count, table

from stromal.endpoints.records.labs import (
    SIGNS,
    derive_daily_values,
    is_below,
    keep_first_of_day,
    least_and_most,
    write_bound,
)


def one(count, expression):
    value, bound = read_count(count)
    schema = {"value": pl.Float64, "bound": pl.String}
    frame = pl.DataFrame({"value": [value], "bound": [bound]}, schema=schema)
    return frame.select(expression(pl.col("value"), pl.col("bound"))).item()


@pytest.mark.parametrize(
    ("count", "below"),
    [
        (0.4, True),
        (0.5, False),
        (None, None),
        ("<0.1", True),
        ("<0.5", True),
        ("<0.6", None),
        (">0.4", None),
        (">0.5", False),
        (">9", False),
    ],
)
def test_a_bound_is_below_a_cut_where_it_decides(count, below):
    assert one(count, lambda value, bound: is_below(pl.lit(0.5), value, bound)) is below


@pytest.mark.parametrize(
    ("count", "least", "most"),
    [(7, 7, 7), ("<7", 0, 7), (">7", 7, math.inf), (None, 0, math.inf)],
)
def test_what_a_count_can_be(count, least, most):
    assert one(count, lambda *given: least_and_most(*given)[0]) == least
    assert one(count, lambda *given: least_and_most(*given)[1]) == most


def test_signs_of_bounds():
    assert [one(count, lambda _, bound: write_bound(bound)) for count in ("<1", ">1", 1)] == [
        "< ",
        "> ",
        "",
    ]


COUNTS = platelets((3.2, 20), (3.7, 15), (-2, 9), (1, 30))


@pytest.mark.parametrize(("same_day", "value"), [("lowest", 15), ("highest", 20)])
def test_of_several_values_on_one_day_one_is_kept(same_day, value):
    daily = derive_daily_values(COUNTS, "platelets", same_day)
    assert daily["value"].to_list() == [9, 30, value]


@pytest.mark.parametrize(
    ("counts", "same_day", "kept"),
    [
        (["<20", 15], "lowest", "at most"),
        (["<20", "<15"], "lowest", "below"),
        (["<20", 25], "highest", None),
        ([">900", 950], "highest", "at least"),
        ([">900", 950], "lowest", "above"),
        ([None, 950], "lowest", None),
    ],
)
def test_a_bound_counts_as_what_it_can_be(counts, same_day, kept):
    labs = platelets(*((1.1 + at / 10, count) for at, count in enumerate(counts)))
    daily = derive_daily_values(labs, "platelets", same_day, empty=True)
    assert daily["bound"].to_list() == [kept]
    assert daily["value"].is_not_null().all()


@pytest.mark.parametrize(
    ("counts", "same_day", "ends"),
    [
        (["<20", 15], "lowest", (0, 15)),
        ([15, "<20"], "lowest", (0, 15)),
        (["<20", "<15"], "lowest", (0, 15)),
        (["<20", None], "lowest", (0, 20)),
        ([">900", 950], "highest", (950, math.inf)),
        (["<20", 25], "highest", (25, 25)),
    ],
)
def test_a_bound_is_no_wider_than_the_other_values_of_its_day(counts, same_day, ends):
    labs = platelets(*((1.1 + at / 10, count) for at, count in enumerate(counts)))
    daily = derive_daily_values(labs, "platelets", same_day, empty=True)
    assert daily.select("least", "most").row(0) == ends


def test_days_without_a_value_are_kept_where_asked_for():
    labs = pl.concat([platelets((1, 20), (2, None)), table(lab("platelets", 9, "10^9/L", day=3))])
    other = labs.with_columns(
        pl.when(pl.col("day") == 3).then(pl.lit("g/L")).otherwise("unit").alias("unit")
    )
    assert derive_daily_values(other, "platelets")["day"].to_list() == [1]
    daily = derive_daily_values(other, "platelets", empty=True)
    assert daily.select("day", "value", "least", "most").rows() == [
        (1, 20, 20, 20),
        (2, None, 0, math.inf),
        (3, None, 0, math.inf),
    ]


def test_first_of_every_day_and_series():
    rows = pl.DataFrame({"subject": ["a", "a", "b", "b"], "day": [1.0, 1.5, 1.6, 2.0]})
    assert keep_first_of_day(rows)["day"].to_list() == [1, 1.6, 2]


@pytest.mark.parametrize(
    ("value", "bound", "below"),
    [
        (0.5, "below", True),
        (0.5, "at most", None),
        (0.4, "at most", True),
        (0.6, "at most", None),
        (0.5, "above", False),
        (0.5, "at least", False),
        (0.4, "at least", None),
    ],
)
def test_a_limit_that_can_be_reached_is_told_from_one_that_cannot(value, bound, below):
    frame = pl.DataFrame({"value": [value], "bound": [bound]})
    found = frame.select(is_below(pl.lit(0.5), pl.col("value"), pl.col("bound")))
    assert found.to_series().to_list() == [below]
    assert frame.select(write_bound(pl.col("bound"))).item() == f"{SIGNS[bound]} "


def test_the_value_of_a_day_does_not_hang_on_the_order_of_rows():
    rows = [lab("platelets", 50, "10^9/L"), lab("platelets", 50, "10^9/L") | {"bound": "at least"}]
    for ordered in (rows, rows[::-1]):
        for kept, bound in (("lowest", None), ("highest", "at least")):
            assert derive_daily_values(table(*ordered), "platelets", kept)["bound"].item() == bound
