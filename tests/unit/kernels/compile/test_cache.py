"""The cache: whole or not at all, whatever happens to the folder."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sympy

from stromal.kernels.compile import cache
from stromal.kernels.compile.program import Program, compile_program
from stromal.models.odes import Odes

X, K = sympy.symbols("x k", real=True)
ODES = Odes("decay", (X,), (-K * X,), (sympy.Integer(1),), (K,), (0.5,), {"x": X, "twice": 2 * X})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_memory", {})
    return tmp_path / "cache"


def compiled(**options: object) -> Program:
    return compile_program(ODES, outputs=["x"], vary=["k"], **options)  # type: ignore[arg-type]


def records(folder: Path) -> list[Path]:
    return sorted((folder / "programs").glob("*.record"))


def test_a_kept_program_is_the_same(folder: Path) -> None:
    first = compiled()
    [record] = records(folder)
    written = record.stat().st_mtime_ns
    assert compiled() == first == compiled(keep=False)
    assert record.stat().st_mtime_ns == written


def test_everything_that_matters_is_in_the_key(folder: Path) -> None:
    programs = [
        compiled(),
        compiled(start=1.0),
        compiled(prune=False),
        compiled(dosed=["x"]),
        compile_program(ODES, outputs=["twice"], vary=["k"]),
        compile_program(ODES, outputs=["x"]),
        compile_program(ODES, outputs=["x"], fixed={"k": 3.0}),
        compile_program(replace(ODES, name="other"), outputs=["x"], vary=["k"]),
    ]
    assert len(records(folder)) == len(programs)


@pytest.mark.parametrize("damage", ["empty", "half", "flip", "no text"])
def test_a_damaged_record_is_built_again(folder: Path, damage: str) -> None:
    first = compiled()
    [record] = records(folder)
    whole = record.read_bytes()
    harmed = {
        "empty": b"",
        "half": whole[: len(whole) // 2],
        "flip": whole.replace(b"-k*x", b"-k*y"),
        "no text": b"\xff\xfe\x00" * 50,
    }
    record.write_bytes(harmed[damage])
    assert compiled() == first
    assert record.read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path / "file" / "cache"))
    first = compiled()
    assert compiled() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_nothing_is_made_by_importing(folder: Path) -> None:
    assert not folder.exists()
    subprocess.run([sys.executable, "-c", "import stromal.kernels.compile.program"], check=True)
    assert not folder.exists()


COMPILE = """
import sympy
from stromal.kernels.compile.program import compile_program
from stromal.models.odes import Odes
x, k = sympy.symbols("x k", real=True)
odes = Odes("decay", (x,), (-k * x,), (sympy.Integer(1),), (k,), (0.5,), {"x": x, "twice": 2 * x})
print(compile_program(odes, outputs=["x"], vary=["k"]).digest)
"""


def test_two_processes_at_once_agree(folder: Path) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", COMPILE], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    digests = {process.communicate()[0].strip() for process in running}
    assert digests == {compiled().digest}
    assert len(records(folder)) == 1
    assert not list(folder.rglob(".*"))


def test_the_folder_is_found_without_being_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(cache.FOLDER_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache.cache_folder() == Path("/somewhere/stromal")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache.cache_folder().parts[-2:] == (".cache", "stromal")


def test_a_file_that_holds_the_content_already_is_left_alone(folder: Path) -> None:
    path = folder / "one"
    assert cache.write_sealed(path, b"x = 1")
    os.utime(path, ns=(1, 1))
    assert cache.write_sealed(path, b"x = 1")
    assert path.stat().st_mtime_ns == 1
    assert cache.write_sealed(path, b"x = 2")
    assert cache.read_sealed(path) == b"x = 2"


def test_a_user_without_a_home_shares_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError

    for variable in (cache.FOLDER_VARIABLE, "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    found = cache.cache_folder()
    assert found == cache.cache_folder()
    assert found.stat().st_mode & 0o077 == 0
    assert found.stat().st_uid == os.getuid()
