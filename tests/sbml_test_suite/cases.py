"""Cases of the SBML test suite: a model, what is asked of it, the answer, and its tolerances."""

from __future__ import annotations

import csv
import io
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import numpy as np

from stromal.kernels.door import Accuracy, Read, Work
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solve import solve
from stromal.models.parse import read_model
from tests.shared import ROOT

LARGEST_BYTES = 20_000_000
_MEMBER = re.compile(r"(?:[^/]+/)*(\d{5})/\1-(sbml\.xml|settings\.txt|results\.csv)")


@dataclass(frozen=True, slots=True)
class Case:
    """One case: variables over time with tolerances, as the suite's settings name them."""

    number: str
    sbml: str
    times: np.ndarray
    names: tuple[str, ...]
    values: np.ndarray
    absolute: float
    relative: float
    amounts: frozenset[str]
    concentrations: frozenset[str]


def case_files() -> list[Path]:
    """Archives of cases that are here: the shared one, and those that STROMAL_SBML_CASES names."""
    shared = Path(os.environ.get("STROMAL_SHARED", str(ROOT.parent / "shared")))
    named = os.environ.get("STROMAL_SBML_CASES", "")
    paths = [shared / "data" / "sbml_test_suite" / "cases.zip", *_paths(named)]
    return [path for path in paths if path.is_file()]


def _paths(named: str) -> list[Path]:
    return [Path(item) for item in named.split(os.pathsep) if item]


def members(path: Path) -> dict[str, dict[str, str]]:
    """Member names of an archive by case and kind; what is not part of a case is left alone.

    Nothing is unpacked: names are only compared, and texts are read in memory up to a size.
    """
    found: dict[str, dict[str, str]] = {}
    try:
        with ZipFile(path) as archive:
            for item in archive.infolist():
                match = _MEMBER.fullmatch(item.filename)
                if match and ".." not in item.filename and item.file_size <= LARGEST_BYTES:
                    found.setdefault(match[1], {})[match[2]] = item.filename
    except BadZipFile as error:
        raise ValueError(f"{path.name} is not a zip archive") from error
    return {number: kinds for number, kinds in sorted(found.items()) if len(kinds) == 3}


@cache
def _archive(path: Path) -> ZipFile:
    return ZipFile(path)


def read_case(path: Path, number: str, names: dict[str, str]) -> Case:
    """A case of an archive."""
    sbml, settings, results = (
        _text(path, names[kind]) for kind in ("sbml.xml", "settings.txt", "results.csv")
    )
    asked = {
        key.strip().lower(): value.strip()
        for key, _, value in (line.partition(":") for line in settings.splitlines())
    }
    header, *rows = [row for row in csv.reader(io.StringIO(results)) if row]
    table = np.array([[float(cell) for cell in row] for row in rows])
    return Case(
        number=number,
        sbml=sbml,
        times=table[:, 0],
        names=tuple(name.strip() for name in header[1:]),
        values=table[:, 1:],
        absolute=float(asked["absolute"]),
        relative=float(asked["relative"]),
        amounts=_listed(asked.get("amount", "")),
        concentrations=_listed(asked.get("concentration", "")),
    )


def _text(path: Path, name: str) -> str:
    with _archive(path).open(name) as file:
        return file.read(LARGEST_BYTES).decode("utf-8-sig")


def _listed(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())


def compute(case: Case, backend: str) -> np.ndarray:
    """What the kernel gives for a case: times by names; InvalidInput where it is refused."""
    model = read_model(case.sbml)
    species = {item.name for item in model.species}
    outputs = [_output(case, name, species) for name in case.names]
    kernel = compile_kernel(model, outputs=list(dict.fromkeys(outputs)), slopes=False)
    solution = solve(
        kernel,
        {},
        Read(case.times),
        accuracy=Accuracy(
            rtol=min(1e-6, case.relative / 100), atol=min(1e-9, case.absolute / 1000)
        ),
        work=Work(backend=backend, threads=1),
    )
    return np.column_stack([solution.output(name)[0] for name in outputs])


def _output(case: Case, name: str, species: set[str]) -> str:
    if name in species and name in case.amounts:
        return f"amount({name})"
    if name in species and name in case.concentrations:
        return f"concentration({name})"
    return name


def agrees(case: Case, values: np.ndarray) -> bool:
    """Whether values are those of the case within its own tolerances."""
    wanted = case.values
    with np.errstate(invalid="ignore"):
        near = np.abs(values - wanted) <= case.absolute + case.relative * np.abs(wanted)
    return bool((near | (values == wanted) | (np.isnan(values) & np.isnan(wanted))).all())
