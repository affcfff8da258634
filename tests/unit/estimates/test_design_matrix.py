import numpy as np
import polars as pl
import pytest

from stromal.estimates.design_matrix import Term, build_design


def test_a_category_has_a_term_for_every_level_but_its_reference():
    design = build_design(pl.DataFrame({"arm": ["b", "c", "a", "b"]}))
    assert [term.name for term in design.terms] == ["arm: b against a", "arm: c against a"]
    assert design.values.tolist() == [[1, 0], [0, 1], [0, 0], [1, 0]]


def test_the_reference_can_be_named_and_one_that_is_not_there_gives_way():
    rows = pl.DataFrame({"arm": ["b", "a"]})
    assert build_design(rows, {"arm": "b"}).terms == (Term("arm", "a", "b"),)
    assert build_design(rows, {"arm": "x"}).terms == (Term("arm", "b", "a"),)


def test_an_enumeration_keeps_its_order():
    grade = pl.Enum(["low", "high"])
    rows = pl.DataFrame({"grade": ["high", "low"]}, schema={"grade": grade})
    assert build_design(rows).terms == (Term("grade", "high", "low"),)


def test_a_flag_is_yes_against_no():
    rows = pl.DataFrame({"flag": [True, False]})
    assert build_design(rows).terms == (Term("flag", "yes", "no"),)


def test_patients_with_a_missing_value_are_left_out():
    rows = pl.DataFrame({"x": [1.0, None, float("nan"), 2.0], "y": ["a", "b", "a", "b"]})
    design = build_design(rows)
    assert design.kept.tolist() == [0, 3]
    assert design.values.shape == (2, 2)


@pytest.mark.parametrize("values", [[2.0, 2.0, 2.0], [0.1, 0.1, 0.1]])
def test_a_constant_says_so(values):
    (term,) = build_design(pl.DataFrame({"x": values})).terms
    assert term.reason == "it is the same in all patients"


def test_a_level_that_stands_alone_says_so():
    (term,) = build_design(pl.DataFrame({"arm": ["a", "a"]})).terms
    assert (term.level, term.reason) == ("a", "it is the same in all patients")


def test_a_sum_of_others_says_so_and_the_others_stay():
    rng = np.random.default_rng(1)
    one, two = rng.normal(size=20), 1e6 * rng.normal(size=20)
    design = build_design(pl.DataFrame({"one": one, "two": two, "sum": one + two / 1e6 + 5}))
    assert [bool(term.reason) for term in design.terms] == [False, False, True]
    assert design.usable.tolist() == [0, 1]


def test_nobody_and_nothing():
    assert build_design(pl.DataFrame({"x": []}, schema={"x": pl.Float64})).values.shape == (0, 1)
    assert build_design(pl.DataFrame()).terms == ()
