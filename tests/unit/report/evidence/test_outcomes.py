import polars as pl
import pytest

from stromal.evidence.library.reader import Library, read_library
from stromal.evidence.pooled import pool_record
from stromal.report.blocks import Fold
from stromal.report.evidence.outcomes import list_outcomes, render_outcomes

LIBRARY = read_library()


@pytest.fixture(scope="module")
def listed():
    return list_outcomes(LIBRARY)


def test_every_number_is_listed_once(listed):
    rows = [line.row for part in listed for line in part.numbers]
    assert sorted(rows) == sorted(LIBRARY.outcomes["row"])
    counts = [len(part.numbers) for part in listed]
    assert counts == sorted(counts, reverse=True)


def test_pooled_numbers_are_those_of_the_record(listed):
    pooled = pool_record(LIBRARY).filter(pl.col("studies") > 1)
    assert sum(len(part.pooled) for part in listed) == pooled.height
    response = next(line for line in listed[0].pooled if line.outcome == "Overall response, day 28")
    assert (response.what, response.studies) == ("share, MSC", 4)
    assert response.number.startswith("70")


def test_a_number_left_out_says_so(listed):
    line = next(line for part in listed for line in part.numbers if line.row == "E0107")
    assert (line.used, line.status) == ("left out", "exclude")


def test_tables_of_pooled_numbers_are_open_and_numbers_folded(listed):
    blocks = render_outcomes(listed)
    folds = [block for block in blocks if isinstance(block, Fold)]
    assert len(folds) == len(listed)
    assert "every number" in folds[0].blocks[0].caption


def test_an_empty_record_has_no_outcomes():
    empty = Library(LIBRARY.studies.clear(), LIBRARY.arms.clear(), LIBRARY.outcomes.clear())
    assert list_outcomes(empty) == ()
    assert render_outcomes(()) == ()
