import dataclasses

import polars as pl
import pytest

from stromal.report.blocks import Cite, Fold, Picture, Section, list_figures, prose
from stromal.report.figures.figure import Figure


def test_a_section_walks_its_folds_and_children_in_order():
    first, folded, last = prose("first"), prose("folded"), prose("last")
    fold = Fold("more", (folded,))
    section = Section("a", "A", (first, fold), (Section("b", "B", (last,)),))
    assert section.walk() == (first, fold, folded, last)


def test_the_contents_take_the_short_title():
    assert Section("a", "How to reproduce", short="Reproduce").entry == "Reproduce"
    assert Section("a", "Results").entry == "Results"


def test_blocks_are_frozen():
    paragraph = prose("Seen", Cite(("a",)), tone="muted")
    assert (len(paragraph.spans), paragraph.tone) == (2, "muted")
    with pytest.raises(dataclasses.FrozenInstanceError):
        paragraph.tone = ""


def test_figures_are_found_in_folds_and_children():
    one, two = (Figure(name, "", name, "", pl.DataFrame()) for name in ("one", "two"))
    below = Section("b", "B", (Fold("more", (Picture(two),)),))
    assert list_figures([Section("a", "A", (Picture(one),), (below,))]) == (one, two)
