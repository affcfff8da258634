import polars as pl
import pytest
from scipy.special import ndtri

from stromal.estimates.cumulative_hazard import estimate_cumulative_hazard
from tests.reference.recorded import enter_late, outcomes_of, read_data, read_recorded, transplants

RECORDED = read_recorded("cumulative_hazard")


def estimated(case):
    bmt, lung = transplants(), read_data("survival_lung")
    causes = outcomes_of(bmt["day"], bmt["cause"])
    months = outcomes_of((lung["time"] / 30).ceil(), lung["status"] - 1)
    return {
        "bmt relapse": lambda: estimate_cumulative_hazard(causes, 1),
        "bmt death": lambda: estimate_cumulative_hazard(causes, 2),
        "bmt any": lambda: estimate_cumulative_hazard(causes),
        "bmt relapse late": lambda: estimate_cumulative_hazard(enter_late(causes), 1),
        "lung in months": lambda: estimate_cumulative_hazard(months),
    }[case]()


@pytest.mark.parametrize("case", RECORDED["case"].unique(maintain_order=True))
def test_hazards_are_those_of_r(case):
    table = estimated(case).table
    for _, quantity, day, value in RECORDED.filter(case=case).rows():
        row = table.row(by_predicate=pl.col("day") == day, named=True)
        assert row[quantity] == pytest.approx(value, rel=1e-10)


def test_the_interval_is_symmetric_around_the_logarithm():
    row = estimated("bmt any").table.row(50, named=True)
    assert row["low"] * row["high"] == pytest.approx(row["hazard"] ** 2)
    width = (row["high"] / row["low"]) ** (row["hazard"] / row["error"] / (2 * ndtri(0.975)))
    assert width == pytest.approx(2.718281828459045)
