import polars as pl
import pytest

from stromal.estimates.median import estimate_median
from tests.reference.recorded import read_data, read_recorded

RECORDED = read_recorded("median")


@pytest.mark.parametrize("column", RECORDED["case"].unique(maintain_order=True))
def test_median_quartiles_and_range_are_those_of_r(column):
    lung, veteran = read_data("survival_lung"), read_data("survival_veteran")
    values: pl.Series = (lung if column in ("meal.cal", "wt.loss") else veteran)[column]
    ours = estimate_median(values)
    for quantity, value in RECORDED.filter(case=column).select("quantity", "value").iter_rows():
        assert getattr(ours, quantity) == pytest.approx(value, rel=1e-14)
