"""Each source file has its test file, and no unit test file lacks its source file."""

from __future__ import annotations

import ast

from tests.architecture.tree import PACKAGE, UNIT, source_files, syntax

WITHOUT_TESTS = {"__init__.py", "__main__.py"}


def _expected() -> dict[str, str]:
    """Test file of each source file, relative to tests/unit and src/stromal."""
    files = [file.relative_to(PACKAGE) for file in source_files()]
    return {
        file.with_name(f"test_{file.name}").as_posix(): file.as_posix()
        for file in files
        if file.name not in WITHOUT_TESTS
    }


def _has_tests(name: str) -> bool:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(
        isinstance(node, functions) and node.name.startswith("test_")
        for node in ast.walk(syntax(UNIT / name))
    )


def test_every_source_file_has_its_test_file():
    missing = {test: source for test, source in _expected().items() if not (UNIT / test).exists()}
    assert not missing


def test_every_test_file_tests_something():
    empty = [test for test in _expected() if (UNIT / test).exists() and not _has_tests(test)]
    assert not empty


def test_every_unit_test_file_has_its_source_file():
    found = {file.relative_to(UNIT).as_posix() for file in UNIT.rglob("test_*.py")}
    assert not found - _expected().keys()
