import polars as pl
from tests.unit.analyses import many

from stromal.analyses.guards.hazards import guard_hazards

SURVIVAL = {"estimate": "survival", "endpoint": "survival", "by": "marker"}


def crossing():
    """Half of the marked die early and half late, all others in between."""
    number = pl.col("subject").cast(pl.Int64)
    marked = number % 2 == 1
    early = number % 4 == 1
    day = (
        pl.when(marked & early).then(5.0 + number / 10)
        .when(marked).then(300.0 + number)
        .otherwise(60.0 + number)
    )  # fmt: skip
    is_time = pl.col("endpoint") == "survival"
    return many.outcomes().with_columns(
        pl.when(is_time).then(day).otherwise("day").alias("day"),
        pl.when(is_time).then(1).otherwise("status").cast(pl.Int64).alias("status"),
    )


def test_crossing_hazards_are_warned_of_and_restricted_means_offered():
    (issue,) = guard_hazards(many.answers(SURVIVAL, frame=crossing()))
    assert issue.column == "analyses[0]"
    assert "do not look proportional" in issue.message
    assert "restricted_mean" in issue.hint


def test_hazards_without_a_sign_of_change_are_not():
    (answer,) = many.answers(SURVIVAL)
    assert answer.estimates.filter(statistic="proportional hazards p").height == 1
    assert list(guard_hazards([answer])) == []
