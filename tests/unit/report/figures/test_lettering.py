import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from stromal.report.figures.lettering import break_text, fit_name, fit_text, measure_text


def test_widths_are_those_of_the_font_that_draws():
    font = FontProperties(family="DejaVu Sans")
    drawn = TextPath((0, 0), "mesenchymal", size=100, prop=font).get_extents().width
    assert measure_text("mesenchymal", 100) == pytest.approx(drawn, rel=0.03)


def test_bold_is_wider_and_a_letter_without_a_glyph_takes_its_room():
    assert measure_text("Study", bold=True) > measure_text("Study")
    assert measure_text("漢", 8) == 8


@pytest.mark.parametrize("width", [0, 5, 30, 100])
def test_cut_text_fits_and_says_that_it_is_cut(width):
    text = "tissue of the umbilical cord"
    cut = fit_text(text, width)
    assert cut.endswith("…")
    assert len(cut) == 1 or measure_text(cut) <= width


def test_the_year_of_a_study_stays():
    assert fit_name("Hernandez-Villanueva 2014b", 70).endswith("… 2014b")
    assert fit_name("a very long name of a study", 40).endswith("…")
    assert fit_name("Chen 2015", 70) == "Chen 2015"


def test_lines_hold_all_words_or_say_that_some_are_cut():
    lines = break_text("one two three four five six", 40, most=9)
    assert " ".join(lines) == "one two three four five six"
    assert all(measure_text(line) <= 40 for line in lines)
    assert break_text("one two three four five six", 40, most=2)[-1].endswith("…")
    assert break_text("95\u00a0%\u00a0interval", 90) == ["95\u00a0%\u00a0interval"]
    assert break_text("share 95\u00a0%", 30) == ["share", "95\u00a0%"]
    assert break_text("", 10) == []
