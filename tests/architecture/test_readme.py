"""Every block of the README and the documentation runs, or is data that parses.

`console`: lines that begin with `$ ` are run from the project's root; `make` lines must name a
recipe. `python`: blocks of one file run in order, in one namespace, in a copy of the studies.
`toml` and `json`: parsed.
"""

from __future__ import annotations

import doctest
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.shared import ROOT

FENCE = re.compile(r"^```\{?(\w+)\}?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: its file, the line it starts on, its language, its text."""

    file: str
    line: int
    language: str
    text: str


def _blocks() -> list[Block]:
    files = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [
        Block(
            file.relative_to(ROOT).as_posix(),
            text.count("\n", 0, match.start()) + 1,
            match.group(1),
            match.group(2),
        )
        for file in files
        for text in [file.read_text("utf-8")]
        for match in FENCE.finditer(text)
    ]


def _named(block: Block) -> str:
    return f"{block.file}:{block.line}"


BLOCKS = _blocks()
CONSOLE = [block for block in BLOCKS if block.language == "console"]
DATA = [block for block in BLOCKS if block.language in {"toml", "json"}]
PYTHON_FILES = sorted({block.file for block in BLOCKS if block.language == "python"})
LANGUAGES = {"console", "python", "toml", "json", "text", "csv", "names", "toctree"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the studies in it, as a reader has after cloning."""
    folder = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "studies", folder / "studies")
    return folder


def test_every_block_says_what_it_is():
    unknown = [_named(block) for block in BLOCKS if block.language not in LANGUAGES]
    assert not unknown


def _commands(block: Block) -> list[list[str]]:
    lines = [line[2:] for line in block.text.splitlines() if line.startswith("$ ")]
    return [shlex.split(line, comments=True) for line in lines]


@pytest.mark.parametrize("block", CONSOLE, ids=_named)
def test_console_block(block, copy):
    recipes = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for program, *arguments in _commands(block):
        if program == "make":
            assert set(arguments) <= recipes
            continue
        assert program == "stromal", f"{program} is not a command of the house"
        command = [sys.executable, "-c", "from stromal.cli.main import main; main()", *arguments]
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", PYTHON_FILES)
def test_python_blocks(name, copy, monkeypatch):
    monkeypatch.chdir(copy)
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in BLOCKS:
        if (block.file, block.language) != (name, "python"):
            continue
        if ">>>" in block.text:
            options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
            example = doctest.DocTestParser().get_doctest(
                block.text, names, _named(block), name, block.line
            )
            runner = doctest.DocTestRunner(optionflags=options)
            runner.run(example, clear_globs=False)
            names.update(example.globs)
            assert runner.summarize(verbose=False).failed == 0
        else:
            exec(compile(block.text, _named(block), "exec"), names)


@pytest.mark.parametrize("block", DATA, ids=_named)
def test_data_block(block):
    parse = tomllib.loads if block.language == "toml" else json.loads
    assert parse(block.text) is not None


def test_readme_shows_both_doors():
    shown = {block.language for block in BLOCKS if block.file == "README.md"}
    assert {"console", "python"} <= shown
