"""Benchmarks race what the package holds today: what they import from it is there."""

from __future__ import annotations

import ast
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

from tests.shared import ROOT

BENCHMARKS = sorted((ROOT / "benchmarks").glob("*.py"))


def _missing(tree: ast.Module) -> list[str]:
    """Names that a file imports from the package and that the package does not have."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("stromal"):
            continue
        place = str(node.module)
        module = import_module(place)
        found += [
            f"{place}.{alias.name}"
            for alias in node.names
            if not hasattr(module, alias.name) and not _is_module(module, alias.name)
        ]
    return found


def _is_module(package: ModuleType, name: str) -> bool:
    """A module that nobody has imported yet is no attribute of its package."""
    return hasattr(package, "__path__") and find_spec(f"{package.__name__}.{name}") is not None


@pytest.mark.parametrize("file", BENCHMARKS, ids=lambda file: file.name)
def test_what_a_benchmark_imports_is_there(file: Path) -> None:
    assert _missing(ast.parse(file.read_text("utf-8"))) == []


def test_a_name_that_is_gone_is_found() -> None:
    tree = ast.parse("from stromal.kernels.door import Read, Nothing\n")
    assert _missing(tree) == ["stromal.kernels.door.Nothing"]
