"""One door per foreign library, and every library that comes in is declared."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions

import pytest

from tests.architecture.tree import foreign_imports, module_name, project, source_files

# Library -> the modules and packages that may import it.
DOORS: dict[str, tuple[str, ...]] = {
    "antimony": ("stromal.models.parse",),
    "distributed": ("stromal.kernels.executors",),
    "dask": ("stromal.kernels.executors",),
    "duckdb": ("stromal.store.query",),
    "flowio": ("stromal.assays.flow",),
    "flowkit": ("stromal.assays.flow",),
    "jinja2": ("stromal.report",),
    "libsbml": ("stromal.models.parse",),
    "markupsafe": ("stromal.report",),
    "matplotlib": ("stromal.report.figures",),
    "llvmlite": ("stromal.kernels.solvers",),
    "numba": ("stromal.kernels.solvers",),
    "plotly": ("stromal.web",),
    "rdmlpython": ("stromal.assays.qpcr",),
    "rich": ("stromal.progress",),
    "shiny": ("stromal.web",),
    "sympy": ("stromal.kernels", "stromal.models"),
    "typer": ("stromal.cli",),
}

# Free everywhere: the language of the house.
FREE = {"numpy", "polars", "pydantic", "pydantic_core", "scipy"}

# Import names that are installed by another distribution than the one that is declared.
PART_OF = {"markupsafe": "jinja2", "pydantic_core": "pydantic"}

# Never in the package: they pin an old pandas, or their licence would bind ours; tests may use
# them as witnesses.
NEVER = {
    "lifelines",
    "numbalsoda",
    "pandas",
    "pingouin",
    "roadrunner",
    "scikit_survival",
    "sksurv",
    "surpyval",
}


def _within(module: str, doors: tuple[str, ...]) -> bool:
    return any(module == door or module.startswith(f"{door}.") for door in doors)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _declared(requirements: list[str]) -> set[str]:
    return {_normal(re.split(r"[\s\[<>=!~;]", text, maxsplit=1)[0]) for text in requirements}


def _foreign(file_imports: set[str]) -> set[str]:
    return file_imports - set(sys.stdlib_module_names) - {"stromal"}


@cache
def _installed() -> Mapping[str, list[str]]:
    """Which distributions install a library; to ask takes a tenth of a second."""
    return packages_distributions()


def _distributions(library: str) -> set[str]:
    library = PART_OF.get(library, library)
    found = _installed().get(library, [library])
    return {_normal(name) for name in found}


@pytest.mark.parametrize("file", source_files(), ids=module_name)
def test_foreign_libraries_come_in_by_their_doors(file):
    module = module_name(file)
    wrong = {
        library: DOORS.get(library, ())
        for library in _foreign(foreign_imports(file))
        if library not in FREE and not _within(module, DOORS.get(library, ()))
    }
    assert not wrong, f"{module} may not import these; their doors are {wrong}"


def test_a_library_stands_in_one_list():
    assert not FREE & DOORS.keys()
    assert not NEVER & (FREE | DOORS.keys())


def test_every_import_is_declared():
    extras = project()["project"]["optional-dependencies"].values()
    declared = _declared(project()["project"]["dependencies"]).union(*map(_declared, extras))
    undeclared = {
        (module_name(file), library)
        for file in source_files()
        for library in _foreign(foreign_imports(file))
        if not _distributions(library) & declared
    }
    assert not undeclared


def test_every_core_dependency_is_imported():
    imported = set().union(*(_foreign(foreign_imports(file)) for file in source_files()))
    used = set().union(*(_distributions(library) for library in imported))
    idle = _declared(project()["project"]["dependencies"]) - used
    assert not idle, "a dependency enters with the code that imports it (decisions/0004)"


def test_libraries_that_bind_are_not_in_the_core():
    assert not _declared(project()["project"]["dependencies"]) & {_normal(name) for name in NEVER}
