"""Machine code of generated text: kept on disk, made anew where it is damaged or another."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.kernels.solvers.lanes.registers import WIDE, call

from stromal.kernels.solvers.lanes import machine_code
from stromal.kernels.solvers.lanes.machine_code import Unit, compile_units, write_ir
from stromal.kernels.solvers.lanes.width import Width

pytestmark = pytest.mark.skipif(WIDE is None, reason="no wide vector registers")
TEXT = "def scale(x, o):\n    store(o, 0, {} * load(x, 0))"


def unit(factor: float = 2.0, **options):
    return Unit(TEXT.format(factor), WIDE, **options)


def scaled(code, name="scale"):
    x, out = np.ones((1, WIDE.lanes)), np.zeros((1, WIDE.lanes))
    call(code, name, x, out)
    return out[0, 0]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("STROMAL_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def compilations(monkeypatch):
    made = []
    real = machine_code._optimise
    monkeypatch.setattr(machine_code, "_optimise", lambda text: made.append(text) or real(text))
    return made


def test_code_is_kept_and_found_again(folder, compilations):
    assert scaled(compile_units("a/b", [unit()])) == 2.0
    assert scaled(compile_units("a/b", [unit()])) == 2.0
    assert len(compilations) == 1
    assert len([*folder.rglob("*.o")]) == 1


@pytest.mark.usefixtures("folder")
def test_another_text_is_other_code(compilations):
    assert scaled(compile_units("a/b", [unit(2.0)])) == 2.0
    assert scaled(compile_units("a/b", [unit(3.0)])) == 3.0
    assert len(compilations) == 2


@pytest.mark.parametrize("damage", [b"", b"x", b"x" * 5000])
def test_damaged_code_is_made_anew(folder, compilations, damage):
    compile_units("a/b", [unit()])
    (path,) = folder.rglob("*.o")
    path.write_bytes(damage)
    assert scaled(compile_units("a/b", [unit()])) == 2.0
    assert len(compilations) == 2
    assert path.read_bytes() != damage


def test_one_altered_byte_is_noticed(folder, compilations):
    compile_units("a/b", [unit()])
    (path,) = folder.rglob("*.o")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert scaled(compile_units("a/b", [unit()])) == 2.0
    assert len(compilations) == 2


def test_works_where_nothing_can_be_kept(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("", "utf-8")
    monkeypatch.setenv("STROMAL_CACHE", str(blocked))
    assert scaled(compile_units("a/b", [unit()])) == 2.0


@pytest.mark.usefixtures("folder")
def test_units_of_several_widths_and_names_are_one_module():
    units = [unit(2.0), Unit(TEXT.format(5.0), Width(64, 1), prefix="plain_")]
    code = compile_units("a/b", units)
    x, out = np.ones(WIDE.lanes), np.zeros(WIDE.lanes)
    call(code, "plain_scale", x, out)
    assert out.tolist() == [5.0] + [0.0] * (WIDE.lanes - 1)
    assert scaled(code) == 2.0


@pytest.mark.usefixtures("folder")
def test_only_what_is_wanted_is_compiled():
    text = TEXT.format(2.0) + "\n\n\ndef other(x):\n    x.append(1)"
    code = compile_units("a/b", [Unit(text, WIDE, wanted=frozenset({"scale"}))])
    assert set(code.addresses) == {"scale"}


def test_the_module_can_be_looked_at():
    assert "define void @scale" in write_ir([unit()])
