import pytest

from stromal.report.view import Cell, Heading, view_of


def test_plain_text_becomes_cells():
    view = view_of("Sex", [Heading("Sex"), Heading("n")], [["female", Cell("3", "strong")]])
    assert [cell.tone for cell in view.rows[0]] == ["", "strong"]
    assert view


def test_a_view_without_rows_is_not_shown():
    assert not view_of("Sex", [Heading("Sex")], [])


def test_a_row_of_another_width_is_refused():
    with pytest.raises(ValueError, match="a row of 2 cells under 1 headings"):
        view_of("Sex", [Heading("Sex")], [["female", "3"]])
