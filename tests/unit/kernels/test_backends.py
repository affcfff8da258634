"""Which back ends there are, and what is said where one is not."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import get_args

import pytest
from tests.unit.kernels.solvers.programs import decay, robertson, square

from stromal.errors import InvalidInput
from stromal.kernels import backends
from stromal.kernels.backends import FEW, MOST_LOADED, find_backend, find_backends, why_not
from stromal.kernels.solvers import numpy_solver
from stromal.kernels.solvers.problem import Precision


def test_numpy_is_always_there():
    assert find_backends()[0] == "numpy"
    assert why_not("numpy") is None


def test_few_patients_need_no_compilation():
    for states, most in FEW:
        assert find_backend("auto", most, states=states).name == "numpy"


@pytest.mark.parametrize(
    ("absent", "taken"), [((), "lanes"), (("lanes",), "scalar"), (("lanes", "scalar"), "numpy")]
)
def test_many_patients_take_the_fastest_there_is(monkeypatch, absent, taken):
    monkeypatch.setattr(backends, "why_not", lambda name: "no" if name in absent else None)
    for states, most in FEW:
        assert backends._choose(most + 1, states, "f64") == taken
    assert backends._choose(1, FEW[-1][0] + 1, "f64") == taken


def test_a_back_end_that_cannot_run_is_refused_with_a_hint(monkeypatch):
    monkeypatch.setattr(backends, "why_not", lambda _: "there is no CUDA device")
    with pytest.raises(InvalidInput) as error:
        find_backend("gpu", 10)
    issue = error.value.issues[0]
    assert issue.message == "the back end `gpu` cannot run here (there is no CUDA device)"
    assert "stromal[gpu]" in str(issue.hint)


def test_unknown_back_end():
    with pytest.raises(InvalidInput, match="no back end `abacus`"):
        find_backend("abacus", 10)


@pytest.mark.parametrize("precision", get_args(Precision))
def test_a_precision_is_asked_of_back_ends_that_have_it(monkeypatch, precision):
    monkeypatch.setattr(backends, "why_not", lambda _: None)
    found = find_backend("lanes", 10, precision)
    assert (found.name, found.precision) == ("lanes", precision)
    assert find_backend("auto", 1, "f32").name == "lanes"


@pytest.mark.parametrize("name", ["numpy", "scalar", "gpu"])
def test_other_back_ends_have_one_precision(name):
    with pytest.raises(InvalidInput) as error:
        find_backend(name, 10, "f32")
    issue = error.value.issues[0]
    assert issue.message == f"the back end `{name}` has no precision f32"
    assert "name `lanes`" in str(issue.hint)


def test_unknown_precision_and_back_end_at_once():
    with pytest.raises(InvalidInput, match="no precision `f16`") as error:
        find_backend("abacus", 10, "f16")
    assert len(error.value.issues) == 2


@pytest.fixture
def loads(monkeypatch):
    """Programs that a back end was made to load, in order; nothing is in memory before."""
    loaded = []

    def load(program):
        loaded.append(program.name)
        time.sleep(0.01)
        return object()

    monkeypatch.setattr(numpy_solver, "load_functions", load)
    backends._load_functions.cache_clear()
    yield loaded
    backends._load_functions.cache_clear()


def test_functions_stay_in_memory(loads):
    backend = find_backend("numpy", 10)
    first = backend.load(decay)
    assert backend.load(decay) is first
    assert find_backend("numpy", 10).load(replace(decay)) is first
    assert loads == ["decay"]


def test_the_functions_not_used_for_longest_are_let_go(loads):
    backend = find_backend("numpy", 10)
    backend.load(decay)
    backend.load(square)
    for number in range(MOST_LOADED - 1):
        backend.load(decay)
        backend.load(replace(robertson, digest=str(number)))
    backend.load(decay)
    assert (loads.count("decay"), loads.count("square")) == (1, 1)
    backend.load(square)
    assert loads.count("square") == 2


def test_threads_load_once(loads):
    backend = find_backend("numpy", 10)
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: backend.load(decay), range(8)))
    assert len(found) == 1
    assert loads == ["decay"]


def test_a_driver_that_crashes_is_a_reason_and_no_crash(monkeypatch):
    def crash(_):
        raise OSError("driver")

    monkeypatch.setattr(backends, "import_module", crash)
    assert why_not("scalar") == "OSError: driver"
