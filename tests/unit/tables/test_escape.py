import csv

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stromal.tables.escape import escape_cell, write_csv

FORMULAS = [
    "=1",
    "+1",
    "-1",
    "@x",
    "\t=1",
    "\tx",
    "\rx",
    "  =1",
    "\n=1",
    "＝1",
    "\u00a0＠x",
    "\ufeff=1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_escaped(text):
    assert escape_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "CR", "a=b", "'=1", "10^9/L", "III-IV", "<5", "12"])
def test_other_text_is_left_alone(text):
    assert escape_cell(text) == text


def read_back(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_no_formula_reaches_a_file_in_cells_or_header(tmp_path):
    write_csv(pl.DataFrame({"=x": FORMULAS}), tmp_path / "a.csv")
    cells = [row[0] for row in read_back(tmp_path / "a.csv")]
    assert cells == ["'=x", *(f"'{text}" for text in FORMULAS)]


@given(texts=st.lists(st.text(st.characters(blacklist_categories=["Cs"])), min_size=1))
def test_the_file_holds_what_escape_cell_gives(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    write_csv(pl.DataFrame({"a": texts, "b": [1] * len(texts)}), path)
    assert [row[0] for row in read_back(path)[1:]] == [escape_cell(text) for text in texts]


def test_numbers_stay_numbers(tmp_path):
    frame = pl.DataFrame({"a": [-1.5, -0.0, float("nan"), 1e-300, None], "n": [-1, 0, 1, 2, None]})
    write_csv(frame, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == b"a,n\n-1.5,-1\n0.0,0\n,1\n1e-300,2\n,\n"


def test_every_float_comes_back_the_same(tmp_path):
    numbers = [0.1, 1 / 3, 1e22, 123456789.123456789, 5e-324]
    write_csv(pl.DataFrame({"a": numbers}), tmp_path / "a.csv")
    assert [float(row[0]) for row in read_back(tmp_path / "a.csv")[1:]] == numbers
