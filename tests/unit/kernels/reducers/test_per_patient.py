"""Times of single patients."""

from __future__ import annotations

import pickle

import numpy as np
import polars as pl

from stromal.kernels.reducers.per_patient import (
    PerPatient,
    find_per_patient,
    part_of,
    read_per_patient,
)


def test_lists_arrays_and_series_are_times_of_patients():
    for given in ([1.0, None], np.array([1.0, np.nan]), pl.Series([1.0, None])):
        found = read_per_patient(given)
        assert found == PerPatient(np.array([1.0, np.nan]))
        assert hash(found) == hash(read_per_patient([1.0, None]))


def test_what_is_none_is_left_as_it_is():
    for given in (3.0, "x", None, ["x"], [[1.0]], {"a": 1.0}):
        assert read_per_patient(given) is given


def test_the_caller_may_change_its_array():
    own = np.array([1.0, 2.0])
    kept = read_per_patient(own)
    own[0] = 9.0
    assert kept.times.tolist() == [1.0, 2.0]
    assert not kept.times.flags.writeable
    assert pickle.loads(pickle.dumps(kept)) == kept


def test_parts():
    each = read_per_patient([1.0, 2.0, 3.0])
    value = (0.0, {"a": each, "b": 4.0})
    cut = part_of(value, slice(1, 3))
    assert cut == (0.0, {"a": PerPatient(np.array([2.0, 3.0])), "b": 4.0})
    assert list(find_per_patient(value)) == [each]
