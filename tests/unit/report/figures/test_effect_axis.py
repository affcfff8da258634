from math import exp, inf, log

import pytest

from stromal.report.figures.effect_axis import choose_axis, place_effect


def labels(axis):
    return [label for _, label in axis.ticks]


def test_ratios_lie_by_their_logarithm():
    assert place_effect(2.0, "ratio") == pytest.approx(-place_effect(0.5, "ratio"))
    assert place_effect(0.0, "ratio") == -inf


def test_shares_of_nobody_and_of_everybody_have_no_log_odds():
    assert [place_effect(share, "log-odds") for share in (0.0, 1.0)] == [-inf, inf]
    assert place_effect(0.75, "log-odds") == pytest.approx(log(3))


@pytest.mark.parametrize(
    "ends",
    [(0.9, 1.1), (0.3, 2.0), (0.01, 50.0), (1e-5, 1e4), (3.0, 8.0), (0.1, 0.2)],
)
def test_every_axis_of_ratios_holds_its_places_and_no_effect(ends):
    axis = choose_axis([log(end) for end in ends], "ratio")
    assert axis.low <= log(ends[0])
    assert log(ends[1]) <= axis.high
    assert "1" in labels(axis)
    assert 2 <= len(axis.ticks) <= 7
    for tick, label in axis.ticks:
        assert float(label) == pytest.approx(exp(tick))


@pytest.mark.parametrize("ends", [(-4.5, 0.5), (0.0, 0.01), (2.0, 900.0), (-3.0, -3.0), (0.0, 0.0)])
def test_every_straight_axis_holds_its_places_and_zero(ends):
    axis = choose_axis(ends, "difference")
    assert axis.low <= min(ends)
    assert max(ends) <= axis.high
    assert axis.low <= 0 <= axis.high < inf
    assert 2 <= len(axis.ticks) <= 9
    for tick, label in axis.ticks:
        assert float(label.replace("−", "-")) == pytest.approx(tick, abs=1e-12)


@pytest.mark.parametrize("shares", [(0.5,), (0.02, 0.6), (0.001, 0.999)])
def test_an_axis_of_log_odds_is_read_in_per_cent(shares):
    places = [place_effect(share, "log-odds") for share in shares]
    axis = choose_axis(places, "log-odds")
    assert axis.low <= min(places)
    assert max(places) <= axis.high
    for tick, label in axis.ticks:
        assert float(label) == pytest.approx(100 / (1 + exp(-tick)))


def test_one_study_far_out_does_not_stretch_the_axis():
    places = [log(ratio) for ratio in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1e6)]
    assert choose_axis(places, "ratio").high < log(10)


def test_without_a_place_there_is_an_axis_all_the_same():
    for scale in ("share", "ratio", "difference", "log-odds"):
        axis = choose_axis([inf], scale)
        assert axis.low < axis.high
        assert len(axis.ticks) > 1
    assert axis.clip(99) == axis.high
