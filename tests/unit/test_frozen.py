"""Mappings that nobody changes: read as dicts are, pickled and copied whole."""

from __future__ import annotations

import copy
import pickle

import pytest

from stromal.frozen import freeze


def test_it_reads_as_what_was_given_and_keeps_it():
    given = {"k": 0.5, "x": 1.0}
    frozen = freeze(given)
    given["k"] = 3.0
    assert frozen == {"k": 0.5, "x": 1.0} == dict(frozen)
    assert (list(frozen), len(frozen), "x" in frozen, frozen.get("y")) == (
        ["k", "x"],
        2,
        True,
        None,
    )
    assert repr(frozen) == "freeze({'k': 0.5, 'x': 1.0})"
    with pytest.raises(KeyError, match="y"):
        frozen["y"]


def _set(frozen):
    frozen["k"] = 1.0


def _remove(frozen):
    del frozen["k"]


def _replace(frozen):
    frozen.own = {}


def _empty(frozen):
    frozen.own.clear()


@pytest.mark.parametrize("change", [_set, _remove, _replace, _empty])
@pytest.mark.parametrize(
    "send",
    [lambda one: one, copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))],
    ids=["itself", "copy", "deepcopy", "pickle"],
)
def test_neither_it_nor_a_copy_can_be_changed(send, change):
    frozen = send(freeze({"k": 0.5}))
    with pytest.raises((TypeError, AttributeError)):
        change(frozen)
    assert frozen == {"k": 0.5}


def test_copies_reach_as_deep_as_they_say():
    inner = [1]
    frozen = freeze({"k": inner})
    assert copy.copy(frozen)["k"] is inner
    assert copy.deepcopy(frozen)["k"] is not inner
