import polars as pl
import pytest

from stromal.estimates.time_in_states import (
    compare_time_in_state,
    compare_times_in_state,
    estimate_time_in_states,
)


def stays(*rows):
    schema = ("subject", "entry_day", "day", "state", "into")
    types = {"subject": pl.Int64, "entry_day": pl.Float64, "day": pl.Float64,
             "state": pl.String, "into": pl.String}  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row") if rows else pl.DataFrame(schema=types)
    return frame.cast(types)


WELL = stays((1, 0, 10, "well", "dead"), (2, 0, 20, "well", None))
LATER = stays((3, 0, 4, "well", "dead"), (4, 0, 20, "well", None))

ALIKE = stays((5, 0, 20, "well", None))


def test_without_anybody_leaving_early_it_is_the_mean_of_days():
    found = estimate_time_in_states(WELL, 20)
    assert found.times["well"].value == pytest.approx((10 + 20) / 2)
    assert found.times["dead"].value == pytest.approx(5)


def test_nobody_followed_so_far_is_not_estimable():
    assert estimate_time_in_states(WELL, 30).reason == "nobody was followed to its last day"
    assert estimate_time_in_states(stays(), 30).reason == (
        "nobody was under observation after the start"
    )
    assert estimate_time_in_states(WELL, 0).reason == "it ends on the day of the start or before"


def test_where_all_have_reached_the_last_state_it_goes_on():
    dead = stays((1, 0, 10, "well", "dead"), (2, 0, 20, "well", "dead"))
    assert estimate_time_in_states(dead, 30).times["dead"].value == pytest.approx(15)


def test_a_difference_is_that_of_the_two_means_and_its_test_the_square():
    one, other = (estimate_time_in_states(rows, 20) for rows in (WELL, LATER))
    effect, reason = compare_time_in_state(one, other, "well")
    assert not reason
    assert effect.value == pytest.approx(3)
    test = compare_times_in_state([one, other], "well")
    error = (effect.high - effect.low) / 2 / 1.9599639845400545
    assert test.statistic == pytest.approx((3 / error) ** 2)


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        ([WELL], "there are no two groups"),
        ([WELL, stays()], "nobody was under observation after the start"),
        (
            [WELL, stays((5, 0, 20, "well", None))],
            "times do not differ between the patients of a group",
        ),
    ],
)
def test_what_cannot_be_tested_says_why(groups, reason):
    found = compare_times_in_state([estimate_time_in_states(rows, 20) for rows in groups], "well")
    assert (found.statistic, found.p_value, found.reason) == (None, None, reason)


def test_a_difference_from_nobody_says_why():
    both = (estimate_time_in_states(rows, 20) for rows in (WELL, stays()))
    effect, reason = compare_time_in_state(*both, "well")
    assert effect.value is None
    assert reason == "nobody was under observation after the start"
