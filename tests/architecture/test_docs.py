"""The generated pages hold every rule, table, scale, event and unit that the library has."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from stromal.endpoints.registry import ENDPOINTS
from stromal.sources import find_source
from tests.architecture.tree import PACKAGE
from tests.shared import ROOT

DOCS = ROOT / "docs"
MARKED = sorted(DOCS.glob("*.md"))


@pytest.fixture(scope="module")
def pages() -> ModuleType:
    """The extension that fills the pages."""
    spec = importlib.util.spec_from_file_location("pages", DOCS / "_ext" / "pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("file", MARKED, ids=lambda file: file.name)
def test_markers_are_filled(file: Path, pages):
    filled = pages.fill(file.read_text("utf-8"))
    assert "<!-- stromal:" not in filled
    assert "```names" not in filled


@pytest.mark.parametrize("file", MARKED, ids=lambda file: file.name)
def test_generated_blocks_are_fresh(file: Path, pages):
    text = file.read_text("utf-8")
    assert pages.refresh(text) == text, "python docs/_ext/pages.py --write"


def test_every_kind_of_page_is_shown(pages):
    texts = [file.read_text("utf-8") for file in MARKED]
    shown = {name for text in texts for name in pages.MARKER.findall(text)}
    shown |= {found[1] for text in texts for found in pages.BLOCK.findall(text)}
    assert shown == pages.PAGES.keys()


@pytest.mark.parametrize("name", ENDPOINTS)
def test_rule_is_documented(name, pages):
    endpoint = ENDPOINTS[name]
    section = pages.endpoint_section(endpoint)
    assert f"## {endpoint.title}" in section
    assert f'rule = "{name}"' in section
    for parameter in endpoint.parameters.model_fields:
        assert f"`{parameter}`" in section
    for criteria in pages.endpoint_criteria(endpoint):
        assert all(part in section for part in criteria.provenance.split("; "))
        for key in criteria.sources:
            assert find_source(key).reference in section


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_parameter_has_a_meaning(name, pages):
    """In the section Parameters of its model, or of a model that it builds on."""
    model = ENDPOINTS[name].parameters
    described = pages.described_parameters(model)
    assert described.keys() >= model.model_fields.keys()


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_measured_parameter_has_its_unit(name, pages):
    model = ENDPOINTS[name].parameters
    described = pages.described_parameters(model)
    unitless = [
        parameter
        for parameter, field in model.model_fields.items()
        if "float" in str(field.annotation) and not re.search(r"\[\S+\]", described[parameter])
    ]
    assert unitless == []


@pytest.mark.parametrize("name", ENDPOINTS)
def test_rule_is_told_in_words(name, pages):
    assert len(pages.docstring_lead(ENDPOINTS[name].derive)) > 40


def test_every_criteria_file_is_reached(pages):
    files = {file.stem for file in (PACKAGE / "endpoints" / "criteria").glob("*.json")}
    reached = {
        criteria.name
        for endpoint in ENDPOINTS.values()
        for criteria in pages.endpoint_criteria(endpoint)
    }
    # Named times stand there row by row; each is shown with the criteria that it names.
    assert files - {"times"} == reached


def test_every_page_is_in_a_table_of_contents():
    text = (DOCS / "index.md").read_text("utf-8")
    blocks = re.findall(r"^```\{toctree\}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    listed = {line for block in blocks for line in block.splitlines() if re.match(r"[a-z]", line)}
    assert listed == {file.stem for file in MARKED} - {"index"}


def test_cells_do_not_break_their_table(pages):
    table = pages.markdown_table(("a", "b"), [("x | y", "two\nlines")])
    assert table.splitlines()[2] == r"| x \| y | two lines |"
