from base64 import b64decode
from typing import get_args

import polars as pl
import pytest

from stromal.report.blocks import (
    Block,
    Cite,
    Fact,
    Facts,
    Fold,
    Grid,
    Items,
    Link,
    Listing,
    Picture,
    Section,
    Strong,
    prose,
)
from stromal.report.cite import Reference
from stromal.report.figures.figure import Figure
from stromal.report.html import Page, name_kind, render_page, render_text
from stromal.report.view import Heading, view_of

FIGURE = Figure("figure-x", "<svg></svg>", "X", "What it shows.", pl.DataFrame())
BLOCKS = {
    "prose": prose("word ", Strong("bold"), Link("there", "s"), Cite(("a",))),
    "items": Items(("an item.",)),
    "facts": Facts((Fact("Question", "why?"),)),
    "view": view_of("A table", [Heading("one")], [["cell"]]),
    "picture": Picture(FIGURE),
    "grid": Grid((Picture(FIGURE),)),
    "fold": Fold("more", (prose("folded"),)),
    "listing": Listing((Reference(1, "a", "A paper"),)),
}
SHOWN = {
    "prose": '<p>word <b>bold</b><a href="#s">there</a>',
    "items": "<li>an item.</li>",
    "facts": "<dt>Question</dt><dd>why?</dd>",
    "view": "<caption><span>A table</span></caption>",
    "picture": "<b>Figure&nbsp;1. X.</b> What it shows.",
    "grid": '<div class="grid">\n<figure>',
    "fold": "<summary>more</summary>\n<p>folded</p>",
    "listing": '<li id="reference-1">A paper</li>',
}


def render(*sections):
    return render_page(Page("T", (prose("s"),), sections))


@pytest.mark.parametrize("kind", [name_kind(block) for block in BLOCKS.values()])
def test_every_kind_of_block_is_shown(kind):
    assert SHOWN[kind] in render(Section("s", "S", (BLOCKS[kind],)))


def test_the_template_knows_every_kind_of_block():
    assert {kind.__name__.lower() for kind in get_args(Block)} == set(BLOCKS)


def test_a_block_of_another_kind_is_refused():
    with pytest.raises(Exception, match="unknown_block"):
        render(Section("s", "S", (3,)))


def test_sections_below_sections_have_lower_headings_and_stand_in_the_contents():
    page = render(Section("a", "A", (), (Section("b", "B", (), (Section("c", "C"),)),)))
    for level, name in ((2, "a"), (3, "b"), (4, "c")):
        assert f'<h{level} id="{name}">{name.upper()}</h{level}>' in page
        assert f'<a href="#{name}">' in page


def test_pictures_are_numbered_through_the_page():
    other = Figure("figure-y", "<svg></svg>", "Y", "", pl.DataFrame())
    page = render(Section("a", "A", (Picture(FIGURE),)), Section("b", "B", (Picture(other),)))
    assert "Figure&nbsp;2. Y." in page


def test_a_figure_gives_its_numbers(content):
    figure = content.cohorts[0].findings[0].figure
    page = render(Section("a", "A", (Picture(figure), Picture(FIGURE))))
    assert page.count(">Numbers as CSV</a>") == 1
    code = page.partition("base64,")[2].partition('"')[0]
    assert b64decode(code).startswith(b"group,label,events,n,value,low,high,combined\n")


def test_a_row_without_a_heading_says_whose_it_is():
    view = view_of("T", [Heading(""), Heading("n")], [["arm", "1"], ["", "2"], ["other", "3"]])
    page = render(Section("a", "A", (view,)))
    assert page.count('<span class="said">arm</span>') == 1
    assert '<tr><td></td><th scope="col"' in page


def test_words_are_escaped_and_typeset():
    assert str(render_text("<i> `a` 10^6")) == "&lt;i&gt; <code>a</code> 10\u2076"
