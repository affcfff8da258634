from __future__ import annotations

import pytest

from stromal.models.antimony_text.links import LONGEST, join_links, mark_links

MANY = "".join(f"b{i} := 2*b{i - 1}\n" for i in range(1, LONGEST + 1)) + "b0 := time\n"


def test_only_references_of_definitions_to_each_other_are_marked() -> None:
    text = MANY + "a = 3 b1 + b2*k; x' = -b3*x; J: -> x; b4; at (b5 > 1): x = b6\n"
    marked = mark_links(text).splitlines()
    assert marked[0] == "b1 := 2*b0__marked"
    assert marked[-1] == "a = 3 b1 + b2__marked*k; x' = -b3*x; J: -> x; b4; at (b5 > 1): x = b6"


def test_comments_and_ends_of_lines_do_not_move_marks() -> None:
    text = "/* two\r\nrows */ c := /* b1 */ b2 // b3\r\n" + MANY
    assert mark_links(text).splitlines()[1] == "rows */ c := /* b1 */ b2__marked // b3"


@pytest.mark.parametrize(
    "more",
    [
        "model inner() y = 1 end\nmodel outer() z = 1 end\n",
        "part is b1",
        "y = A.b1",
        "delete b1",
        "y__marked = 1",
    ],
)
def test_what_might_name_something_else_is_left_alone(more: str) -> None:
    assert mark_links(MANY + more) == MANY + more


def test_units_and_rates_of_names_are_left_alone() -> None:
    text = MANY + "y = rateOf(b1)\nz = b2 in b3\n"
    assert mark_links(text).splitlines()[-2:] == ["y = rateOf(b1)", "z = b2 in b3"]


def test_marks_leave_nothing_behind() -> None:
    text = '<p/>\n  <parameter id="b1__marked" constant="true"/>\n<ci> b1__marked </ci>'
    assert join_links(text) == "<p/>\n<ci> b1 </ci>"


def test_long_circles_are_cut_too_and_found_later() -> None:
    assert "b0 := b30__marked" in mark_links(MANY.replace("b0 := time", "b0 := b30"))


def test_short_chains_are_left_alone() -> None:
    text = "".join(f"b{i} := c{i} + 1; c{i} := time\n" for i in range(3 * LONGEST))
    assert mark_links(text) == text


def test_what_rests_on_each_other_in_many_ways_is_cut() -> None:
    text = "".join(f"b{i} := b{i - 1}/(1 + b{i - 1})\n" for i in range(1, 20)) + "b0 := time\n"
    assert mark_links(text).splitlines()[0] == "b1 := b0__marked/(1 + b0__marked)"
