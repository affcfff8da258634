"""Which back ends there are, and what is said where one is not."""

from __future__ import annotations

import pytest

from stromal.errors import InvalidInput
from stromal.kernels import backends
from stromal.kernels.backends import FEW, find_backend, find_backends, why_not


def test_numpy_is_always_there():
    assert find_backends()[0] == "numpy"
    assert why_not("numpy") is None


def test_few_patients_need_no_compilation():
    assert find_backend("auto", FEW).name == "numpy"


@pytest.mark.parametrize(
    ("absent", "taken"), [((), "lanes"), (("lanes",), "scalar"), (("lanes", "scalar"), "numpy")]
)
def test_many_patients_take_the_fastest_there_is(monkeypatch, absent, taken):
    monkeypatch.setattr(backends, "why_not", lambda name: "no" if name in absent else None)
    assert backends._choose(FEW + 1) == taken


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


def test_a_driver_that_crashes_is_a_reason_and_no_crash(monkeypatch):
    def crash(_):
        raise OSError("driver")

    monkeypatch.setattr(backends, "import_module", crash)
    assert why_not("scalar") == "OSError: driver"
