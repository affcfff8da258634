"""Where switches change: the very doubles, for every relation and every kind of equation."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.kernels.times.clock import make_clock
from stromal.kernels.times.spans import Spans, split_spans
from stromal.models.derive import derive_odes
from stromal.models.parse import read_model
from stromal.models.switches import split_times


def changes(condition, values=(), start=0.0, end=100.0):
    """Times at which the condition changes, its value at the start, and whether it is endless."""
    text = f"x = 0; p = 1; q = 1; x' = piecewise(1, {condition}, 0)"
    odes = split_times(derive_odes(read_model(text))).odes
    clock = make_clock(odes, outputs=["x"], vary=["p", "q"], fixed={})
    rows = np.zeros((clock.size, 1))
    given = dict(zip("pq", values or (1.0, 1.0), strict=True))
    rows[: len(clock.given), 0] = [given[name] for name in clock.given]
    one = np.zeros(1, np.int64)
    until = np.nextafter([end], np.inf)
    whole = Spans(one, np.array([start]), until, one, rows)
    spans, endless = split_spans(whole, clock.dials)
    last = clock.dials[-1].place
    held = spans.values[last]
    turns = np.flatnonzero(held[1:] != held[:-1]) + 1
    return spans.begin[turns].tolist(), held[0], bool(endless[0])


def up(time):
    return float(np.nextafter(time, np.inf))


@pytest.mark.parametrize(
    ("condition", "expected", "first"),
    [
        ("time >= 21", [21.0], 0),
        ("time > 2", [up(2.0)], 0),
        ("time <= 21.125", [up(21.125)], 1),
        ("time < 2", [2.0], 1),
        ("time == 5", [5.0, up(5.0)], 0),
        ("time != 5", [5.0, up(5.0)], 1),
        ("time*24 >= 36", [1.5], 0),
        ("3 < time", [up(3.0)], 0),
        ("time > 0", [1e-25], 0),
        ("time >= 0", [], 1),
        ("time >= 100", [100.0], 0),
        ("time > 100", [], 0),
        ("time - 3 > 0", [up(3.0)], 0),
        ("(time - 2)*(time - 4) < 0", [up(2.0), 4.0], 0),
        ("(time - 5)^2 > 0", [5.0, up(5.0)], 1),
        ("(time - 5)^2 < 4", [up(3.0), 7.0], 0),
        ("sqrt(time) >= 3", [9.0], 0),
        ("abs(time - 5) <= 2", [3.0, up(7.0)], 0),
        ("2^(time/10) >= 8", [30.0], 0),
        ("time*0.1 >= 0.3", [3.0], 0),
    ],
)
def test_the_first_double_with_the_new_value(condition, expected, first):
    found, held, _ = changes(condition)
    assert (found, held) == (expected, first)


def test_parameters_decide():
    assert changes("time >= p + q", (2.0, 3.5))[0] == [5.5]
    assert changes("p*time >= 1", (-1.0, 0.0))[0] == []
    assert changes("time > p", (np.inf, 0.0))[0] == []
    assert changes("time > p", (np.nan, 0.0))[0] == []


def test_a_pulse_each_day():
    found, held, _ = changes("(time - 24*floor(time/24) >= 7)", end=240.0)
    wanted = sorted([*(24.0 * day + 7 for day in range(10)), *(24.0 * day for day in range(1, 11))])
    assert (found, held) == (wanted, 0)


@pytest.mark.parametrize("period", [0.1, 1 / 3, 0.7, 24.0, 1 / 24, 0.125])
def test_ten_thousand_periods_have_ten_thousand_pulses(period):
    end = 10_000 * period
    found, _, _ = changes("time - p*floor(time/p) >= 0.5*p", (period, 0.0), end=end)
    rises, falls = np.array(found[0::2]), np.array(found[1::2])
    assert (len(rises), len(falls)) == (10_000, 10_000)
    assert rises == pytest.approx((np.arange(10_000) + 0.5) * period, rel=1e-15)
    exact = (np.arange(1, 10_001) * np.longdouble(period)).astype(float)
    np.testing.assert_array_equal(falls, exact)


def test_sines_and_their_waves():
    found, _, _ = changes("sin(time) > 0.5", end=20.0)
    waves = [n * 2 * np.pi + angle for n in range(4) for angle in (np.pi / 6, 5 * np.pi / 6)]
    assert found == pytest.approx([wave for wave in waves if wave < 20], rel=1e-14)


def test_what_changes_too_often_is_named():
    assert changes("time*1e6 - floor(time*1e6) > 0.5")[2]
    assert not changes("time > 5")[2]
