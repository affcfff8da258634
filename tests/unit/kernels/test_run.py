"""Everything that is wrong with a run is said at once, and chunks fit the memory."""

from __future__ import annotations

import numpy as np
import pytest
from tests.flat import grouped
from tests.unit.kernels.examples import DECAY, derive

from stromal.errors import InvalidInput
from stromal.kernels.door import Read, Work
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.reducers import Area, Minimum, ValueAt
from stromal.kernels.run import CHUNK_BYTES, FEWEST, UnknownTimes, pose_run
from stromal.kernels.solve import solve
from stromal.kernels.timeline import Dose
from stromal.models.parse import read_model

USUAL = {"times": [0.0, 10.0], "backend": "numpy", "threads": 2}


@pytest.fixture(scope="module")
def kernel():
    return compile_kernel(derive(DECAY), outputs=["drug"], vary=["k"], dosed=["drug"])


def _found(kernel, **given):
    with pytest.raises(InvalidInput) as error:
        pose_run(kernel, given.pop("parameters", {"k": 0.5}), **grouped(**{**USUAL, **given}))
    return error.value.issues


def _issues(kernel, **given):
    return [issue.message for issue in _found(kernel, **given)]


def _hinted(kernel, **given):
    return [f"{issue.message} | {issue.hint}" for issue in _found(kernel, **given)]


def test_every_argument_is_looked_at_in_one_go(kernel):
    found = _issues(
        kernel,
        parameters={"kk": 0.5},
        times=[2.0, 1.0],
        start="x",
        reducers=[Minimum("dose")],
        intervals=0,
        keep="x",
        rtol=None,
        threads=0,
        max_steps=2.5,
        progress=3,
        initial_states="x",
    )
    assert len(found) == 11


def test_how_arguments_fit_together_is_looked_at_in_one_go(kernel):
    found = _issues(
        kernel,
        times=[1.0, 10.0],
        start=2.0,
        reducers=[ValueAt("drug", (11.0,))],
        doses=[Dose(12.0, "drug", 1.0)],
        backend="abacus",
        rtol=2.0,
        initial_states=np.ones(7),
    )
    assert found == [
        "the first time, 1, is before the start at 2",
        "value_at(drug) looks at 11, outside the run from 2 to 10",
        "there is no back end `abacus`",
        "relative tolerance is 2, not between 0 and 1",
        "initial states have shape (7,), not (1, 1)",
        "dose of `drug` at 12 is after the end at 10",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"times": [2.0, 1.0]}, "times are out of order: 2 stands before 1 | sort them"),
        ({"times": []}, "not a list of times"),
        ({"times": [1.0, np.nan]}, "not a finite number"),
        ({"times": [-1.0, 1.0]}, "is before the start at 0"),
        ({"times": [1.0], "start": np.inf}, "not a finite number"),
        ({"times": [1.0], "threads": 0}, "threads is 0, less than 1"),
        ({"times": [1.0], "chunk": 0}, "chunk is 0, less than 1"),
        ({"times": [1.0], "max_steps": 1.5}, "max_steps is 1.5, not a whole number"),
        ({"times": ["soon"]}, "times: not all of it is numbers"),
        ({"times": [1.0], "backend": "abacus"}, "no back end `abacus`"),
        ({"times": [1.0], "reducers": [Area("dru")]}, "no output `dru` | did you mean `drug`?"),
        (
            {"times": [1.0], "reducers": [ValueAt("drug", (5.0,))]},
            "looks at 5, outside the run from 0 to 1",
        ),
        (
            {"times": [1.0], "reducers": [Area("drug"), Area("drug", window=(0.5, None))]},
            "two reducers are named area(drug)",
        ),
        ({"times": [1.0], "rtol": -1.0}, "relative tolerance is -1, not between 0 and 1"),
        ({"times": [1.0], "atol": 0.0}, "an absolute tolerance is not a positive number"),
        ({"times": [1.0], "atol": {"drug": np.inf}}, "an absolute tolerance is not a positive"),
        ({"times": [[0.0, 1.0]]}, "times have shape (1, 2), not a list of times"),
        (
            {"times": [1.0], "precision": "f32", "rtol": 1e-7},
            "rtol is 1e-07, which numbers of seven digits cannot keep | ask for 1e-5 or more",
        ),
        (
            {"times": [1.0], "precision": "f32", "backend": "scalar"},
            "the back end `scalar` has no precision f32 | leave `backend` to auto",
        ),
        ({"times": [1.0], "precision": "f16"}, "no precision `f16` | precisions: f64, f32"),
    ],
)
def test_bad_input(kernel, options, message):
    assert any(message in issue for issue in _hinted(kernel, **options))


def test_chunks_fit_the_memory_and_serve_every_worker(kernel):
    def chunk(patients, reducers=(), **given):
        parameters = {"k": np.ones(patients)}
        return pose_run(
            kernel, parameters, **grouped(**{**USUAL, "reducers": reducers, **given})
        ).chunk

    outputs = len(kernel.program.output_names)
    assert chunk(10) == FEWEST
    assert chunk(1000) == 500
    assert chunk(10**6, intervals=10**6) == 10**6 // 2
    whole = CHUNK_BYTES // (8 * outputs * (2 + 720))
    assert chunk(10**6, reducers=[Area("drug")]) == whole
    assert chunk(10**6, chunk=7) == 7


def test_conditions_that_cannot_be_worked_out_are_told_once():
    text = "x = 0; k = 1; x' = piecewise(1, time*exp(-k*time) > 0.2, 0) - x; y := floor(time^2)"
    kernel = compile_kernel(read_model(text), outputs=["x"])
    assert kernel.open_times == ("time*exp(-k*time) > 0.2",)
    with pytest.warns(UnknownTimes, match=r"time\*exp\(-k\*time\) > 0.2") as told:
        solve(kernel, {}, Read([0.0, 5.0]), work=Work(chunk=1))
    assert len(told) == 1
    with pytest.warns(UnknownTimes, match=r"floor\(time\^2\)"):
        solve(compile_kernel(read_model(text), outputs=["y"]), {}, Read([0.0, 5.0]))
