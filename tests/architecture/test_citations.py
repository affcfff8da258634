"""Every citation key that is used anywhere stands in the references, and none stands there idle."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from stromal.sources import find_source
from tests.architecture.tree import PACKAGE, source_files
from tests.shared import ROOT

KEY = r"[a-z]+(?:19|20)\d{2}[a-z]?"
BRACKETS = re.compile(rf"\[({KEY}(?:,\s*{KEY})*)\]")
QUOTED = re.compile(rf"\"({KEY})\"")


def _listed() -> list[str]:
    files = sorted((PACKAGE / "references").glob("*.json"))
    return [entry["id"] for file in files for entry in json.loads(file.read_text("utf-8"))]


def _in_json(value: object) -> Iterator[str]:
    """What lists called `sources` hold, however deep they lie."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from inner if name == "sources" else _in_json(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _in_json(inner)


def _used() -> Iterator[tuple[Path, str]]:
    """Every use of a key: criteria, protocols, printed results, the record, docstrings, code."""
    for file in sorted((PACKAGE / "endpoints" / "criteria").glob("*.json")):
        yield from ((file, key) for key in _in_json(json.loads(file.read_text("utf-8"))))
    for file in sorted((ROOT / "studies").glob("*/protocol.toml")):
        yield from ((file, key) for key in _in_json(tomllib.loads(file.read_text("utf-8"))))
    for file in sorted((ROOT / "studies").glob("*/published.csv")):
        with file.open(encoding="utf-8", newline="") as opened:
            yield from ((file, row["source"]) for row in csv.DictReader(opened) if row["source"])
    for file in sorted((PACKAGE / "models" / "library").glob("*/*.csv")):
        with file.open(encoding="utf-8", newline="") as opened:
            sources = {row.get("source", "") for row in csv.DictReader(opened)}
            yield from ((file, key) for key in sorted(sources) if re.fullmatch(KEY, key))
    file = PACKAGE / "evidence" / "library" / "data" / "outcomes.csv"
    with file.open(encoding="utf-8", newline="") as opened:
        yield from ((file, row["read_in"]) for row in csv.DictReader(opened))
    for file in [*source_files(), *sorted((ROOT / "docs").rglob("*.md"))]:
        text = file.read_text("utf-8")
        for keys in BRACKETS.findall(text):
            yield from ((file, key.strip()) for key in keys.split(","))
        yield from ((file, key) for key in QUOTED.findall(text))


USED = sorted({(file.relative_to(ROOT).as_posix(), key) for file, key in _used()})


@pytest.mark.parametrize(("file", "key"), USED)
def test_key_is_listed(file, key):  # noqa: ARG001  (names the place in the test)
    assert find_source(key).reference


def test_a_key_is_listed_once():
    listed = _listed()
    assert len(set(listed)) == len(listed)


def test_no_listed_key_is_idle():
    assert not set(_listed()) - {key for _, key in USED}


def test_uses_are_found_everywhere():
    folders = {file.split("/")[0] for file, _ in USED}
    assert {"src", "studies"} <= folders
    assert any(file.endswith("published.csv") for file, _ in USED)
    assert any(file.endswith("kaplan_meier.py") for file, _ in USED)
