import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stromal.estimates.risk_sets import AtRisk, add_up, count_cells
from stromal.estimates.times import read_times

PATIENT = st.tuples(st.integers(1, 8), st.integers(0, 1), st.integers(0, 6), st.integers(0, 1))


def cells_of(patients):
    frame = pl.DataFrame(
        patients,
        schema={"day": pl.Float64, "status": pl.Int64, "entry_day": pl.Float64, "x": pl.Float64},
        orient="row",
    )
    times = read_times(frame)
    return times, count_cells(times, frame["x"].to_numpy()[times.kept][:, None])


def test_alike_patients_are_counted_together_and_in_one_order():
    rows = [(5, 1, 0, 1), (3, 0, 0, 0), (5, 1, 0, 1)]
    one, other = cells_of(rows)[1], cells_of(rows[::-1])[1]
    assert one.count.tolist() == other.count.tolist() == [1, 2]
    assert one.values.tolist() == other.values.tolist()


def test_patients_of_different_clusters_stay_apart():
    times = read_times(pl.DataFrame({"day": [5.0, 5.0], "status": [1, 1]}))
    cells = count_cells(times, np.zeros((2, 1)), apart=np.array([0, 1]))
    assert sorted(cells.row.tolist()) == [0, 1]


@settings(max_examples=60)
@given(st.lists(PATIENT, min_size=1, max_size=12))
def test_sums_over_risk_sets_are_those_by_hand(patients):
    times, cells = cells_of(patients)
    if not times.n:
        return
    risk = AtRisk(cells)
    gathered = risk.gather((cells.count * 1.0)[:, None])[:, 0]
    assert gathered.tolist() == times.at_risk.tolist()
    weights = np.arange(1.0, cells.slots + 1)
    spread = risk.spread(weights[:, None])[:, 0]
    # A sum over cells of what slots give is a sum over slots of what cells give.
    assert float(spread @ cells.count) == pytest.approx(float(weights @ gathered))


def test_strata_are_apart():
    times = read_times(pl.DataFrame({"day": [5.0, 3.0], "status": [1, 1]}))
    cells = count_cells(times, np.zeros((2, 1)), np.array([0, 1]))
    gathered = AtRisk(cells).gather(cells.count[:, None])[:, 0].reshape(2, -1)
    assert gathered.tolist() == [[1, 1, 1], [1, 1, 0]]


def test_rows_add_up_by_place():
    assert add_up(np.array([[1.0], [2.0], [4.0]]), np.array([1, 0, 1]), 3).tolist() == [
        [2],
        [5],
        [0],
    ]
