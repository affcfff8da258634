from stromal.estimates.estimate import Estimate
from stromal.estimates.trend import Trend


def test_a_trend_that_cannot_be_tested_keeps_its_reason():
    trend = Trend(None, None, Estimate(None), (3, 0), "test", (), "nobody had the event")
    assert (trend.p_value, trend.reason) == (None, "nobody had the event")
