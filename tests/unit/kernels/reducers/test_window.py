"""Reducers against closed forms, and their error as the grid gets finer."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.kernels.door import Accuracy, Read, Schedule
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.reducers import (
    Area,
    FirstCrossing,
    Maximum,
    Minimum,
    Reducer,
    TimeAbove,
    TimeBelow,
    ValueAt,
)
from stromal.kernels.solve import solve
from stromal.kernels.timeline import Dose
from stromal.kernels.track import Track
from stromal.models.parse import read_model

PHASES = np.array([0.1, 0.7, 2.0])


def cosine(intervals: int, end: float = 6.0) -> Track:
    """cos(t + phase) for three phases."""
    times = np.tile(np.linspace(0.0, end, intervals + 1), (3, 1))
    return Track(times, np.cos(times + PHASES[:, None]), -np.sin(times + PHASES[:, None]))


def _truth(name: str) -> np.ndarray:
    """What each reducer gives for cos(t + phase), t from 0 to 6, threshold 0.5."""
    fine = np.linspace(0.0, 6.0, 2_000_001)
    third = np.pi / 3
    if name == "minimum":
        return np.full(3, -1.0)
    if name == "maximum":
        top = [np.cos(fine + phase).max() for phase in PHASES]
        return np.array(top)
    if name == "area":
        return np.sin(6.0 + PHASES) - np.sin(PHASES)
    if name == "below":
        # cos < 1/2 on (pi/3, 5 pi/3) and (7 pi/3, 11 pi/3) of t + phase
        spans = [(third, 5 * third), (7 * third, 11 * third)]
        return np.array(
            [
                sum(max(0.0, min(6.0 + phase, b) - max(phase, a)) for a, b in spans)
                for phase in PHASES
            ]
        )
    return 5 * third - PHASES


CASES: list[tuple[str, Reducer]] = [
    ("minimum", Minimum("c")),
    ("maximum", Maximum("c")),
    ("area", Area("c")),
    ("below", TimeBelow("c", 0.5)),
    ("up", FirstCrossing("c", 0.5, "up")),
]


@pytest.mark.parametrize(("name", "reducer"), CASES, ids=[name for name, _ in CASES])
def test_closed_form(name, reducer):
    assert reducer.reduce(cosine(600)) == pytest.approx(_truth(name), abs=1e-9)


@pytest.mark.parametrize(("name", "reducer"), CASES, ids=[name for name, _ in CASES])
def test_error_falls_with_the_fourth_power_of_the_interval(name, reducer):
    errors = [np.abs(reducer.reduce(cosine(n)) - _truth(name)).max() for n in (12, 24, 48)]
    assert errors[0] < 1e-2
    assert errors[0] > 8 * errors[1] > 64 * errors[2]


def test_error_is_within_the_bound_that_is_documented():
    length = 6.0 / 24
    error = np.abs(Minimum("c").reduce(cosine(24)) + 1.0).max()
    assert error <= length**4 / 384


def test_times_above_and_below_are_the_whole():
    track = cosine(50)
    both = TimeBelow("c", 0.3).reduce(track) + TimeAbove("c", 0.3).reduce(track)
    assert both == pytest.approx(np.full(3, 6.0), abs=1e-12)


def test_direction_of_a_crossing():
    track = cosine(600)
    down = FirstCrossing("c", 0.5, "down").reduce(track)
    assert down[:2] == pytest.approx(np.pi / 3 - PHASES[:2], abs=1e-9)
    either = FirstCrossing("c", 0.5, "either").reduce(track)
    assert np.array_equal(either, np.fmin(down, FirstCrossing("c", 0.5).reduce(track)))


def test_no_crossing_is_missing():
    assert np.isnan(FirstCrossing("c", 2.0).reduce(cosine(20))).all()


def test_start_above_is_no_crossing():
    line = Track(np.array([[0.0, 1.0]]), np.array([[1.0, 2.0]]), np.array([[1.0, 1.0]]))
    assert np.isnan(FirstCrossing("x", 1.0).reduce(line)).all()


def test_window():
    times = np.unique(np.concatenate([np.linspace(0.0, 6.0, 601), [1.234, 2.345]]))
    times = np.tile(times, (3, 1))
    angle = times + PHASES[:, None]
    track = Track(times, np.cos(angle), -np.sin(angle))
    area = Area("c", window=(1.234, 2.345)).reduce(track)
    assert area == pytest.approx(np.sin(2.345 + PHASES) - np.sin(1.234 + PHASES), abs=1e-10)
    assert FirstCrossing("c", 0.5, window=(6.0, None)).points == (6.0,)


def test_a_jump_counts_at_its_instant():
    before = np.nextafter(1.0, 0.0)
    track = Track(
        np.array([[0.0, before, 1.0, 2.0]]),
        np.array([[0.0, 0.0, 3.0, 3.0]]),
        np.zeros((1, 4)),
    )
    assert FirstCrossing("x", 1.0).reduce(track).tolist() == [1.0]
    assert TimeBelow("x", 1.0).reduce(track) == pytest.approx([1.0])
    assert Area("x").reduce(track) == pytest.approx([3.0])
    assert Minimum("x").reduce(track).tolist() == [0.0]
    assert ValueAt("x", (1.0,)).reduce(track).tolist() == [3.0]


def test_value_before_a_jump_is_seen():
    before = np.nextafter(1.0, 0.0)
    track = Track(
        np.array([[0.0, before, 1.0, 2.0]]),
        np.array([[3.0, 1.0, 3.0, 1.0]]),
        np.full((1, 4), -2.0),
    )
    assert Minimum("x", window=(None, 1.0)).reduce(track).tolist() == [1.0]


@pytest.mark.parametrize(("name", "reducer"), CASES, ids=[name for name, _ in CASES])
def test_repeated_last_points_change_nothing(name, reducer):
    track = cosine(37)
    padded = Track(
        *(
            np.concatenate([part, np.repeat(part[:, -1:], 5, axis=1)], axis=1)
            for part in (track.times, track.values, track.slopes)
        )
    )
    assert np.array_equal(reducer.reduce(track), reducer.reduce(padded)), name


@pytest.mark.parametrize(("name", "reducer"), CASES, ids=[name for name, _ in CASES])
def test_rows_do_not_depend_on_each_other(name, reducer):
    track = cosine(37)
    together = reducer.reduce(track)
    for row in range(3):
        alone = Track(*(part[row : row + 1] for part in (track.times, track.values, track.slopes)))
        assert reducer.reduce(alone)[0] == together[row], name


@pytest.mark.parametrize(("name", "reducer"), CASES, ids=[name for name, _ in CASES])
def test_a_failed_patient_has_no_value(name, reducer):
    track = cosine(37)
    track.values[1, 20:] = np.nan
    found = reducer.reduce(track)
    assert np.isnan(found).tolist() == [False, True, False], name


def test_values_of_a_failed_patient_up_to_its_failure():
    track = cosine(6)
    track.values[1, 3:] = np.nan
    found = ValueAt("c", (1.0, 5.0)).reduce(track)
    assert found[1, 0] == np.cos(1.7)
    assert np.isnan(found[1, 1])


def _rooted(intervals: int) -> Track:
    """A square root, whose slope is infinite at zero, beside the three cosines."""
    smooth = cosine(intervals, 4.0)
    times = smooth.times[:1]
    with np.errstate(divide="ignore"):
        rows = (times, np.sqrt(times), 0.5 / np.sqrt(times))
    parts = zip((smooth.times, smooth.values, smooth.slopes), rows, strict=True)
    return Track(*(np.concatenate([part, row]) for part, row in parts))


def test_an_infinite_slope_is_read_to_within_the_grid():
    track = _rooted(720)
    length = 4.0 / 720
    assert Area("y").reduce(track)[3] == pytest.approx(16.0 / 3.0, abs=length**1.5)
    assert Maximum("y").reduce(track)[3] == 2.0
    assert Minimum("y").reduce(track)[3] == 0.0
    for reducer in (FirstCrossing("y", 0.05), TimeBelow("y", 0.05)):
        assert reducer.reduce(track)[3] == pytest.approx(0.0025, abs=length)
    assert FirstCrossing("y", 1.0).reduce(track)[3] == pytest.approx(1.0, abs=1e-9)
    assert Area("y", window=(0.0, 0.0)).reduce(track)[3] == 0.0


@pytest.mark.parametrize(("name", "reducer"), CASES, ids=[name for name, _ in CASES])
def test_an_infinite_slope_of_one_row_changes_no_other(name, reducer):
    together, alone = reducer.reduce(_rooted(36)), reducer.reduce(cosine(36, 4.0))
    assert np.array_equal(together[:3], alone, equal_nan=True), name


@pytest.mark.parametrize("slope", [np.nan, np.inf, -np.inf])
def test_a_jump_without_a_slope_is_a_line(slope):
    before = np.nextafter(1.0, 0.0)
    track = Track(
        np.array([[0.0, before, 1.0, 2.0]]),
        np.array([[0.0, 0.0, 3.0, 3.0]]),
        np.array([[slope, slope, 0.0, 0.0]]),
    )
    assert FirstCrossing("x", 1.0).reduce(track).tolist() == [1.0]
    assert TimeBelow("x", 1.0).reduce(track) == pytest.approx([1.0])
    assert Area("x").reduce(track) == pytest.approx([3.0])
    assert Minimum("x").reduce(track).tolist() == [0.0]
    assert Maximum("x").reduce(track).tolist() == [3.0]


def test_a_failed_patient_has_no_value_where_another_has_an_infinite_slope():
    track = _rooted(37)
    track.values[1, 20:] = track.slopes[1, 20:] = np.nan
    for reducer in (Area("y"), Minimum("y"), TimeBelow("y", 0.5)):
        assert np.isnan(reducer.reduce(track)).tolist() == [False, True, False, False]


HILL = "ke = 0.5; h = 0.7; EC = 1; E := drug^h / (EC^h + drug^h)"


def test_an_effect_without_a_slope_before_the_dose():
    model = read_model(f"drug = 0; drug' = -ke * drug; {HILL}")
    kernel = compile_kernel(model, outputs=["E"], vary=["ke"], dosed=["drug"])
    solution = solve(
        kernel,
        None,
        Read(range(21), reducers=[Area("E"), FirstCrossing("E", 0.4), Maximum("E")]),
        schedule=Schedule(doses=[Dose(1.0, "drug", 5.0)]),
        accuracy=Accuracy(rtol=1e-8),
    )
    peak, last = 5.0**0.7, 5.0**0.7 * np.exp(-0.7 * 0.5 * 19.0)
    area = np.log((1.0 + peak) / (1.0 + last)) / (0.7 * 0.5)
    assert solution.reduced["area(E)"] == pytest.approx([area], abs=1e-6)
    assert solution.reduced["first_crossing_up_0.4(E)"].tolist() == [1.0]
    assert solution.reduced["maximum(E)"] == pytest.approx([peak / (1.0 + peak)], abs=1e-12)


@pytest.mark.parametrize("gap", [0.0, 1e-15, 1e-12, 1e-9, 1e-6, 1e-3])
def test_a_point_close_beside_an_infinite_slope_sends_no_cubic_astray(gap):
    model = read_model(f"gut = 0; drug = 0; gut' = -gut; drug' = gut - ke * drug; {HILL}")
    kernel = compile_kernel(model, outputs=["E"], dosed=["gut"])
    solution = solve(
        kernel,
        None,
        Read(range(21), reducers=[Area("E"), Maximum("E")]),
        schedule=Schedule(doses=[Dose(1.0 - gap, "gut", 5.0)]),
        accuracy=Accuracy(rtol=1e-8),
    )
    assert solution.reduced["maximum(E)"] == pytest.approx([0.655071], abs=1e-6)
    assert solution.reduced["area(E)"] == pytest.approx([4.61764], abs=2e-3)


def _of(function, slope, times):
    times = np.asarray(times)[None, :]
    with np.errstate(all="ignore"):
        return Track(times, function(times), slope(times))


@pytest.mark.parametrize("gap", [0.0, 1e-15, 1e-9, 1e-6, 1e-4, 1e-3, 0.002])
@pytest.mark.parametrize("side", [-1, 1])
def test_a_kink_of_infinite_slope_sends_no_cubic_astray(gap, side):
    kink = 1.0 + side * gap
    track = _of(
        lambda t: np.sqrt(np.abs(t - kink)),
        lambda t: 0.5 * np.sign(t - kink) / np.sqrt(np.abs(t - kink)),
        np.linspace(0.0, 3.0, 721),
    )
    length = 3.0 / 720
    area = 2 / 3 * (kink**1.5 + (3.0 - kink) ** 1.5)
    assert Area("y").reduce(track) == pytest.approx([area], abs=0.3 * length**1.5)
    assert Minimum("y").reduce(track) == pytest.approx([0.0], abs=np.sqrt(length))
    assert Maximum("y").reduce(track) == pytest.approx(np.sqrt([max(kink, 3.0 - kink)]), abs=1e-15)
    below = TimeBelow("y", 0.2).reduce(track)
    assert below == pytest.approx([0.08], abs=1e-4)


@pytest.mark.parametrize("start", [0.0, 1e-300, 1e-12, 1e-6])
def test_a_root_of_hardly_more_than_nothing(start):
    track = _of(
        lambda t: np.sqrt(t + start), lambda t: 0.5 / np.sqrt(t + start), np.linspace(0, 3.0, 721)
    )
    assert Maximum("y").reduce(track) == pytest.approx([np.sqrt(3.0 + start)], rel=1e-15)
    area = 2 / 3 * ((3.0 + start) ** 1.5 - start**1.5)
    assert Area("y").reduce(track) == pytest.approx([area], abs=0.1 * (3.0 / 720) ** 1.5)


@pytest.mark.parametrize("rate", [1.0, 2.9, 4.0, 5.0, 8.0, 30.0, 1e3, 1e9])
def test_a_decay_faster_than_the_grid_stays_near_nothing(rate):
    track = _of(
        lambda t: np.exp(-rate * t), lambda t: -rate * np.exp(-rate * t), np.linspace(0, 9.0, 10)
    )
    assert -0.03 < Minimum("y").reduce(track) < 0.0002
    worst = 0.07 if rate < 9 else 0.26
    assert Area("y").reduce(track) == pytest.approx([1.0 / rate], abs=worst)
    plain = 0.5 + track.values[0].sum() - 1.0 - rate / 12.0
    if rate > 4.0:
        assert abs(Area("y").reduce(track)[0] - 1.0 / rate) < abs(plain - 1.0 / rate)


@pytest.mark.parametrize("intervals", [1, 2, 3, 5, 8, 40])
def test_slopes_that_cubics_follow_are_left_alone(intervals):
    times = np.linspace(0.0, 1.0, intervals + 1)
    for power in (1, 2, 3):
        for middle in (-0.3, 0.0, 0.25, 0.5, 0.77, 1.0):
            track = _of(
                lambda t, middle=middle, power=power: (t - middle) ** power,
                lambda t, middle=middle, power=power: power * (t - middle) ** (power - 1),
                times,
            )
            assert track.limit_slopes().slopes is track.slopes


@pytest.mark.parametrize("gap", [0.0, 1e-15, 1e-12, 1e-9, 1e-3])
def test_points_close_beside_others_change_nothing(gap):
    """(t - 1)(t - 2)^2, whose line and whose slope at the end are nothing between 1 and 2."""
    times = np.unique([0.0, 1.0 - gap, 1.0, 2.0, 2.0 + gap, 3.0, 4.0])
    track = _of(
        lambda t: (t - 1) * (t - 2) ** 2, lambda t: (t - 2) ** 2 + 2 * (t - 1) * (t - 2), times
    )
    for window in ({"window": (None, 2.0)}, {"window": (1.0, 2.0)}):
        assert Maximum("y", **window).reduce(track) == pytest.approx([4 / 27], rel=1e-9)
        assert FirstCrossing("y", 0.1, **window).reduce(track) == pytest.approx([1.13304868])
    areas = [Area("y", window=(a, b)).reduce(track)[0] for a, b in ((0, 1), (1, 2), (0, 2))]
    assert areas == pytest.approx([-17 / 12, 1 / 12, -4 / 3])


def test_smooth_outputs_keep_their_error_where_points_are_doubled():
    rng = np.random.default_rng(3)
    grid = np.linspace(0.0, 60.0, 201)
    times = np.unique([grid, np.nextafter(grid, np.inf), np.round(grid, 6)])
    fine = np.linspace(0.0, 60.0, 60_001)
    bound = 0.3**4 / 384 * (1.0 + 0.5 * 1.9**4)
    for _ in range(200):
        (a, b, fast), slope = rng.uniform((0, 0, 1.1), (6, 6, 1.9)), rng.uniform(-1, 1)
        f = lambda t: slope * t + np.sin(t + a) + 0.5 * np.sin(fast * t + b)  # noqa: B023, E731
        d = lambda t: slope + np.cos(t + a) + 0.5 * fast * np.cos(fast * t + b)  # noqa: B023, E731
        found = Maximum("y").reduce(_of(f, d, times))
        assert found == pytest.approx([f(fine).max()], abs=bound + 1e-5)


@pytest.mark.parametrize(
    ("values", "slopes"),
    [([0, 1], [np.inf, 20]), ([0, 1], [-1e9, -3]), ([0, 1], [np.inf, -1]), ([0, 0], [np.inf, -2])],
)
def test_a_cubic_with_one_steep_end_stays_between_its_ends(values, slopes):
    track = Track(*(np.array([part], float) for part in ([0, 1], values, slopes)))
    assert Minimum("y").reduce(track).tolist() == [values[0]]
    assert Maximum("y").reduce(track).tolist() == [values[1]]


def test_steep_slopes_are_found_in_every_patient():
    one = _of(np.sqrt, lambda t: 0.5 / np.sqrt(t), np.linspace(0.0, 3.0, 31))
    many = Track(*(np.repeat(part, 100, axis=0) for part in (one.times, one.values, one.slopes)))
    assert np.unique(Area("y").reduce(many)).tolist() == Area("y").reduce(one).tolist()


def test_a_peak_between_daily_doses_is_not_lost():
    model = read_model("gut = 0; c = 0; ka = 5; ke = 0.5; gut' = -ka*gut; c' = ka*gut - ke*c")
    kernel = compile_kernel(model, outputs=["c"], vary=["ka"], dosed=["gut"])
    solution = solve(
        kernel,
        {"ka": [3.0, 5.0]},
        Read(
            [0, 100],
            intervals=100,
            reducers=[Maximum("c", window=(60.0, None)), Area("c", window=(60.0, 90.0))],
        ),
        schedule=Schedule(doses=[Dose(float(day), "gut", 1.0) for day in range(100)]),
        accuracy=Accuracy(rtol=1e-6),
    )
    assert solution.reduced["maximum(c)"] == pytest.approx([2.1186, 2.1810], rel=0.05)
    assert solution.reduced["area(c)"] == pytest.approx([60.0, 60.0], rel=0.03)


@pytest.mark.parametrize("size", [1e-170, 1e-300, 1e160, 1e300])
@pytest.mark.parametrize("reducer", [Minimum("c"), Maximum("c")], ids=["minimum", "maximum"])
def test_extremes_do_not_depend_on_size(reducer, size):
    track = cosine(12)
    scaled = Track(track.times, size * track.values, size * track.slopes)
    inner = reducer.reduce(track)
    assert (np.abs(inner) > np.abs(track.values).max(axis=1)).any()
    assert reducer.reduce(scaled) / size == pytest.approx(inner, rel=1e-12)


def test_names():
    assert FirstCrossing("ANC", 0.5).name == "first_crossing_up_0.5(ANC)"
    assert FirstCrossing("ANC", 0.5, label="engraftment").columns == ("engraftment",)
    assert ValueAt("ANC", (14.0, 28.0)).columns == ("value_at(ANC)[14]", "value_at(ANC)[28]")


@pytest.mark.parametrize(
    ("reducer", "words"),
    [
        (FirstCrossing("cells", 0.8, "Up"), "direction of FirstCrossing is 'Up'"),
        (TimeBelow("cells", np.nan), "threshold of TimeBelow is nan"),
        (TimeBelow("cells", "x"), "threshold of TimeBelow is 'x'"),
        (Minimum("cells", window=(2.0, 1.0)), "the window ends before it begins"),
        (Minimum("cells", label="status"), "`status` is a column of every table"),
        (ValueAt("cells", (1.0000001, 1.0000002)), "do not make columns of their own"),
        (ValueAt("cells", ()), "do not make columns of their own"),
    ],
)
def test_a_reducer_that_makes_no_sense_says_so(reducer, words):
    (issue,) = reducer.check()
    assert words in issue.message
    assert issue.hint


def test_reducers_that_make_sense_have_no_issue():
    for reducer in (
        Minimum("a", window=(1.0, None)),
        FirstCrossing("a", 1, "down"),
        ValueAt("a", (1.0,)),
    ):
        assert reducer.check() == []
