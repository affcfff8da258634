import numpy as np
import polars as pl
import pytest

from stromal.tables.bounds import join_bounds, split_signs


@pytest.mark.parametrize(
    ("text", "number", "side"),
    [
        ("<0.1", "0.1", "below"),
        ("< 0,1", "0,1", "below"),
        (" ≤5 ", "5", "at most"),
        ("<= .5", ".5", "at most"),
        ("&lt;0.1", "0.1", "below"),
        ("＜0.1", "0.1", "below"),
        (">1000", "1000", "above"),
        (">=1e3", "1e3", "at least"),
        ("≥ 5", "5", "at least"),
        ("&gt; 5", "5", "above"),
    ],
)
def test_a_sign_before_a_number_is_a_side(text, number, side):
    numbers, sides = split_signs(pl.Series([text, "7"]), decimal_commas="," in text)
    assert numbers[0].strip() == number
    assert (sides.to_list(), numbers[1]) == ([side, None], "7")


@pytest.mark.parametrize(
    "text", ["<", "<LOD", "5<", "<5-7", "< 5 K/uL", "<<5", "~5", "&lt;", "<0,1", None]
)
def test_anything_else_is_left_as_it_is(text):
    numbers, sides = split_signs(pl.Series([text], dtype=pl.String))
    assert (numbers.to_list(), sides) == ([text], None)


def join(sides, written, values=(1.0, 2.0)):
    rows = np.arange(2, 2 + len(values))
    given = [
        None if texts is None else pl.Series(texts, dtype=pl.String) for texts in (sides, written)
    ]
    bounds, faults = join_bounds(*given, pl.Series(values, dtype=pl.Float64), rows)
    return None if bounds is None else bounds.to_list(), [(f.kind, f.cells) for f in faults]


def test_signs_and_words_are_put_together():
    assert join(None, None) == (None, [])
    assert join(None, [None, None]) == (None, [])
    assert join(["below", None], None) == (["below", None], [])
    assert join(["below", None], ["<", "Above"]) == (["below", "above"], [])
    assert join(None, ["=", "greater than"]) == ([None, "above"], [])


def test_what_does_not_fit_is_a_fault_and_no_bound():
    assert join(["below", None], [">", None]) == ([None, None], [("contradiction", ((2, ">"),))])
    assert join(None, ["about", None]) == ([None, None], [("bound", ((2, "about"),))])
    found = join(None, [None, "below"], (1.0, None))
    assert found == ([None, "below"], [("unbound", ((3, "below"),))])
