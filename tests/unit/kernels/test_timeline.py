"""What happens to patients at given times."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from stromal.errors import InvalidInput
from stromal.kernels.compile.program import compile_program
from stromal.kernels.timeline import (
    Dose,
    Jump,
    Kind,
    ParameterChange,
    no_changes,
    plan_timeline,
)
from stromal.models.odes import Odes

drug, effect, unseen, silent, k = sympy.symbols("drug effect unseen silent k", real=True)
ODES = Odes(
    "drug",
    (drug, effect, unseen, silent),
    (-k * drug, drug - effect + silent, drug - unseen, -silent),
    (sympy.Integer(1), sympy.Integer(1), sympy.Integer(1), sympy.Integer(0)),
    (k,),
    (1.0,),
    {"effect": effect},
)
PROGRAM = compile_program(ODES, outputs=["effect"], vary=["k"])


def messages(**changes):
    with pytest.raises(InvalidInput) as caught:
        plan_timeline(PROGRAM, 2, **changes)
    return [str(issue) for issue in caught.value.issues]


def test_equal_doses_share_one_plan():
    timeline = plan_timeline(PROGRAM, 1000, doses=[Dose(1, "drug", 5), Dose(0.5, "drug", 2)])
    assert timeline.times.tolist() == [0.5, 1.0]
    assert timeline.amounts.tolist() == [2.0, 5.0]
    assert set(timeline.plans) == {0}


def test_doses_of_their_own():
    doses = [
        Dose([1.0, 3.0, 2.0], "drug", [5.0, 0.0, 7.0], patients=range(3)),
        Dose(1.5, "effect", 1.0),
    ]
    timeline = plan_timeline(PROGRAM, 3, doses=doses)
    entries = [
        timeline.times[timeline.offsets[plan] : timeline.offsets[plan + 1]].tolist()
        for plan in timeline.plans
    ]
    assert entries == [[1.0, 1.5], [1.5], [1.5, 2.0]]


def test_the_order_of_one_instant():
    timeline = plan_timeline(
        PROGRAM,
        1,
        parameter_changes=[ParameterChange(1, "k", 2)],
        doses=[Dose(1, "drug", 5), Dose(1, "effect", 4)],
        jumps=[Jump(1, "drug", 0.5)],
    )
    kinds = [Kind.JUMP, Kind.DOSE, Kind.DOSE, Kind.PARAMETER]
    assert timeline.kinds.tolist() == kinds
    assert timeline.amounts.tolist() == [0.0, 5.0, 4.0, 2.0]


def test_what_changes_nothing_is_left_out():
    timeline = plan_timeline(
        PROGRAM,
        2,
        doses=[Dose(1, "drug", 0.0), Dose(2, "drug", [-0.0, 0.0])],
        jumps=[Jump(1, "drug", 1.0)],
    )
    assert timeline.times.size == 0


def test_a_parameter_set_to_zero_is_a_change():
    assert plan_timeline(
        PROGRAM, 1, parameter_changes=[ParameterChange(1, "k", 0)]
    ).times.tolist() == [1.0]


@pytest.mark.parametrize("patients", [[True, False, True], [0, 2], np.array([2.0, 0.0])])
def test_changes_of_some_of_the_patients(patients):
    for kind, change in (
        ("parameter_changes", ParameterChange(1, "k", 2, patients=patients)),
        ("doses", Dose([1, 1], "drug", 2, patients=patients)),
        ("jumps", Jump(1, "drug", [2, 2], patients=patients)),
    ):
        timeline = plan_timeline(PROGRAM, 3, **{kind: [change]})
        assert np.diff(timeline.offsets)[timeline.plans].tolist() == [1, 0, 1]
        assert messages(**{kind: [change]})


def test_a_patient_may_be_named_twice():
    dose = Dose([3, 1, 2], "drug", [30, 10, 20], patients=[1, 1, 0])
    timeline = plan_timeline(PROGRAM, 2, doses=[dose])
    assert timeline.times.tolist() == [2.0, 1.0, 3.0]
    assert timeline.amounts.tolist() == [20.0, 10.0, 30.0]


def test_one_patient_with_many_doses_costs_the_others_nothing():
    often = Dose(np.linspace(0, 1, 2000), "drug", 1.0, patients=np.zeros(2000))
    timeline = plan_timeline(PROGRAM, 1_000_000, doses=[often])
    assert timeline.times.size == 2000
    assert (timeline.offsets[1], timeline.offsets[-1]) == (2000, 2000)


def test_patients_who_are_not_there():
    for patients, words in (
        ([2], "dose of `drug`: there is no patient 2"),
        ([-1], "there is no patient -1"),
        ([0.5], "there is no patient 0.5"),
        ([np.nan], "there is no patient nan"),
        (1, "patients are not a list of numbers"),
        ({0, 1}, "patients are not a list of numbers"),
        ([True, 0], "patients are not a list of numbers"),
        (np.ma.array([True, True], mask=[0, 1]), "patients are not a list of numbers"),
        (np.ma.array([0, 1], mask=[0, 1]), "there is no patient nan"),
        ([[True], [False]], "patients are truth values of shape (2, 1), for 2"),
        ("first", "dose of `drug`: patients are not a list of numbers"),
        ([True], "patients are truth values of shape (1,), for 2"),
    ):
        (issue,) = messages(doses=[Dose(1, "drug", 1.0, patients=patients)])
        assert words in issue


def test_a_dose_that_no_output_can_see_is_left_out():
    assert plan_timeline(PROGRAM, 2, doses=[Dose(1, "unseen", 3.0)]).times.size == 0


def test_a_dose_to_a_state_that_was_pruned_as_zero_is_refused():
    (issue,) = messages(doses=[Dose(1, "silent", 3.0)])
    assert "zero throughout" in issue
    assert "dosed" in issue


def test_unknown_names_all_at_once():
    issues = messages(doses=[Dose(1, "drog", 1)], parameter_changes=[ParameterChange(1, "kk", 1)])
    assert len(issues) == 2
    assert "`drog`" in issues[0] or "`drog`" in issues[1]


def test_times_outside_the_run():
    issues = messages(doses=[Dose(-1, "drug", 1), Dose([1, 9], "drug", 1)], end=5.0)
    assert any("before the start at 0" in issue for issue in issues)
    assert any("at 9 is after the end at 5" in issue for issue in issues)


def test_a_parameter_may_change_before_the_start():
    assert plan_timeline(
        PROGRAM, 1, parameter_changes=[ParameterChange(-3, "k", 2)]
    ).times.tolist() == [-3.0]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite(bad):
    issues = messages(
        doses=[Dose(bad, "drug", 1), Dose(1, "drug", [1, bad])], jumps=[Jump(1, "drug", bad)]
    )
    assert sum("not a finite number" in issue for issue in issues) == 3


def test_arrays_of_another_length():
    assert "3" in messages(doses=[Dose(1, "drug", [1, 2, 3])])[0]


def test_words_are_no_numbers():
    assert "dose of `drug`: not all of it" in messages(doses=[Dose("soon", "drug", 1)])[0]


def test_some_of_the_patients():
    timeline = plan_timeline(PROGRAM, 3, doses=[Dose(1, "drug", [1.0, 2.0, 3.0])])
    part = timeline.select(np.array([2, 0]))
    assert part.n_patients == 2
    assert [part.amounts[part.offsets[plan]] for plan in part.plans] == [3.0, 1.0]


@pytest.mark.parametrize("n_patients", [0, 1, 4])
def test_nothing_happens(n_patients):
    timeline = no_changes(n_patients)
    assert timeline.n_patients == n_patients
    assert timeline.times.size == 0


def test_no_patients():
    assert plan_timeline(PROGRAM, 0, doses=[Dose(1, "drug", 1)]).n_patients == 0


def test_some_patients_have_their_own_entries_alone():
    doses = [
        Dose([1.0, 2.0, 3.0, 4.0], "drug", [1.0, 2.0, 0.0, 4.0], patients=range(4)),
        Dose(5.0, "drug", 7.0),
    ]
    timeline = plan_timeline(PROGRAM, 4, doses=doses)
    for patients in (slice(1, 3), np.array([3, 1]), slice(0, 4), slice(2, 2)):
        part = timeline.select(patients)
        assert part.n_patients == len(timeline.plans[patients])
        for plan, whole in zip(part.plans, timeline.plans[patients], strict=True):
            own = slice(part.offsets[plan], part.offsets[plan + 1])
            wanted = slice(timeline.offsets[whole], timeline.offsets[whole + 1])
            for name in ("times", "kinds", "targets", "factors", "amounts"):
                np.testing.assert_array_equal(
                    getattr(part, name)[own], getattr(timeline, name)[wanted]
                )
    assert timeline.select(slice(2, 3)).times.tolist() == [5.0]
