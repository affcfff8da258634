import numpy as np
import pytest

from stromal.simulate.observe import measure, miss, read_measurements
from stromal.simulate.streams import Streams
from stromal.tables.vocabulary.analytes import ANALYTES

STREAMS = Streams(1, np.arange(20_000))


@pytest.mark.parametrize("analyte", read_measurements())
def test_measured_analytes_are_of_the_vocabulary(analyte):
    assert analyte in ANALYTES


def test_the_error_has_the_stated_size_and_the_truth_for_its_median():
    values, below = measure("haemoglobin", 3.0, np.full(20_000, 120.0), STREAMS)
    assert np.median(values) == 120
    assert np.log(values).std() == pytest.approx(np.hypot(0.025, 0.015), rel=0.03)
    assert not below.any()


def test_values_below_the_limit_are_the_limit_and_say_so():
    values, below = measure("neutrophils", 3.0, np.full(20_000, 1e-5), STREAMS)
    assert (values == 0.01).all()
    assert below.all()


def test_another_day_has_another_error_and_the_same_day_the_same():
    true = np.full(20_000, 120.0)
    first, again, other = (measure("haemoglobin", day, true, STREAMS)[0] for day in (1, 1, 2))
    assert (first == again).all()
    assert abs(np.corrcoef(first, other)[0, 1]) < 0.03


def test_what_moves_over_weeks_is_shared_by_days_that_are_near():
    true = np.full(20_000, 3.0)
    days = (1, 2, 8, 30)
    first, *others = (np.log(measure("neutrophils", day, true, STREAMS)[0]) for day in days)
    near, week, month = (np.corrcoef(first, other)[0, 1] for other in others)
    assert near > week + 0.1 > month + 0.1
    assert abs(month) < 0.03


@pytest.mark.parametrize("day", [0.0, 2.5, 6.9, 7.0])
def test_every_day_of_a_week_has_the_same_spread(day):
    values, _ = measure("leukocytes", day, np.full(20_000, 400.0), STREAMS)
    assert np.log(values).std() == pytest.approx(np.sqrt(0.094**2 + 0.126**2 + 0.03**2), rel=0.03)


def test_a_share_of_samples_is_missing():
    assert miss(0, 7.0, 0.2, STREAMS).mean() == pytest.approx(0.2, abs=0.01)


def test_an_analyte_that_is_not_listed_is_measured_exactly():
    values, _ = measure("igg", 1.0, np.full(20_000, 9.25), STREAMS)
    assert (values == 9.25).all()
