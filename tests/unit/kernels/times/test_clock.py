from __future__ import annotations

import numpy as np
import pytest

from stromal.errors import InvalidInput
from stromal.kernels.times.clock import make_clock
from stromal.models.derive import derive_odes
from stromal.models.parse import read_model
from stromal.models.switches import split_times


def clock_of(text, vary=("t",)):
    odes = split_times(derive_odes(read_model(text))).odes
    return make_clock(odes, outputs=["x"], vary=vary, fixed={})


def test_a_model_without_times_has_none():
    assert clock_of("x = 1; t = 2; x' = -t*x") is None


def test_only_what_rates_speak_of_is_a_hidden_parameter():
    clock = clock_of("x = 1; t = 2; x' = piecewise(1, time > t, 0); at (time > 3): x = 1")
    assert clock.hidden == ("switch 1",)
    assert [dial.relation for dial in clock.dials] == ["gt", "gt"]
    assert clock.given == ("t",)


def test_it_reads_in_the_precision_of_its_parameters():
    clock = clock_of("x = 1; t = 0.1; x' = piecewise(1, 3*time > t, 0)")
    dial = clock.dials[0]
    for kind in (np.float64, np.longdouble):
        numbers = dial.reader.read(np.array([[0.3], [0.0]]), np.array([1.0]), kind=kind)
        assert numbers.dtype == kind
        assert numbers[dial.value] == pytest.approx(2.7)
    both = dial.reader.read(np.array([[0.3, 0.6], [0.0, 0.0]]), np.ones(3), np.array([1, 0, 1]))
    assert both[dial.value] == pytest.approx([2.4, 2.7, 2.4])


def test_only_parameters_that_decide_are_read():
    clock = clock_of("x = 1; t = 2; k = 1; x' = piecewise(k, time > t, 0)", vary=("k", "t"))
    assert (clock.given, clock.size) == (("t",), 2)


def test_known_states_that_decide_are_kept():
    clock = clock_of("x = 1; t = 2; n = t; m = 5; x' = -x; at (time > n): n = n + 3, m = m + 1")
    assert clock.known == ("n",)
    assert clock.alarms[0].follows
    assert len(clock.alarms[0].updates) == 1


def test_a_trigger_that_cannot_be_worked_out_is_refused():
    with pytest.raises(InvalidInput, match="when it is triggered cannot be worked out"):
        clock_of("x = 1; t = 2; x' = -x; at (time*exp(-time) > 0.2): x = 2")
