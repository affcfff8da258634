import re

import pytest
from tests.unit.report.figures.drawn import find_outside, find_overlaps, read_texts

from stromal.report.figures.evidence_map import (
    EvidenceMap,
    MapCell,
    describe_map,
    frame_map,
    plot_map,
    size_circle,
)


def make_map(rows, columns):
    cells = tuple(
        MapCell(f"tissue of the umbilical cord {r}", f"acute GVHD prophylaxis {c}", r + 1, 10 * c)
        for r in range(rows)
        for c in range(columns)
        if (r + c) % 3 or not r
    )
    return EvidenceMap("Source", "Indication", cells)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (8, 9), (30, 4)])
def test_no_text_overlaps_another_or_leaves_the_picture(rows, columns):
    svg = plot_map(make_map(rows, columns), name="x", title="x")
    assert find_overlaps(svg) == []
    assert find_outside(svg) == []


def test_areas_go_with_patients():
    assert size_circle(100, 400, 40) ** 2 == pytest.approx(size_circle(400, 400, 40) ** 2 / 4)
    assert size_circle(0, 400, 40) == size_circle(None, 0, 40) > 0


def test_numbers_are_studies():
    shown = EvidenceMap("Source", "For", (MapCell("a", "b", 17, 900), MapCell("c", "b", 3, None)))
    said = [text.what for text in read_texts(plot_map(shown, name="x", title="x"))]
    assert {"17", "3"} <= set(said)
    assert frame_map(shown)["patients"].to_list() == [900, None]


def test_gaps_are_counted():
    cells = (MapCell("a", "b", 1, 5), MapCell("c", "d", 1, 6), MapCell("a", "d", 1, 1))
    assert describe_map(EvidenceMap("Source", "For", cells)).endswith("1 of 4 places is empty.")
    assert describe_map(EvidenceMap("Source", "For", ())) == "The map is empty."


def test_the_same_map_gives_the_same_text_and_hostile_words_stay_words():
    cells = (MapCell("<b>&", "$x$ </svg>", 1, 5),)
    svgs = {plot_map(EvidenceMap("S", "F", cells), name="x", title="x") for _ in range(2)}
    assert len(svgs) == 1
    assert len(re.findall("</svg>", svgs.pop())) == 1
