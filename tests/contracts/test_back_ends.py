"""Every back end passes the same test of the public call: what the numbers are and depend on."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import polars as pl
import pytest

from stromal.kernels.kernel import compile_kernel
from stromal.kernels.reducers import (
    Area,
    Change,
    EpisodesBelow,
    FirstCrossing,
    FirstRun,
    FirstRunAtVisits,
    LongestBelow,
    Minimum,
    ReturnAbove,
    TimeBelow,
    TimeOfMinimum,
    ValueAt,
)
from stromal.kernels.solve import solve
from stromal.kernels.status import Status
from stromal.kernels.timeline import Dose, Jump, ParameterChange
from stromal.models.parse import read_model
from tests.contracts.clinic import (
    END,
    clinic,
    doses_of,
    follow,
    patients_of,
    select,
    select_rows,
)
from tests.flat import grouped

TIMES = np.linspace(0.0, END, 21)
REDUCERS = (
    Minimum("cells"),
    Area("drug"),
    TimeBelow("share", 0.5),
    FirstCrossing("cells", 1.5, "up"),
    ValueAt("cells", (2.0, 7.25)),
    TimeOfMinimum("cells"),
    LongestBelow("share", 0.5),
    EpisodesBelow("cells", 1.5),
    FirstRun("cells", 1.5, "above", days=1.0),
    ReturnAbove("cells", 1.5),
    Change("cells", 7.25, 2.0),
    FirstRunAtVisits("cells", 1.5, visits=(2.0, 4.0, 7.25), count=2),
)
COUNT = 45
BLOWS_UP = (Status.STEP_TOO_SMALL, Status.NOT_FINITE, Status.STEP_LIMIT)


def assert_same(part, whole, rows):
    """Patients of one run are those rows of another, to the bit."""
    np.testing.assert_array_equal(part.values, whole.values[rows])
    np.testing.assert_array_equal(part.final_states, whole.final_states[rows])
    np.testing.assert_array_equal(part.status, whole.status[rows])
    np.testing.assert_array_equal(part.steps, whole.steps[rows])
    assert part.reduced.keys() == whole.reduced.keys()
    for name, values in part.reduced.items():
        np.testing.assert_array_equal(values, whole.reduced[name][rows], name)


def _everything():
    """Patients with all that can happen to them, among them some that fail in every way."""
    given = patients_of(COUNT)
    given["speed"][::4] = 1000.0
    given["ke"][3] = np.nan
    given["kill"][17] = np.inf
    given["plasma"][[8, 29]] = 0.0, -2.0
    given["visit"][33] = np.nan
    given["feed"][[5, 20, 41]] = 1.0
    some, days = np.arange(0, COUNT, 3), np.random.default_rng(2).uniform(0.0, END, COUNT)
    jumps = pl.DataFrame(
        {"patient": some, "day": days[some], "state": "cells", "factor": 0.25 + 0.1 * days[some]}
    )
    changes = pl.DataFrame(
        {"patient": some + 1, "day": days[some], "parameter": "kill", "value": days[some] / 9.0}
    )
    return given, {"doses": doses_of(COUNT), "jumps": jumps, "parameter_changes": changes}


def test_numbers_depend_on_the_patient_alone(back_end):
    """Neither on threads, nor on chunks, nor on who else is there, nor on the order."""
    given, tables = _everything()
    options = {"times": TIMES, "reducers": REDUCERS, **back_end.options}
    whole = solve(clinic(), given, **grouped(threads=1, **tables, **options))
    assert np.flatnonzero(whole.failed).tolist() == [3, 5, 8, 17, 20, 29, 33, 41]
    for threads, chunk in ((1, 16), (2, 7), (3, None), (2, COUNT)):
        again = solve(clinic(), given, **grouped(threads=threads, chunk=chunk, **tables, **options))
        assert_same(again, whole, np.arange(COUNT))
    order = np.random.default_rng(4).permutation(COUNT)
    for rows, chunk in ((order, 11), (order[::-1], None), (order[:6], 1)):
        moved = {name: select_rows(table, rows) for name, table in tables.items()}
        part = solve(
            clinic(), select(given, rows), **grouped(threads=2, chunk=chunk, **moved, **options)
        )
        assert_same(part, whole, rows)


def test_a_patient_alone_has_the_numbers_it_has_among_others(back_end):
    """Its doses are then those of every patient, which are planned another way."""
    given, doses = patients_of(9), doses_of(9)
    options = {"times": TIMES, "reducers": REDUCERS, **back_end.options}
    whole = solve(clinic(), given, **grouped(doses=doses, **options))
    for patient in (0, 8):
        own = [
            Dose(row["day"], row["state"], row["amount"])
            for row in doses.filter(patient=patient).iter_rows(named=True)
        ]
        alone = solve(clinic(), select(given, [patient]), **grouped(doses=own, **options))
        assert_same(alone, whole, [patient])


def test_doses_of_zero_are_no_doses(back_end):
    given, doses = patients_of(COUNT), doses_of(COUNT)
    options = {"times": TIMES, "reducers": REDUCERS, **back_end.options}
    untreated = solve(clinic(), given, **grouped(**options))
    half = doses.with_columns(
        amount=pl.when(pl.col("patient") % 2 == 0).then(0.0).otherwise(pl.col("amount"))
    )
    factors = np.where(np.arange(COUNT) % 2 == 0, 1.0, 0.5)
    found = solve(
        clinic(), given, **grouped(doses=half, jumps=[Jump(3.0, "cells", factors)], **options)
    )
    spared = np.arange(0, COUNT, 2)
    treated = spared[:-1] + 1
    assert_same(solve(clinic(), select(given, spared), **grouped(**options)), untreated, spared)
    np.testing.assert_array_equal(found.values[spared], untreated.values[spared])
    np.testing.assert_array_equal(found.steps[spared], untreated.steps[spared])
    for name, values in found.reduced.items():
        np.testing.assert_array_equal(values[spared], untreated.reduced[name][spared], name)
    assert (found.values[treated, -1] != untreated.values[treated, -1]).all()


def test_doses_are_seen_from_their_instant_on(back_end):
    """Each patient's own days: at the start, between and at outputs, at the end, two at once."""
    days = np.array([[0.0, 4.0], [1.5, 4.0], [2.25, 2.25], [3.0, 8.0]])
    amounts = np.array([[4.0, 1.0], [2.0, 8.0], [0.5, 0.25], [4.0, 16.0]])
    ke, times = np.array([0.5, 0.25, 1.0, 2.0]), np.array([0.0, 1.5, 2.25, 3.0, 4.0, 8.0])
    doses = pl.DataFrame(
        {
            "patient": np.repeat(np.arange(4), 2),
            "day": days.ravel(),
            "state": ["drug"] * 8,
            "amount": amounts.ravel(),
        }
    )
    found = solve(
        clinic(), {"ke": ke}, **grouped(times=times, doses=doses, **back_end.within(back_end.tight))
    ).output("drug")
    since = times[None, :, None] - days[:, None, :]
    left = np.where(since >= 0.0, np.exp(-ke[:, None, None] * np.maximum(since, 0.0)), 0.0)
    expected = (left * amounts[:, None, :]).sum(axis=2) / 2.0
    assert found == pytest.approx(expected, rel=50 * back_end.tight, abs=back_end.tight)
    assert (found == 0.0).tolist() == (expected == 0.0).tolist()
    assert found[[0, 1, 2, 3], [0, 1, 2, 3]].tolist() == [2.0, 1.0, 0.375, 2.0]


def test_the_order_of_one_instant(back_end):
    """The model's own change, then jumps that multiply, then doses, then changes of parameters."""
    factors, added = np.array([3.0, 0.5, 1.0]), np.array([0.0, 2.0, 8.0])
    options = {"times": [4.0, 6.0], **back_end.within(back_end.tight)}
    given = {"visit": np.array([4.0, 4.0, 99.0])}
    plain = solve(clinic(), {"visit": np.full(3, 99.0)}, **grouped(**options)).output("cells")
    found = solve(
        clinic(),
        given,
        **grouped(
            parameter_changes=[ParameterChange(4.0, "feed", [0.0, 0.0, 0.01])],
            doses=[Dose(4.0, "cells", added)],
            jumps=[Jump(4.0, "cells", factors)],
            **options,
        ),
    )
    after = plain[:, 0] * np.array([0.5, 0.5, 1.0]) * factors + added
    assert found.output("cells")[:, 0] == pytest.approx(after, rel=50 * back_end.tight)
    states = clinic().states
    start = np.zeros((3, len(states)))
    start[:, states.index("cells")] = after
    start[:, states.index("time")] = 4.0
    later = solve(
        clinic(),
        {**given, "feed": np.array([0.0, 0.0, 0.01])},
        **grouped(start=4.0, initial_states=start, **options),
    )
    assert found.output("cells")[:, 1] == pytest.approx(
        later.output("cells")[:, 1], rel=50 * back_end.tight
    )


def test_parameters_change_for_whom_they_change(back_end):
    """Elimination changes on a day of the patient's own, or before the start, or not at all."""
    ke = np.array([0.5, 0.25, 1.0, np.nan, 0.5])
    table = pl.DataFrame(
        {
            "patient": [0, 1, 0],
            "day": [2.0, -3.0, 4.0],
            "parameter": ["ke"] * 3,
            "value": [0.125, 0.75, 2.0],
        }
    )
    options = {
        "times": [2.0, 4.0, 8.0],
        "doses": [Dose(0.0, "drug", 2.0)],
        "reducers": (Area("drug"),),
        **back_end.within(back_end.tight),
    }
    plain = solve(clinic(), {"ke": ke}, **grouped(**options))
    found = solve(clinic(), {"ke": ke}, **grouped(parameter_changes=table, **options))
    spent = [[1.0, 1.25, 9.25], [1.5, 3.0, 6.0], [2.0, 4.0, 8.0]]
    assert found.output("drug")[:3] == pytest.approx(
        np.exp(-np.array(spent)), rel=1e3 * back_end.tight
    )
    untouched = [2, 3, 4]
    np.testing.assert_array_equal(found.values[untouched], plain.values[untouched])
    np.testing.assert_array_equal(found.steps[untouched], plain.steps[untouched])
    assert found.status.tolist() == [0, 0, 0, Status.BAD_PARAMETERS, 0]


def test_going_on_agrees_with_one_run(back_end):
    given, doses = patients_of(12), doses_of(12)
    doses = doses.with_columns(
        day=pl.when(pl.col("patient") < 3).then(4.0).otherwise(pl.col("day"))
    )
    change = ParameterChange(3.0, "kill", np.linspace(0.1, 1.5, 12))
    options = back_end.within(back_end.tight)
    whole = solve(
        clinic(), given, **grouped(times=TIMES, doses=doses, parameter_changes=[change], **options)
    )
    parts, states, begin = [], None, 0.0
    for end in (4.0, 6.5, END):
        times = TIMES[(begin <= TIMES) & (end >= TIMES)]
        due = pl.col("day").is_between(begin, end, closed="both" if states is None else "right")
        run = solve(
            clinic(),
            given,
            **grouped(
                times=times,
                doses=doses.filter(due),
                parameter_changes=[change] if change.time <= end else None,
                initial_states=states,
                start=begin,
                **options,
            ),
        )
        parts.append(run.values if states is None else run.values[:, 1:])
        states, begin = run.final_states, end
    together = np.concatenate(parts, axis=1)
    assert together == pytest.approx(whole.values, rel=1e3 * back_end.tight, abs=back_end.tight)
    assert states == pytest.approx(whole.final_states, rel=1e3 * back_end.tight, abs=back_end.tight)


WIDE = {
    "ke": [0.05, 0.5, 5.0, 0.5],
    "plasma": [2.0, 0.1, 2.0, 30.0],
    "kill": [0.6, 6.0, 0.06, 3.0],
    "visit": [5.0, 0.7, 1.0, 9.9],
}
SPEEDS = (1.0, 100.0, 10_000.0)


@cache
def _stiff():
    """Patients apart by orders of magnitude, each at every speed, and where they go."""
    rows = list(product(SPEEDS, range(4)))
    given = {name: np.array([values[place] for _, place in rows]) for name, values in WIDE.items()}
    given["speed"] = np.array([speed for speed, _ in rows])
    doses = [(1.0, 6.0), (3.5, 2.0)]
    expected = [
        follow({name: values[row] for name, values in given.items()}, TIMES, doses)
        for row in range(len(rows))
    ]
    return given, [Dose(day, "drug", amount) for day, amount in doses], np.array(expected)


@pytest.mark.parametrize("rtol", [1e-4, 1e-6])
def test_stiff_and_widened_patients(back_end, rtol):
    if rtol < back_end.tight:
        pytest.skip("numbers of seven digits are for looser tolerances")
    given, doses, expected = _stiff()
    found = solve(clinic(), given, **grouped(times=TIMES, doses=doses, **back_end.within(rtol)))
    assert not found.failed.any()
    seen = np.stack([found.output("cells"), found.output("drug")], axis=2)
    error = np.abs(seen - expected) / (rtol * np.abs(expected) + 1e-3 * rtol)
    assert error.max() < 10.0
    assert found.steps.max() < 2000


def test_patients_that_blow_up_leave_the_others_alone(back_end):
    given, doses = patients_of(COUNT), doses_of(COUNT)
    options = {
        "times": TIMES,
        "doses": doses,
        "reducers": REDUCERS,
        "chunk": 20,
        **back_end.options,
    }
    calm = solve(clinic(), given, **grouped(**options))
    assert not calm.failed.any()
    wild = np.array([0, 7, 8, 9, 10, 11, 12, 13, 30, 44])
    feed = np.zeros(COUNT)
    feed[wild] = 1.0
    found = solve(clinic(), given | {"feed": feed}, **grouped(**options))
    others = np.setdiff1d(np.arange(COUNT), wild)
    np.testing.assert_array_equal(found.values[others], calm.values[others])
    np.testing.assert_array_equal(found.steps[others], calm.steps[others])
    for name, values in found.reduced.items():
        np.testing.assert_array_equal(values[others], calm.reduced[name][others], name)
    assert set(found.status[wild].tolist()) <= set(BLOWS_UP)
    cells = found.output("cells")[wild]
    missing = np.isnan(cells)
    assert (np.diff(missing.astype(int), axis=1) >= 0).all()
    assert missing[:, -1].all()
    assert not missing[:, 0].any()
    assert np.isnan(found.final_states[wild]).all()
    assert np.isnan(found.reduced["minimum(cells)"][wild]).all()
    first = follow({**select(given, 0), "feed": 1.0}, np.array([0.0, 0.25]), [])
    near = solve(
        clinic(),
        select(given | {"feed": feed}, [0]),
        **grouped(times=[0.0, 0.25, 9.0], **back_end.options),
    )
    assert near.output("cells")[0, :2] == pytest.approx(first[:, 0], rel=1e-2)
    table = found.patients()
    assert table.height == COUNT
    assert (table["status"] == "done").sum() == len(others)
    rows = found.frame().filter(output="cells", time=END)
    assert rows.height == COUNT
    assert rows["value"].null_count() == len(wild)


def test_a_slope_without_bound_at_the_start_does_not_freeze_the_state(back_end):
    kernel = compile_kernel(read_model("x = 0; x' = 1 - x^0.5"), outputs=["x"])
    found = solve(kernel, None, **grouped(times=[0.0, 1.0, 2.0], **back_end.options))
    # in closed form the root s of x follows t = -2 s - 2 ln(1 - s)
    root = np.sqrt(found.output("x")[0, 1:])
    assert -2 * root - 2 * np.log(1 - root) == pytest.approx([1.0, 2.0], rel=2e-3)
