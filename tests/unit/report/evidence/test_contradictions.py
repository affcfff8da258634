import polars as pl
import pytest

from stromal.evidence.check.printed import Flag
from stromal.evidence.check.record import CHECKS as NAMES
from stromal.evidence.library.reader import read_contradictions, read_library
from stromal.report.evidence.contradictions import (
    CHECKS,
    list_changed,
    list_contradictions,
    render_changed,
    render_contradictions,
)


@pytest.fixture(scope="module")
def library():
    return read_library()


def test_every_check_has_its_words():
    assert set(CHECKS) == set(NAMES)


def test_a_contradiction_says_which_check_finds_it():
    (found,) = list_contradictions(
        read_contradictions(), [Flag("grim", ("E0146",), "x")], ["E0146"]
    )
    assert found.found
    assert "GRIM test" in found.found_by


def test_one_that_no_check_finds_says_why():
    listed = pl.DataFrame(
        {"contradiction": ["C1"], "topic": ["t"], "said": ["s"], "reading": ["r"], "rows": [None],
         "checks": [None], "why_none": ["wording"]},
        schema_overrides={"rows": pl.String, "checks": pl.String},
    )  # fmt: skip
    (found,) = list_contradictions(listed, ())
    assert not found.found
    assert found.found_by == "readers; no check can (wording)"
    assert list_contradictions(listed, (), ["E1"]) == ()


def test_all_are_listed_where_no_row_is_asked_for():
    listed = read_contradictions()
    view = render_contradictions(list_contradictions(listed, ()))
    assert len(view.rows) == listed.height


def test_a_changed_number_shows_both_numbers_reason_and_place(library):
    flags = [Flag("grim", ("E0146",), "x"), Flag("grim", ("E0146",), "y")]
    (changed,) = list_changed(library, flags, ["E0146"])
    assert changed.study == "Macías-Sánchez 2022"
    assert "65.50" in changed.printed
    assert "10/16" in changed.used
    assert changed.reason
    assert changed.place
    assert changed.sources == ("lin2023",)
    assert changed.found_by == ("GRIM test",)
    assert render_changed([changed]).rows[0][-1].text == "C04 and GRIM test"


def test_what_is_left_out_is_called_so_and_what_is_unchanged_is_not_listed(library):
    out = library.outcomes.filter(status="exclude")["row"][0]
    assert list_changed(library, (), [out])[0].used == "left out"
    assert list_changed(library, (), ["E0001"]) == ()


def test_nothing_is_listed_without_a_reason(library):
    changed = list_changed(library, ())
    rows = library.outcomes.filter(pl.col("status") != "use")["row"]
    assert set(rows) <= {item.row for item in changed}
    assert len({item.row for item in changed}) == len(changed)
    bare = [item for item in changed if item.reason == "–"]
    assert not bare
