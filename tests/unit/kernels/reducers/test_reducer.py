"""What every reducer does, seen through a run."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.errors import InvalidInput
from stromal.kernels import reducers
from stromal.kernels.door import Accuracy, Read, Work
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.reducers import (
    AtVisits,
    Change,
    EpisodesBelow,
    FirstRun,
    FirstRunAtVisits,
    LongestBelow,
    Mean,
    Minimum,
    Reducer,
    ReturnAbove,
    TimeAbove,
    TimeOfMaximum,
    ValueAt,
    read_all,
)
from stromal.kernels.reducers.reducer import RESERVED
from stromal.kernels.solve import solve
from stromal.models.parse import read_model

WAVE = "x = 0; v = 1; w = 1; x' = w*v; v' = -w*x"
"""x is sin(w t)."""


def _wave():
    return compile_kernel(read_model(WAVE), outputs=["x"], vary=["w"])


def _run(given, chosen, **work):
    return solve(
        _wave(),
        {"w": given},
        Read([0.0, 10.0], reducers=chosen, keep=False),
        accuracy=Accuracy(rtol=1e-9, atol=1e-10),
        work=Work(**work),
    )


def test_windows_of_each_patient():
    w = np.array([1.0, 0.5, 2.0, 1.0])
    begin, end = np.array([0.5, 1.0, 2.5, np.nan]), np.array([3.0, 9.5, 4.5, 5.0])
    chosen = [Mean("x", window=(begin, end)), TimeAbove("x", 0.0), AtVisits("x", {"own": begin})]
    found = _run(w, chosen).reduced
    mean = (np.cos(w * begin) - np.cos(w * end)) / (w * (end - begin))
    assert found["mean(x)"] == pytest.approx(mean, abs=1e-7, nan_ok=True)
    assert found["at(x)"] == pytest.approx(np.sin(w * begin), abs=1e-7, nan_ok=True)
    alone = _run(w, [TimeAbove("x", 0.0)]).reduced
    # Points of windows lie on the grid of their patient alone.
    assert found["time_above_0(x)"][3] == alone["time_above_0(x)"][3]
    one = _run(w[1:2], [Mean("x", window=(begin[1:2], end[1:2])), TimeAbove("x", 0.0)]).reduced
    assert one["mean(x)"] == found["mean(x)"][1]


def test_closed_forms_of_a_sine():
    chosen = [
        TimeOfMaximum("x", window=(0.0, 3.0)),
        LongestBelow("x", 0.0),
        EpisodesBelow("x", 0.0),
        FirstRun("x", -0.5, "below", 1.0),
        ReturnAbove("x", 0.5),
        Change("x", 2.0, 1.0),
    ]
    found = _run([1.0], chosen).reduced
    pi = np.pi
    assert found["time_of_maximum(x)"] == pytest.approx([pi / 2], abs=1e-6)
    longest = found["longest_below_0(x)"][0]
    assert longest == pytest.approx([pi, pi, 0.0], abs=1e-6)
    assert found["episodes_below_0(x)"] == [2.0]
    assert found["first_run_below_-0.5_for_1(x)"][0, 0] == pytest.approx(7 * pi / 6, abs=1e-6)
    assert found["return_above_0.5(x)"][0, 0] == pytest.approx(2 * pi + pi / 6, abs=1e-6)
    assert found["change_1_to_2(x)"] == pytest.approx([np.sin(2) - np.sin(1)], abs=1e-7)


def test_numbers_do_not_depend_on_chunks_where_patients_have_their_own_days():
    count = 23
    rng = np.random.default_rng(1)
    w, days = rng.uniform(0.5, 2.0, count), np.sort(rng.uniform(0.0, 10.0, (count, 4)), axis=1)
    days[::3, 2:] = np.nan
    chosen = [
        Minimum("x", window=(days[:, 0], days[:, 1])),
        FirstRunAtVisits("x", 0.0, visits=days, count=2),
        AtVisits("x", {"own": days[:, 2]}),
        LongestBelow("x", 0.3, window=(None, days[:, 1])),
    ]
    whole = _run(w, chosen, threads=1, chunk=count).reduced
    for chunk in (1, 5, 16):
        part = _run(w, chosen, threads=2, chunk=chunk).reduced
        for name, values in whole.items():
            np.testing.assert_array_equal(part[name], values, name)


def test_parts_of_a_reducer_are_those_of_its_patients():
    reducer = Minimum("x", window=([1.0, 2.0, 3.0], None))
    assert reducer.part(slice(1, 3)) == Minimum("x", window=([2.0, 3.0], None))
    shared = Minimum("x", window=(1.0, None))
    assert shared.part(slice(1, 3)) is shared
    assert (reducer.patients(), shared.patients()) == ({3}, set())


@pytest.mark.parametrize(
    ("reducer", "words"),
    [
        (Minimum("x", window=([1.0], None)), "has times of 1 patients, for 2"),
        (Minimum("x", window=([1.0, 11.0], None)), "looks at 11 for patient 1, outside the run"),
        (
            AtVisits("x", {"a": [11.0, -1.0]}),
            "looks at 11 for patient 0, and at times of 1 more, outside the run from 0 to 10",
        ),
        (Minimum("x", window=([1.0, 5.0], [2.0, 4.0])), "ends before it begins for patient 1"),
        (Minimum("x", window=([1.0, 5.0], [2.0])), "the ends are of different lengths"),
        (Minimum("x", window=(1.0,)), "the window of Minimum is (1.0,)"),
        (Minimum("x", window="all"), "the window of Minimum is 'all'"),
        (Minimum("x", window=("a", None)), "the window of Minimum is from 'a'"),
        (Minimum("x", window=(None, -np.inf)), "to -inf, beyond every run"),
        (Minimum("x", window=([np.inf, 1.0], None)), "from inf for a patient"),
        (Minimum("y"), "no output `y`"),
        (Minimum("x", window=(0.0, 99.0)), "looks at 99, outside the run"),
    ],
)
def test_bad_input_is_refused_before_the_run(reducer, words):
    with pytest.raises(InvalidInput) as refusal:
        _run([1.0, 2.0], [reducer])
    assert words in str(refusal.value)
    assert "hint:" in str(refusal.value)


def test_every_issue_is_told_at_once():
    with pytest.raises(InvalidInput) as refusal:
        _run([1.0], [TimeAbove("x", np.nan), FirstRun("x", 0.5, "up", -1), Minimum("x", window=3)])
    assert len(refusal.value.issues) == 4


def test_two_of_one_name():
    with pytest.raises(InvalidInput, match="two reducers are named"):
        _run([1.0], [LongestBelow("x", 0.5), LongestBelow("x", 0.5, window=(1.0, None))])


def test_a_failed_patient_is_missing_in_every_reducer():
    chosen = [
        TimeOfMaximum("x"),
        LongestBelow("x", 0.0),
        EpisodesBelow("x", 0.0),
        FirstRun("x", 0.0),
        FirstRunAtVisits("x", 0.0, visits=range(5)),
        ReturnAbove("x", 0.5),
        Change("x", 2.0, 1.0),
        Mean("x"),
        AtVisits("x", {"a": 3.0}),
    ]
    table = _run([1.0, np.nan], chosen).patients()
    numbers = [name for name in table.columns if name not in RESERVED]
    assert len(numbers) == sum(reducer.width for reducer in chosen)
    assert all(table[name].is_null()[1] for name in numbers)
    assert not table["longest_below_0(x)"].is_null()[0]
    assert not any(table[name].is_nan().any() for name in numbers)


def test_all_that_is_offered_is_a_reducer():
    kinds = [getattr(reducers, name) for name in reducers.__all__ if name[0].isupper()]
    assert all(issubclass(kind, Reducer) for kind in kinds)
    assert not read_all([ValueAt("x", (1.0,)), Change("x", 2.0, 1.0)])
    assert read_all([FirstRun("x", 1.0)])
