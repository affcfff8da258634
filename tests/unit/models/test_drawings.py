import pytest

from stromal.models.drawings import drop_drawings
from stromal.models.parse import read_model

LAYOUT = "http://www.sbml.org/sbml/level3/version1/layout/version1"
HEAD = f'<?xml version="1.0" encoding="UTF-8"?><sbml level="2" xmlns:layout="{LAYOUT}"'


@pytest.mark.parametrize(
    "drawing",
    [
        "<layout:listOfLayouts/>",
        "<layout:listOfLayouts>\n<layout:layout/>\n</layout:listOfLayouts>",
    ],
)
def test_what_comes_after_a_drawing_stays_on_its_line(drawing):
    text = f"{HEAD}>{drawing}\n<model/></sbml>"
    left = drop_drawings(text)
    assert "layout:l" not in left
    assert left.count("\n") == text.count("\n")
    assert left.endswith("<model/></sbml>")


def test_annotations_are_left_alone():
    text = f"{HEAD}><annotation><layout:layout/></annotation></sbml>"
    assert drop_drawings(text) == text


def test_packages_of_level_3_are_left_to_the_library():
    text = HEAD.replace('"2"', '"3"') + "><layout:a/></sbml>"
    assert drop_drawings(text) == text


def test_a_document_without_drawings_is_the_same():
    text = '<sbml xmlns="http://www.sbml.org/sbml/level2/version4"/>'
    assert drop_drawings(text) is text


def test_words_that_are_not_ascii_move_nothing():
    text = f"{HEAD} name='Käse é'><layout:a>ß</layout:a><model/></sbml>"
    assert drop_drawings(text) == f"{HEAD} name='Käse é'><model/></sbml>"


def test_a_drawn_model_of_level_2_is_read():
    core = "http://www.sbml.org/sbml/level2/version4"
    model = read_model(
        f'<sbml xmlns="{core}" xmlns:layout="{LAYOUT}" level="2" version="4"'
        ' layout:required="false"><model id="m"><listOfParameters><parameter id="k" value="2"/>'
        "</listOfParameters><layout:listOfLayouts><layout:layout/></layout:listOfLayouts>"
        "</model></sbml>"
    )
    assert [one.name for one in model.parameters] == ["k"]
