"""Models, equations, kernels and solutions travel: pickled, copied, to another process."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from dataclasses import FrozenInstanceError, fields, is_dataclass

import numpy as np
import pytest

from stromal.kernels.backends import find_backends
from stromal.kernels.kernel import Kernel, compile_kernel
from stromal.kernels.reducers import Area, Minimum
from stromal.kernels.solution import Solution
from stromal.kernels.solve import solve
from stromal.kernels.timeline import Dose, Jump
from stromal.models.derive import derive_odes
from stromal.models.model import Model
from stromal.models.odes import Odes
from stromal.models.parse import read_model
from tests.flat import grouped

TEXT = """
drug = 0; cells = 1; ke = 0.4; kill = 0.3; base = 1;
drug' = -ke * drug;
cells' = piecewise(0.1 * cells, time / 2 >= 1, 0) - kill * drug / (1 + drug) * cells;
share := cells / (cells + base);
at (time >= 5): cells = cells * 0.5;
"""


def _sent(value):
    return pickle.loads(pickle.dumps(value))


ASKED = {
    "parameters": {"ke": np.linspace(0.1, 2.0, 7)},
    "times": [0.0, 3.0, 9.0],
    "doses": [Dose(0.0, "drug", 2.0)],
    "jumps": [Jump(6.0, "cells", 0.5)],
    "reducers": [Area("cells"), Minimum("share")],
    "intervals": 20,
}


@pytest.fixture(scope="module")
def model() -> Model:
    return read_model(TEXT)


@pytest.fixture(scope="module")
def odes(model) -> Odes:
    return derive_odes(model)


@pytest.fixture(scope="module")
def kernel(model) -> Kernel:
    return compile_kernel(
        model,
        outputs=["cells", "share"],
        vary=["ke"],
        dosed=["drug", "cells"],
        sensitivities=["kill"],
    )


@pytest.fixture(scope="module")
def solution(kernel) -> Solution:
    return solve(kernel, **grouped(backend="numpy", **ASKED))


EVERY = ("model", "odes", "kernel", "solution")
COPIED = pytest.mark.parametrize("copied", [_sent, copy.copy, copy.deepcopy])


def _plain(value):
    """A value as tuples and dicts that can be compared, arrays to the bit."""
    if isinstance(value, np.ndarray):
        return value.dtype, value.shape, value.tobytes()
    if is_dataclass(value):
        return type(value), {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    if hasattr(value, "keys"):
        return {key: _plain(value[key]) for key in value}
    return value


@COPIED
@pytest.mark.parametrize("name", EVERY)
def test_a_copy_holds_the_same(request, name, copied):
    value = request.getfixturevalue(name)
    again = copied(value)
    assert type(again) is type(value)
    assert _plain(again) == _plain(value)
    assert repr(again) == repr(value)


@COPIED
@pytest.mark.parametrize("name", EVERY)
def test_a_copy_is_as_frozen(request, name, copied):
    again = copied(request.getfixturevalue(name))
    mappings = 0
    for field in fields(again):
        value = getattr(again, field.name)
        with pytest.raises(FrozenInstanceError):
            setattr(again, field.name, value)
        if hasattr(value, "keys"):
            mappings += 1
            with pytest.raises(TypeError):
                value["other"] = 1.0
        else:
            assert not isinstance(value, list | dict | set)
    assert mappings


@COPIED
def test_kernels_of_copies_are_the_same_program(model, odes, copied):
    whole = compile_kernel(odes, outputs=["cells"], vary=["ke"])
    for value in (copied(model), copied(odes)):
        assert compile_kernel(value, outputs=["cells"], vary=["ke"]).source == whole.source


def test_a_process_that_was_spawned_finds_the_same_to_the_bit(model, odes, kernel):
    backends = [name for name in find_backends() if name != "gpu"]
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawned) as pool:
        asked = [pool.submit(solve, kernel, **grouped(**ASKED, backend=name)) for name in backends]
        sent = [pool.submit(copy.copy, value) for value in (model, odes)]
        for name, there in zip(backends, asked, strict=True):
            assert _plain(there.result()) == _plain(solve(kernel, **grouped(backend=name, **ASKED)))
        assert [one.result() for one in sent] == [model, odes]
