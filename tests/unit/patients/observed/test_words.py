import polars as pl

from stromal.patients.observed.words import list_choices, read_words
from stromal.tables.patients import TableFile


def test_a_word_that_repeats_is_said_once_with_a_count():
    frame = pl.DataFrame({"sex": ["x"] * 100})
    _, issues = read_words(frame, "sex", {"f": "female"}, "a sex", TableFile("a.csv", 2))
    assert [issue.message for issue in issues] == ["`x` is not a sex", "and 99 more rows like this"]


def test_many_choices_are_cut_short():
    assert list_choices("?", [f"{n}" for n in range(99)]).endswith("11 ...")
