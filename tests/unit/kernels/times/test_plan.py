"""The timeline with what happens at known times: order, groups, and what the caller changes."""

from __future__ import annotations

import numpy as np

from stromal.kernels.inputs import complete_parameters
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.timeline import Dose, Kind, ParameterChange, plan_timeline
from stromal.kernels.times.plan import Course, plan_known_times
from stromal.models.parse import read_model


def plan(text, values, end=10.0, **given):
    kernel = compile_kernel(read_model(text), outputs=["x"], vary=["t"], dosed=["x"])
    rows = complete_parameters(kernel, np.array(values, float).reshape(-1, 1))
    timeline = plan_timeline(kernel.program, len(rows), **given)
    return plan_known_times(kernel.clock, kernel.program, rows, timeline, Course(0.0, end))


TEXT = "x = 0; t = 2; x' = piecewise(1, time >= t, 0); at (time >= t): x = x + 1"


def entries(timeline, patient):
    plan = timeline.plans[patient]
    part = slice(timeline.offsets[plan], timeline.offsets[plan + 1])
    return list(zip(timeline.times[part].tolist(), timeline.kinds[part].tolist(), strict=True))


def test_switches_come_before_events_and_what_is_given_after():
    found = plan(TEXT, [2.0], doses=[Dose(2.0, "x", 1.0)])
    kinds = [Kind.PARAMETER, Kind.EVENT, Kind.DOSE]
    assert entries(found.timeline, 0) == [(2.0, kind) for kind in kinds]
    assert found.parameters.tolist() == [[2.0, 0.0, 0.0]]  # t, the switch, the input of x


def test_patients_with_equal_times_share_a_plan():
    found = plan(TEXT, [2.0, 3.0, 2.0, -1.0, 50.0])
    assert found.timeline.plans[0] == found.timeline.plans[2]
    assert entries(found.timeline, 3) == entries(found.timeline, 4) == []
    assert found.parameters[:, 1].tolist() == [0.0, 0.0, 0.0, 1.0, 0.0]


def test_a_change_of_a_parameter_moves_what_is_to_come():
    changes = [ParameterChange(1.0, "t", 5.0), ParameterChange(6.0, "t", 8.0)]
    found = plan(TEXT, [2.0], parameter_changes=changes)
    times = [time for time, kind in entries(found.timeline, 0) if kind == Kind.EVENT]
    assert times == [5.0, 8.0]
    late = plan(TEXT, [7.0], parameter_changes=[ParameterChange(4.0, "t", 3.0)])
    kinds = [Kind.PARAMETER, Kind.PARAMETER, Kind.EVENT]
    assert entries(late.timeline, 0) == [(4.0, kind) for kind in kinds]


def test_a_change_before_the_start_holds_from_the_start_on():
    found = plan(TEXT, [2.0], parameter_changes=[ParameterChange(-1.0, "t", 4.0)])
    assert [time for time, _ in entries(found.timeline, 0)] == [-1.0, 4.0, 4.0]
