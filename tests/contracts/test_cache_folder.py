"""Whatever happens to the folder of what was compiled, a new process gives the right numbers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder

from stromal.kernels.backends import why_not
from tests.shared import ROOT

BACK_ENDS = [
    ("numpy", "f64"),
    *[("scalar", "f64") for _ in range(1) if why_not("scalar") is None],
    *[("lanes", precision) for precision in ("f64", "f32") if why_not("lanes") is None],
]

FEW = BACK_ENDS[:2]
"""Those of tests in which every process compiles all loops."""

PROGRAM = """
import json, sys
from llvmlite.binding import TargetMachine
from numba.core.event import install_recorder
import stromal
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.door import Accuracy, Read, Work
from stromal.kernels.solve import solve
from stromal.models.parse import read_model
kernel = compile_kernel(
    read_model("x = 1; k = 0.5; x' = -k * x; at (time >= 1): x = 2 * x;"),
    outputs=["x"],
    vary=["k"],
    slopes=False,
)
emit, emitted = TargetMachine.emit_object, []
TargetMachine.emit_object = lambda *given: emitted.append(given) or emit(*given)
with install_recorder("numba:run_pass") as passes:
    numbers = [
        solve(
            kernel,
            {"k": [0.5, 3.0]},
            Read([1.0, 2.0]),
            accuracy=Accuracy(precision=precision),
            work=Work(backend=name),
        )
        .output("x")
        .tolist()
        for name, precision in json.loads(sys.argv[1])
    ]
compiled = len(passes.buffer) + len(emitted)
print(json.dumps({"numbers": numbers, "compiled": compiled, "package": stromal.__file__}))
"""


def start(
    folder: Path, back_ends: Sequence[tuple[str, str]] = BACK_ENDS, **more: str
) -> subprocess.Popen[str]:
    """A new process that runs a small model on back ends, with that folder for its cache."""
    command = [sys.executable, "-W", "error", "-c", PROGRAM, json.dumps(back_ends)]
    environment = {**os.environ, "STROMAL_CACHE": str(folder), **more}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment)


def finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What it found; it ends well and complains of nothing."""
    out, complaints = process.communicate()
    assert (process.returncode, complaints) == (0, "")
    return json.loads(out)


def run(folder: Path, back_ends: Sequence[tuple[str, str]] = BACK_ENDS) -> list[object]:
    return finish(start(folder, back_ends))["numbers"]


def kept(folder: Path) -> dict[str, int]:
    """Files of a folder with the time at which each was written."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.stat().st_mtime_ns for file in files}


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A folder as a first process leaves it, and the numbers it found."""
    folder = tmp_path_factory.mktemp("cache") / "made"
    return folder, run(folder)


def test_the_second_process_compiles_nothing(filled):
    folder, numbers = filled
    before = kept(folder)
    found = finish(start(folder))
    assert (found["numbers"], found["compiled"]) == (numbers, 0)
    assert kept(folder) == before
    assert {Path(name).suffix for name in before} == {".record", ".bin", ".o"}


def shorten(content: bytes) -> bytes:
    return content[: len(content) // 2]


def alter(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("damage", [shorten, alter], ids=lambda one: one.__name__)
@pytest.mark.parametrize(
    "files",
    ["programs/*.record", "loops/*/stromal_program*.bin", "loops/*/*step*.bin", "machine/*.o"],
    ids=["record", "functions", "loops", "machine"],
)
def test_damaged_files_are_made_anew(filled, tmp_path, files, damage):
    folder, numbers = filled
    mine = tmp_path / "cache"
    shutil.copytree(folder, mine)
    harmed = list(mine.glob(files))
    assert harmed
    for file in harmed:
        file.write_bytes(damage(file.read_bytes()))
    assert run(mine) == numbers
    mended = kept(mine)
    assert mended.keys() >= kept(folder).keys()
    assert run(mine) == numbers
    assert kept(mine) == mended


def test_two_processes_that_fill_one_folder_at_once(filled, tmp_path):
    numbers = filled[1][: len(FEW)]
    both = [start(tmp_path / "cache", FEW) for _ in range(2)]
    assert [finish(process)["numbers"] for process in both] == [numbers, numbers]
    assert kept(tmp_path / "cache").keys() <= kept(filled[0]).keys()
    before = kept(tmp_path / "cache")
    assert run(tmp_path / "cache", FEW) == numbers
    assert kept(tmp_path / "cache") == before


def test_a_file_where_the_folder_should_be(filled, tmp_path):
    (tmp_path / "cache").write_text("of somebody else")
    assert run(tmp_path / "cache", FEW) == filled[1][: len(FEW)]
    assert (tmp_path / "cache").read_text() == "of somebody else"


def test_a_folder_that_nobody_can_make(filled):
    if not Path("/proc/self").exists():
        pytest.skip("there is no /proc, in which nobody can make a folder")
    assert run(Path("/proc/stromal/cache"), FEW) == filled[1][: len(FEW)]


def test_a_folder_that_may_not_be_written(filled, tmp_path):
    if os.geteuid() == 0:
        pytest.skip("nothing is forbidden to root")
    (tmp_path / "cache").mkdir(mode=0o500)
    assert run(tmp_path / "cache", FEW) == filled[1][: len(FEW)]
    assert not kept(tmp_path / "cache")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder of packages that pip installs the wheel of this project into."""
    folder = tmp_path_factory.mktemp("installed")
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(folder / "dist"), versions=["standard"])
    target = folder / "site-packages"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(target), str(wheel)], check=True)
    return target


def test_nothing_is_written_beside_an_installed_package(installed, tmp_path):
    # a listing is compared, for nothing is forbidden to root
    before = kept(installed)
    for folder in (installed, *filter(Path.is_dir, installed.rglob("*"))):
        folder.chmod(0o555)
    elsewhere = {"PYTHONPATH": str(installed), "HOME": str(tmp_path / "home")}
    first, second = (finish(start(tmp_path / "cache", **elsewhere)) for _ in range(2))
    assert first["numbers"] == second["numbers"]
    assert Path(first["package"]).is_relative_to(installed)
    assert (first["compiled"] > 0, second["compiled"]) == (len(BACK_ENDS) > 1, 0)
    assert kept(installed) == before
    assert {path.name for path in tmp_path.iterdir()} == {"cache"}
    for folder in (installed, *filter(Path.is_dir, installed.rglob("*"))):
        folder.chmod(0o755)
