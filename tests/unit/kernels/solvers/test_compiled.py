"""Rules of compiled arithmetic."""

from __future__ import annotations

import ctypes
import importlib.util

import numpy as np
import pytest
from numba import types

from stromal.kernels.solvers import compiled as compiled_module
from stromal.kernels.solvers.compiled import compiled, compiled_for_c, inlined


def divide(left, right):
    return left / right


def is_number(value):
    return value == value  # noqa: PLR0124 - what a careless compiler would take for granted


def test_division_by_zero_is_infinite_and_no_error():
    assert compiled(divide)(1.0, 0.0) == np.inf


def test_nan_is_not_optimised_away():
    assert not compiled(is_number)(np.nan)


def test_works_where_nothing_can_be_kept(monkeypatch):
    def refuse(_function):
        raise RuntimeError("no locator available")

    monkeypatch.setattr(compiled_module, "_Cache", refuse)
    assert compiled(divide)(3.0, 2.0) == 1.5


@pytest.fixture
def half(tmp_path):
    """Makes the same function, in a file of its own, as a new process would."""
    path = tmp_path / "halves.py"
    path.write_text("def half(x):\n    return x / 2.0\n", "utf-8")

    def make():
        spec = importlib.util.spec_from_file_location("halves", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return compiled(module.half)

    assert make()(3.0) == 1.5
    return make


def was_read(dispatcher):
    return bool(sum(dispatcher.stats.cache_hits.values()))


def test_what_is_kept_is_read_again(half):
    again = half()
    assert again(3.0) == 1.5
    assert was_read(again)


@pytest.mark.parametrize("kind", ["nbi", "nbc"])
@pytest.mark.parametrize("text", [b"", b"csomewhere\nNothing\n.", b"\x80" * 4000])
def test_damaged_files_are_made_anew(half, tmp_path, kind, text):
    (file,) = tmp_path.glob(f"__pycache__/*.{kind}")
    file.write_bytes(text)
    again, once_more = half(), half()
    assert again(3.0) == 1.5
    assert not was_read(again)
    assert once_more(3.0) == 1.5
    assert was_read(once_more)


def test_one_altered_byte_of_code_is_noticed(half, tmp_path):
    (file,) = tmp_path.glob("__pycache__/*.nbc")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    again = half()
    assert again(3.0) == 1.5
    assert not was_read(again)


def test_code_of_other_sources_is_obsolete(half, monkeypatch):
    monkeypatch.setattr(compiled_module, "digest_of_sources", lambda: "of other texts")
    again = half()
    assert again(3.0) == 1.5
    assert not was_read(again)


def test_an_inlined_function_is_the_same_function():
    half = inlined(lambda value: value / 2.0)
    assert compiled(lambda value: half(value) + 1.0)(3.0) == half(3.0) + 1.0 == 2.5


@pytest.mark.parametrize("kind", ["nbi", "nbc"])
def test_functions_for_c_are_kept_as_others_are(tmp_path, kind):
    path = tmp_path / "tripled.py"
    path.write_text("def triple(x):\n    x[0] = 3.0 * x[0]\n", "utf-8")

    def make():
        spec = importlib.util.spec_from_file_location("tripled", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        made = compiled_for_c(module.triple, [types.CPointer(types.float64)])
        number = ctypes.c_double(2.0)
        made.ctypes(ctypes.byref(number))
        assert number.value == 6.0
        return made.cache_hits

    assert [make(), make()] == [0, 1]
    (file,) = tmp_path.glob(f"__pycache__/*.{kind}")
    file.write_bytes(file.read_bytes()[:-7])
    assert [make(), make()] == [0, 1]
