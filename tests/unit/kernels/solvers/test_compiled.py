"""Rules of compiled arithmetic."""

from __future__ import annotations

import ctypes
import gc
import sys
import types as types_of_python

import numpy as np
import pytest
from numba import types

from stromal.kernels.compile.cache import FOLDER_VARIABLE, write_sealed
from stromal.kernels.solvers import compiled as compiled_module
from stromal.kernels.solvers.compiled import compiled, compiled_for_c, digest_of_sources, inlined

WRITTEN = "written_by_test_compiled"


def divide(left, right):
    return left / right


def is_number(value):
    return value == value  # noqa: PLR0124 - what a careless compiler would take for granted


def test_division_by_zero_is_infinite_and_no_error():
    assert compiled(divide)(1.0, 0.0) == np.inf


def test_nan_is_not_optimised_away():
    assert not compiled(is_number)(np.nan)


def test_works_where_nothing_can_be_kept(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "file" / "cache"))
    assert compiled(divide)(3.0, 2.0) == 1.5


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "cache"))
    yield tmp_path / "cache"
    sys.modules.pop(WRITTEN, None)


def make_function(text):
    """The first function of a text, as a new process would make it.

    Its module can be imported, as those of programs can: numba asks for it by name when it reads
    what was kept, unless it still remembers the function that was kept.
    """
    module = types_of_python.ModuleType(WRITTEN)
    sys.modules[WRITTEN] = module
    exec(text, module.__dict__)
    return next(each for name, each in vars(module).items() if not name.startswith("__"))


@pytest.fixture
def half():
    """Makes the same function as a new process would."""

    def make():
        return compiled(make_function("def half(x):\n    return x / 2.0\n"))

    assert make()(3.0) == 1.5
    return make


def was_read(dispatcher):
    return bool(sum(dispatcher._cache_hits.values()))


def test_what_is_kept_is_read_again(half):
    gc.collect()  # what numba remembers of the first function goes with it
    again = half()
    assert again(3.0) == 1.5
    assert was_read(again)


@pytest.mark.parametrize("text", [b"", b"csomewhere\nNothing\n.", b"\x80" * 4000])
def test_damaged_files_are_made_anew(half, cache, text):
    (file,) = cache.glob("loops/*/*.bin")
    file.write_bytes(text)
    again, once_more = half(), half()
    assert again(3.0) == 1.5
    assert not was_read(again)
    assert once_more(3.0) == 1.5
    assert was_read(once_more)


def test_what_numba_cannot_use_is_made_anew(half, cache):
    (file,) = cache.glob("loops/*/*.bin")
    write_sealed(file, b"whole, and of another library")
    assert half()(3.0) == 1.5


def test_one_altered_byte_of_code_is_noticed(half, cache):
    (file,) = cache.glob("loops/*/*.bin")
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


def test_code_of_other_libraries_is_obsolete(monkeypatch):
    digest_of_sources.cache_clear()
    before = digest_of_sources()
    monkeypatch.setattr("numba.__version__", "another")
    digest_of_sources.cache_clear()
    assert digest_of_sources() != before
    monkeypatch.undo()
    digest_of_sources.cache_clear()
    assert digest_of_sources() == before


def test_another_number_in_a_function_is_another_function(half):
    third = compiled(make_function("def half(x):\n    return x / 3.0\n"))
    assert (half()(3.0), third(3.0)) == (1.5, 1.0)


def test_arguments_of_each_kind_have_code_of_their_own(half, cache):
    assert half()(3) == 1.5
    assert len(list(cache.glob("loops/*/*.bin"))) == 2
    again = half()
    assert (again(3.0), again(3)) == (1.5, 1.5)
    assert sum(again._cache_hits.values()) == 2


def test_an_inlined_function_is_the_same_function():
    half = inlined(lambda value: value / 2.0)
    assert compiled(lambda value: half(value) + 1.0)(3.0) == half(3.0) + 1.0 == 2.5


def test_functions_for_c_are_kept_as_others_are(cache):
    def make():
        triple = make_function("def triple(x):\n    x[0] = 3.0 * x[0]\n")
        made = compiled_for_c(triple, [types.CPointer(types.float64)])
        number = ctypes.c_double(2.0)
        made.ctypes(ctypes.byref(number))
        assert number.value == 6.0
        return made.cache_hits

    assert [make(), make()] == [0, 1]
    (file,) = cache.glob("loops/*/*.bin")
    file.write_bytes(file.read_bytes()[:-7])
    assert [make(), make()] == [0, 1]
