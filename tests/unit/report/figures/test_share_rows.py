import polars as pl

from stromal.report.figures.share_rows import (
    FRAME,
    describe_share_rows,
    list_lines,
    plot_share_rows,
)


def row(**cells):
    plain = {"section": "", "row": "Anaemia", "column": "any grade", "group": None, "events": 24,
             "n": 26, "value": 24 / 26, "low": 0.75, "high": 0.99}  # fmt: skip
    return plain | cells


def frame(*rows):
    return pl.DataFrame(list(rows), schema=FRAME)


def draw(*rows, **asked):
    return plot_share_rows(frame(*rows), name="x", title="X", **asked)


def test_every_row_column_and_count_is_written():
    svg = draw(row(), row(column="grade 3", events=7, value=7 / 26, low=0.1, high=0.5))
    assert all(text in svg for text in ("Anaemia", "any grade", "grade 3", "24/26", "7/26"))


def test_a_section_is_the_heading_of_its_rows_once():
    lines = list_lines(frame(row(section="Late"), row(section="Late", row="Neutropenia"), row()))
    assert lines == [("Late", None), ("Late", "Anaemia"), ("Late", "Neutropenia"), ("", "Anaemia")]


def test_groups_have_a_key_in_words_and_one_group_has_none():
    two = [row(group="msc"), row(group="control", events=3)]
    assert "CAR-T and MSC" in draw(*two, labels={"msc": "CAR-T and MSC"})
    assert "All patients" not in draw(row())


def test_a_share_that_is_not_known_is_a_dash():
    svg = draw(row(events=0, n=0, value=None, low=None, high=None))
    assert "0/0" not in svg
    assert "–" in svg


def test_the_picture_is_said_in_words():
    words = describe_share_rows(frame(row(section="Late", group="msc")), {"msc": "MSC"})
    assert words == "Late, Anaemia, any grade, MSC: 24 of 26"


def test_the_same_frame_gives_the_same_picture():
    assert draw(row()) == draw(row())
