import polars as pl

from stromal.report.blocks import Picture, Section
from stromal.report.figures.figure import Figure
from stromal.study.page_files import write_page


def test_a_page_and_its_figures_are_files(tmp_path):
    figure = Figure("one", "<svg>\u03c4</svg>", "One", "", pl.DataFrame())
    write_page("<p>1</p>\n", [Section("a", "A", (Picture(figure),))], tmp_path)
    assert (tmp_path / "report.html").read_bytes() == b"<p>1</p>\n"
    assert (tmp_path / "figures" / "one.svg").read_text("utf-8") == figure.svg


def test_a_page_without_figures_has_an_empty_folder(tmp_path):
    write_page("", [], tmp_path)
    assert list((tmp_path / "figures").iterdir()) == []
