"""A small public face: few documented names, a silent import, folders that say what they hold."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys

import pytest

import stromal
from tests.architecture.tree import PACKAGE, foreign_imports, module_name, source_files, syntax
from tests.shared import ROOT

MOST_NAMES = 25
SHAPELESS = {"utils", "util", "common", "core", "helpers", "misc"}
PUBLIC = tuple(getattr(stromal, "__all__", ()))
BLOCK = re.compile(r"^```names\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REFERENCE = (ROOT / "docs" / "reference.md").read_text("utf-8")
DOCUMENTED = [name for block in BLOCK.findall(REFERENCE) for name in block.split()]
OF_NAMESPACES = [name for name in DOCUMENTED if "." in name]


def test_few_names_are_public():
    assert len(PUBLIC) <= MOST_NAMES
    assert len(set(PUBLIC)) == len(PUBLIC)


def test_public_names_are_the_documented_names():
    documented = [name for name in DOCUMENTED if "." not in name]
    assert sorted(documented) == sorted(PUBLIC)


def test_a_name_is_documented_once():
    assert len(set(DOCUMENTED)) == len(DOCUMENTED)


def test_estimators_are_in_their_own_namespace():
    assert not [name for name in PUBLIC if name.startswith(("estimate_", "compare_"))]
    assert {name.partition(".")[0] for name in OF_NAMESPACES} == {"estimates", "kernels", "tables"}


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name_exists(name):
    assert getattr(stromal, name) is not None
    assert name in dir(stromal)


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = stromal.no_such_name


@pytest.mark.parametrize("name", [*PUBLIC, *OF_NAMESPACES])
def test_public_docstring(name):
    module, _, own = f"stromal.{name}".rpartition(".")
    thing = getattr(importlib.import_module(module), own)
    if not (inspect.isfunction(thing) or inspect.isclass(thing)):
        return
    text = inspect.getdoc(thing) or ""
    wanted = {"Parameters": False, "Returns": False, "Examples": False}
    if inspect.isfunction(thing):
        signature = inspect.signature(thing)
        wanted["Parameters"] = bool(signature.parameters)
        wanted["Returns"] = signature.return_annotation not in (None, "None")
        wanted["Examples"] = True
    missing = [
        section
        for section, needed in wanted.items()
        if needed and not re.search(rf"^{section}\n-+$", text, re.MULTILINE)
    ]
    assert text, f"{name} has no docstring"
    assert not missing, f"{name} lacks {', '.join(missing)}"


@pytest.mark.parametrize("file", source_files(), ids=module_name)
def test_module_says_what_it_is(file):
    assert ast.get_docstring(syntax(file))


def test_folders_are_named_for_what_they_hold():
    parts = {part for file in source_files() for part in file.relative_to(PACKAGE).parts}
    names = {part.removesuffix(".py").strip("_") for part in parts}
    assert not names & SHAPELESS


def test_import_is_silent_and_makes_nothing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", "import stromal"],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == (b"", b"")
    assert list(tmp_path.iterdir()) == []


def test_import_loads_no_heavy_library(tmp_path):
    code = "import sys, stromal; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=tmp_path, capture_output=True, check=True, text=True
    )
    imported = set().union(*map(foreign_imports, source_files()))
    heavy = imported - sys.stdlib_module_names - {"stromal"}
    assert {"antimony", "libsbml", "llvmlite", "numba", "numpy", "polars", "sympy"} <= heavy
    assert not heavy & set(done.stdout.split())


@pytest.mark.parametrize("file", source_files(), ids=module_name)
def test_every_module_imports(file):
    if file.name != "__main__.py":
        importlib.import_module(module_name(file))
