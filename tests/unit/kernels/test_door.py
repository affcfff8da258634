"""Groups of arguments: what stands in their place is refused, for every call alike."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest
from tests.unit.kernels.examples import DECAY, derive

from stromal.errors import InvalidInput
from stromal.kernels.door import Accuracy, Read, Schedule, Work, check_groups
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solve import solve
from stromal.kernels.stream import solve_to_parquet
from stromal.kernels.timeline import Dose


@pytest.fixture(scope="module")
def kernel():
    return compile_kernel(derive(DECAY), outputs=["drug"], vary=["k"], dosed=["drug"])


def test_every_group_that_is_none_is_named_at_once():
    with pytest.raises(InvalidInput) as error:
        check_groups([0.0, 1.0], [Dose(0.0, "drug", 1.0)], 1e-4, "lanes")
    assert [issue.message for issue in error.value.issues] == [
        "`read` is of type list, not Read",
        "`schedule` is of type list, not Schedule",
        "`accuracy` is of type float, not Accuracy",
        "`work` is of type str, not Work",
    ]
    assert all(issue.hint.startswith("write ") for issue in error.value.issues)


def test_times_alone_are_refused_by_each_call(kernel, tmp_path):
    for call in (
        lambda: solve(kernel, {"k": 0.5}, [0.0, 1.0]),
        lambda: solve_to_parquet(kernel, {"k": 0.5}, [0.0, 1.0], tmp_path / "run"),
    ):
        with pytest.raises(InvalidInput, match="`read` is of type list, not Read"):
            call()
    assert not (tmp_path / "run").exists()


def test_groups_hold_every_argument_once_and_do_not_change():
    names = [one.name for group in (Read, Schedule, Accuracy, Work) for one in fields(group)]
    assert len(names) == len(set(names)) == 19
    with pytest.raises(FrozenInstanceError):
        Work().threads = 2


def test_a_stream_goes_on_from_no_saved_states(kernel, tmp_path):
    with pytest.raises(InvalidInput, match="goes on from no saved states"):
        solve_to_parquet(
            kernel,
            {"k": 0.5},
            Read([1.0]),
            tmp_path / "run",
            schedule=Schedule(initial_states=[1.0]),
        )
    assert not (tmp_path / "run").exists()
