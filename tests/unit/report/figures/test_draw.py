import re
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from tests.unit.report.conftest import make_content

from stromal.report.figures.draw import draw_figures, find_p_value, render_unit

NAMES = ["response", "survival", "relapse", "platelets", "stages"]


def test_every_kind_of_analysis_has_its_figure_in_order(content):
    assert list(content.figures) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_one_svg_that_describes_itself(content, name):
    figure = content.figures[name]
    root = ET.fromstring(figure.svg)
    children = [child.tag.rpartition("}")[2] for child in root[:2]]
    assert children == ["title", "desc"]
    assert root[1].text
    ids = re.findall(r'\sid="([^"]+)"', figure.svg)
    assert all(found.startswith(figure.name) for found in ids)
    assert not re.search(r"(href|src)=\"http|<image|date", figure.svg)


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_the_same_twice(content, name):
    assert make_content().figures[name].svg == content.figures[name].svg


def test_nothing_to_draw_gives_no_figure(content):
    empty = content.patients.of(subjects=content.patients.subjects)
    found = draw_figures(
        content.protocol, empty, content.outcomes.clear(), content.estimates.clear(), ()
    )
    assert found == {}


def test_p_value_is_found_by_its_name():
    rows = pl.DataFrame({"statistic": ["log-rank chi-squared", "log-rank p"], "value": [9.0, 0.01]})
    assert find_p_value(rows) == 0.01
    assert find_p_value(rows.head(1)) is None


def test_units_are_printed_with_powers():
    assert render_unit("10^9/L") == "×10⁹/L"
    assert render_unit("mg/dL") == "mg/dL"
