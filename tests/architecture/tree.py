"""The source tree as the law sees it: files, their syntax, their imports."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.shared import ROOT

SRC = ROOT / "src"
PACKAGE = SRC / "stromal"
UNIT = ROOT / "tests" / "unit"


def source_files() -> list[Path]:
    """Every Python file of the package, in order."""
    return sorted(PACKAGE.rglob("*.py"))


@cache
def syntax(file: Path) -> ast.Module:
    """The file as a syntax tree."""
    return ast.parse(file.read_text("utf-8"), str(file))


def module_name(file: Path) -> str:
    """Dotted name of a source file: `stromal.tables.labs`."""
    parts = file.relative_to(SRC).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def foreign_imports(file: Path) -> set[str]:
    """Top-level names that a file imports absolutely, wherever in the file the import stands."""
    return {name.partition(".")[0] for name in _imported(syntax(file))}


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
        elif isinstance(node, ast.Call) and node.args:
            called, first = ast.unparse(node.func), node.args[0]
            by_name = called in {"import_module", "importlib.import_module", "__import__"}
            if by_name and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


@cache
def project() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def tracked_files() -> list[Path]:
    """What git holds, and what it would hold after `git add`; deleted files left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = sorted(set(listed.stdout.decode().split("\0")) - {""})
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def in_a_checkout() -> bool:
    """Whether the tree is a git checkout, so that `tracked_files` can be asked."""
    return (ROOT / ".git").exists()
