"""The pages in the repository hold every rule, table, kind of analysis and unit of the library."""

from __future__ import annotations

import importlib
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from stromal.analyses.bind import check_keys
from stromal.analyses.registry import list_kinds
from stromal.endpoints.registry import ENDPOINTS
from stromal.protocol.protocol import AnalysisUse
from stromal.sources import find_source
from tests.architecture.tree import PACKAGE
from tests.shared import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))


def _load(name: str) -> ModuleType:
    """A module of the extension that writes the pages."""
    sys.path.insert(0, str(DOCS / "_ext"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(DOCS / "_ext"))


pages = _load("pages")
docstrings = _load("docstrings")
endpoint_page = _load("endpoint_page")
analysis_page = _load("analysis_page")
markdown_text = _load("markdown_text")


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_pages_in_the_repository_are_fresh(file: Path):
    text = file.read_text("utf-8")
    assert pages.refresh(text) == text, "run `make pages` and commit what it writes"


def test_every_part_stands_in_one_page():
    texts = [file.read_text("utf-8") for file in PAGES]
    shown = [found[1] for text in texts for found in pages.BLOCK.findall(text)]
    assert sorted(shown) == sorted(pages.PARTS)


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_links_lead_to_a_heading(file: Path):
    """Sphinx checks them too; here also as a repository shows them."""
    for page, slug in re.findall(r"\]\(([\w.]*)#([^)]+)\)", file.read_text("utf-8")):
        target = (DOCS / page if page else file).read_text("utf-8")
        headings = re.findall(r"^#+ (.+)$", target, re.MULTILINE)
        slugs = [markdown_text.write_link(each).partition("#")[2][:-1] for each in headings]
        assert slugs.count(slug) == 1, f"{page}#{slug}"


# Rules --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ENDPOINTS)
def test_rule_is_documented(name):
    endpoint = ENDPOINTS[name]
    section = endpoint_page.write_rule(endpoint)
    assert f"### {endpoint.title}" in section
    assert f'rule = "{name}"' in section
    for parameter in endpoint.parameters.model_fields:
        assert f"`{parameter}`" in section
    for criteria in endpoint_page.list_criteria(endpoint):
        assert endpoint_page.write_title(criteria) in section


@pytest.mark.parametrize("name", ENDPOINTS)
def test_criteria_of_a_rule_are_documented(name):
    page = (DOCS / "endpoints.md").read_text("utf-8")
    for criteria in endpoint_page.list_criteria(ENDPOINTS[name]):
        assert all(f"- {part}\n" in page for part in criteria.provenance.split("; "))
        assert all(f"- {choice}\n" in page for choice in criteria.choices)
        for key in criteria.sources:
            assert find_source(key).reference in page


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_parameter_has_a_meaning(name):
    """In the section Parameters of its model, or of a model that it builds on."""
    model = ENDPOINTS[name].parameters
    assert docstrings.read_keys(model).keys() >= model.model_fields.keys()


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_measured_parameter_has_its_unit(name):
    model = ENDPOINTS[name].parameters
    described = docstrings.read_keys(model)
    unitless = [
        parameter
        for parameter, field in model.model_fields.items()
        if "float" in str(field.annotation) and not re.search(r"\[\S+\]", described[parameter])
    ]
    assert unitless == []


@pytest.mark.parametrize("name", ENDPOINTS)
def test_rule_is_told_in_words(name):
    assert len(docstrings.read_lead(ENDPOINTS[name].derive)) > 40


def test_every_rule_is_in_a_family():
    listed = [rule.name for rules in endpoint_page.list_families().values() for rule in rules]
    assert sorted(listed) == sorted(ENDPOINTS)


def test_every_criteria_file_is_reached():
    files = {file.stem for file in (PACKAGE / "endpoints" / "criteria").glob("*.json")}
    reached = {
        criteria.name
        for endpoint in ENDPOINTS.values()
        for criteria in endpoint_page.list_criteria(endpoint)
    }
    # Named times stand there row by row; each is shown with the criteria that it names.
    assert files - {"times"} == reached


# Analyses -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list_kinds())
def test_every_key_of_an_analysis_has_a_meaning(name):
    """In the section Parameters of its model: a new kind needs no other file."""
    model = list_kinds()[name].use
    own = model.model_fields.keys() - analysis_page.COMMON
    described = docstrings.read_keys(model)
    assert described.keys() == own
    section = analysis_page.write_kind(list_kinds()[name])
    assert all(f"| `{key}` |" in section and described[key] in section for key in own)


@pytest.mark.parametrize("name", list_kinds())
def test_example_of_an_analysis_is_valid(name):
    (written,) = tomllib.loads(docstrings.read_example(list_kinds()[name].use))["analyses"]
    assert written["estimate"] == name
    assert check_keys([AnalysisUse.model_validate(written)]) == ()


@pytest.mark.parametrize("name", list_kinds())
def test_kind_is_told_in_words(name):
    assert len(docstrings.read_lead(list_kinds()[name].use)) > 40


# Pages --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_names_are_filled(file: Path):
    assert "```names" not in pages.fill(file.read_text("utf-8"))


def test_map_of_the_engine_is_complete():
    page = (DOCS / "kernels.md").read_text("utf-8").partition("## The engine's map")[2]
    files = re.findall(r"^\| `(\w+\.py)` \|", page, re.MULTILINE)
    lanes = PACKAGE / "kernels" / "solvers" / "lanes"
    assert sorted(files) == sorted({file.name for file in lanes.glob("*.py")} - {"__init__.py"})
    assert all(
        (PACKAGE / path).exists() for path in re.findall(r"`((?:models|kernels)/\S+)`", page)
    )


def test_every_page_is_in_a_table_of_contents():
    text = (DOCS / "index.md").read_text("utf-8")
    blocks = re.findall(r"^```\{toctree\}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    listed = {line for block in blocks for line in block.splitlines() if re.match(r"[a-z]", line)}
    assert listed == {file.stem for file in PAGES} - {"index"}


def test_cells_do_not_break_their_table():
    table = markdown_text.write_table(("a", "b"), [("x | y", "two\nlines")])
    assert table.splitlines()[2] == r"| x \| y | two lines |"
