import pytest

from stromal.estimates.proportion import estimate_proportion


@pytest.mark.parametrize("interval", ["clopper-pearson", "wilson"])
def test_nobody_has_no_share(interval):
    share = estimate_proportion(0, 0, interval=interval)
    assert (share.value, share.low, share.high, share.n, share.events) == (None, None, None, 0, 0)


@pytest.mark.parametrize("interval", ["clopper-pearson", "wilson"])
@pytest.mark.parametrize("n", [1, 7, 300])
def test_shares_of_events_and_of_the_others_mirror_each_other(interval, n):
    for events in range(n + 1):
        one = estimate_proportion(events, n, interval=interval)
        other = estimate_proportion(n - events, n, interval=interval)
        assert (one.low, one.high) == pytest.approx((1 - other.high, 1 - other.low), abs=1e-12)
        assert 0 <= one.low <= one.value <= one.high <= 1


@pytest.mark.parametrize(("events", "n"), [(-1, 3), (4, 3)])
def test_more_events_than_patients_are_refused(events, n):
    with pytest.raises(ValueError, match=f"{events} events of {n} patients"):
        estimate_proportion(events, n)
