import polars as pl
import pytest

from stromal.estimates.time_in_states import (
    compare_time_in_state,
    compare_times_in_state,
    estimate_time_in_states,
)
from tests.reference.recorded import read_recorded
from tests.reference.state_occupation.test_state_occupation import courses

RECORDED = read_recorded("time_in_states")
CASES = RECORDED.select("case", "day").unique(maintain_order=True).rows()


def ours(case, until):
    stays = courses()
    if case != "all":
        stays = stays.filter(pl.col("group") == int(case[-1]))
    return estimate_time_in_states(stays, until)


@pytest.mark.parametrize(("case", "until"), CASES)
def test_times_and_errors_are_those_of_r(case, until):
    found = ours(case, until)
    for _, quantity, _, value in RECORDED.filter(case=case, day=until).rows():
        name, _, state = quantity.partition(" ")
        number = found.times[state].value if name == "value" else found.errors[state]
        assert number == pytest.approx(value, rel=1e-9, abs=1e-12), quantity
    assert sum(time.value for time in found.times.values()) == pytest.approx(until)


def test_differences_and_their_test_follow_from_the_errors_of_r():
    first, second = (
        {row[1]: row[3] for row in RECORDED.filter(case=f"group {group}").rows()}
        for group in (1, 2)
    )
    groups = [ours(f"group {group}", 365) for group in (1, 2)]
    difference, reason = compare_time_in_state(*groups, "recovered")
    assert not reason
    away = first["value recovered"] - second["value recovered"]
    error = (first["error recovered"] ** 2 + second["error recovered"] ** 2) ** 0.5
    assert difference.value == pytest.approx(away)
    assert difference.high - difference.value == pytest.approx(1.9599639845400545 * error)
    test = compare_times_in_state(groups, "recovered")
    assert test.statistic == pytest.approx((away / error) ** 2)
    assert test.degrees == 1
