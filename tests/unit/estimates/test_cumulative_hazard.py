import polars as pl

from stromal.estimates.cumulative_hazard import estimate_cumulative_hazard


def test_nobody_has_no_rows():
    found = estimate_cumulative_hazard(pl.DataFrame({"day": [], "status": []}))
    assert (found.n, found.table.height) == (0, 0)


def test_a_hazard_of_0_has_no_interval():
    found = estimate_cumulative_hazard(pl.DataFrame({"day": [5.0], "status": [0]}))
    assert found.table["hazard"].to_list() == [0, 0]
    assert found.table["low"].to_list() == [None, None]


def test_causes_add_up():
    outcomes = pl.DataFrame({"day": [1.0, 2.0, 2.0, 3.0], "status": [1, 2, 1, 0]})
    one, two, every = (
        estimate_cumulative_hazard(outcomes, event).table["hazard"] for event in (1, 2, None)
    )
    assert (one + two - every).abs().max() < 1e-15
