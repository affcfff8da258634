import re
from xml.etree import ElementTree as ET

import pytest
from tests.unit.report.conftest import make_content

from stromal.report.figures.draw import draw_figures

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


def test_every_label_that_somebody_has_stands_with_its_interval(content):
    svg = content.figures["response"].svg
    assert svg.count("50 % (10–90)") == 2
    assert ">PR<" not in svg
    assert ">overall response<" in svg


def test_a_frame_is_explained_where_one_is_drawn(content):
    assert "differs from the reported one (1 cell)" in content.figures["stages"].caption


def test_thresholds_have_their_unit_in_the_caption(content):
    caption = content.figures["platelets"].caption.replace("\u00a0", " ")
    assert caption.endswith("Dashed lines: 30 and 50 × 10⁹/L.")
