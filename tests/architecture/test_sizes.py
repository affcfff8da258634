"""No file over 500 lines, no function over 80; what is allowed beyond may only shrink."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.tree import SRC, module_name, source_files, syntax

FILE_LINES = 500
FUNCTION_LINES = 80

# Name -> its size on the day it was let in. Lower a number when the code shrinks, remove the line
# when it fits; never add one. `test_the_list_only_shrinks` fails where a number is too high.
ALLOWED: dict[str, int] = {}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _docstring_lines(node: ast.Module | ast.ClassDef | Function) -> int:
    if ast.get_docstring(node, clean=False) is None:
        return 0
    first = node.body[0]
    return (first.end_lineno or first.lineno) - first.lineno + 1


def _function_lines(node: Function) -> int:
    inner = sum(_docstring_lines(each) for each in ast.walk(node) if isinstance(each, Function))
    return (node.end_lineno or node.lineno) - node.lineno + 1 - inner


def _file_lines(tree: ast.Module, text: str) -> int:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    inner = sum(_docstring_lines(each) for each in ast.walk(tree) if isinstance(each, documented))
    return len(text.splitlines()) - inner


def _functions(node: ast.AST, prefix: str) -> list[tuple[str, int]]:
    found = []
    for child in ast.iter_child_nodes(node):
        name = f"{prefix}.{child.name}" if isinstance(child, ast.ClassDef | Function) else prefix
        if isinstance(child, Function):
            found.append((name, _function_lines(child)))
        found.extend(_functions(child, name))
    return found


def _sizes() -> dict[str, tuple[int, int]]:
    """Every file and function: its lines and its limit."""
    sizes = {}
    for file in source_files():
        tree, name = syntax(file), file.relative_to(SRC).as_posix()
        sizes[name] = (_file_lines(tree, file.read_text("utf-8")), FILE_LINES)
        for function, lines in _functions(tree, module_name(file)):
            sizes[function] = (lines, FUNCTION_LINES)
    return sizes


def test_files_and_functions_fit():
    too_long = {
        name: f"{lines} lines, limit {ALLOWED.get(name, limit)}"
        for name, (lines, limit) in _sizes().items()
        if lines > ALLOWED.get(name, limit)
    }
    assert not too_long


def test_the_list_only_shrinks():
    sizes = _sizes()
    stale = {
        name: sizes.get(name)
        for name, allowed in ALLOWED.items()
        if name not in sizes or sizes[name][0] < allowed or sizes[name][0] <= sizes[name][1]
    }
    assert not stale, "lower these numbers or remove them"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("def f():\n    return 1\n", 2),
        ('def f():\n    """Two\n    lines."""\n    return 1\n', 2),
        ("@property\ndef f(self):\n    return 1\n", 2),
    ],
)
def test_docstrings_and_decorators_do_not_count(text, lines):
    function = ast.parse(text).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert _function_lines(function) == lines
