import dataclasses
import re
from html.parser import HTMLParser
from itertools import pairwise

from tests.unit.report.conftest import make_content

from stromal.report.report import render_report

VOID = {"meta", "br", "link", "img", "input", "hr"}


class Reader(HTMLParser):
    """Collects what a page holds, and that its elements close in order."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.headings, self.loads, self.links = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in found:
            self.ids.append(found["id"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "a" and found.get("href", "").startswith("#"):
            self.links.append(found["href"][1:])
        for name, value in found.items():
            loading = name in ("src", "srcset", "data", "action") or tag in ("link", "use", "image")
            if (loading or tag == "script") and "http" in (value or ""):
                self.loads.append((tag, name, value))
        assert tag not in ("script", "iframe", "link", "object")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def read(page):
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def test_the_page_is_well_formed_and_loads_nothing(content):
    page = render_report(content)
    reader = read(page)
    assert reader.open == []
    assert reader.loads == []
    assert "url(http" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page
    assert len(reader.ids) == len(set(reader.ids))
    assert set(reader.links) <= set(reader.ids)


def test_headings_go_down_one_level_at_a_time(content):
    levels = [level for level in read(render_report(content)).headings if level]
    assert levels.count(1) == 1
    own = levels[levels.index(1) :]
    assert all(after - before <= 1 for before, after in pairwise(own))


def test_the_same_content_gives_the_same_page():
    assert render_report(make_content()) == render_report(make_content())


def test_hostile_text_is_escaped():
    page = render_report(make_content("<script>alert(1)</script>"))
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<b>one</b>" not in page


def test_a_formula_in_a_cell_is_escaped():
    page = render_report(make_content("=cmd|'/c calc'!A1"))
    assert ">=cmd" not in page
    assert ">&#39;=cmd" in page


def test_the_page_says_what_was_found(content):
    page = render_report(content).replace("\u00a0", " ")
    assert "1 of 3 patients (33 %, 95 % CI 10 to 90) had a complete response and 2" in page
    assert "research software and not a medical device" in page
    assert "subjects.csv row 3" in page
    assert "MSC 2 × 10⁶/kg" in page
    assert "no count after day 0" in page
    assert "doi.org/10.1016/j.bbmt.2015.09.001" in page


def test_no_issues_is_said_plainly(content):
    assert "No issues were found." in render_report(dataclasses.replace(content, issues=()))


def test_every_analysis_is_shown_in_the_order_of_the_protocol(content):
    page = render_report(content)
    places = [page.index(f'<h3 id="result-{a.name}"') for a in content.protocol.analyses]
    assert places == sorted(places)
    assert page.count("<figure>") == 5
