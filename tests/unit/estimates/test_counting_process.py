import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from stromal.estimates.counting_process import split_times


def split(outcome, on, end=None):
    names = ("day", "status", "entry_day")
    outcomes = pl.DataFrame([outcome], schema=names, orient="row")
    switches = pl.DataFrame({"x": [on]}, schema={"x": pl.Float64})
    ends = pl.DataFrame({"x": [end]}, schema={"x": pl.Float64})
    found = split_times(outcomes, switches, ends)
    rows = found.outcomes.select("entry_day", "day", "status").rows()
    return [(*row, on) for row, on in zip(rows, found.covariates["x"], strict=True)]


def test_a_covariate_is_off_up_to_its_day_and_on_after_it():
    assert split((9.0, 1, None), 4.0) == [(None, 4.0, 0, False), (4.0, 9.0, 1, True)]


def test_an_event_of_the_same_day_happened_while_it_was_off():
    assert split((9.0, 1, None), 9.0) == [(None, 9.0, 1, False)]
    assert split((9.0, 1, None), 20.0) == [(None, 9.0, 1, False)]


def test_what_came_before_the_entry_is_on_from_the_beginning():
    assert split((9.0, 1, 5.0), 4.0) == [(5.0, 9.0, 1, True)]
    assert split((9.0, 1, 5.0), 5.0) == [(5.0, 9.0, 1, True)]
    assert split((9.0, 1, None), 0.0) == [(None, 9.0, 1, True)]


def test_after_its_follow_up_a_covariate_is_not_known():
    assert split((9.0, 1, None), None, 6.0) == [(None, 6.0, 0, False), (6.0, 9.0, 1, None)]
    assert split((9.0, 1, None), None, 0.0) == [(None, 9.0, 1, None)]
    assert split((9.0, 1, None), 3.0, 6.0)[-1] == (6.0, 9.0, 1, True)


def test_a_patient_without_a_time_keeps_one_row():
    assert split((None, None, None), 4.0) == [(None, None, None, False)]


DAYS = st.one_of(st.none(), st.integers(1, 12).map(float))


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 1), DAYS, DAYS), min_size=1))
def test_intervals_of_a_patient_add_up_to_the_time_and_events_stay(patients):
    outcomes = pl.DataFrame(
        {"day": [float(row[0]) for row in patients], "status": [row[1] for row in patients]}
    )
    columns = {name: [row[place] for row in patients] for name, place in (("x", 2), ("y", 3))}
    switches = pl.DataFrame(columns, schema={"x": pl.Float64, "y": pl.Float64})
    found = split_times(outcomes, switches)
    length = (pl.col("day") - pl.col("entry_day").fill_null(0.0)).sum()
    summed = found.outcomes.with_columns(row=found.row).group_by("row", maintain_order=True)
    assert summed.agg(length)["day"].to_list() == outcomes["day"].to_list()
    assert found.outcomes["status"].sum() == outcomes["status"].sum()
