import polars as pl
import pytest
from tests.unit.evidence.question.records import ask, record

from stromal.evidence.question.answer import answer_question
from stromal.evidence.question.estimates import list_estimates
from stromal.tables.estimates import ESTIMATES
from stromal.tables.statistics import STATISTICS


def rows(library, question=None, **more):
    return list_estimates([answer_question(library, *ask(question, **more), "best", "response")])


def test_studies_and_what_is_told_of_them_are_published_rows():
    found = rows(
        record({"study": "A", "events": 4}, {"study": "B", "events": 8}), {"category": "CR"}
    )
    assert found.columns == ESTIMATES.names or tuple(found.columns) == ESTIMATES.names
    assert found["origin"].unique().to_list() == ["published"]
    assert found["replicate"].null_count() == found.height
    assert found.select("by", "group", "label", "value", "n", "events").rows()[:2] == [
        ("study", "A", "CR", 0.2, 20, 4),
        ("study", "B", "CR", 0.4, 20, 8),
    ]
    told = found.row(2, named=True)
    assert (told["by"], told["group"], told["n"], told["events"]) == (None, None, 40, 12)
    assert told["low"] < told["value"] < told["high"]
    assert {"lin2023", "knapp2003"} <= set(told["sources"].split())


def test_what_is_not_estimable_has_a_row_that_says_why():
    found = rows(record({"study": "A", "events": 0}, {"study": "B", "events": 0}))
    told = found.filter(pl.col("by").is_null()).row(0, named=True)
    assert told["value"] is None
    assert told["method"].startswith("not estimable: nobody, or everybody")


def test_a_comparison_names_its_two_sides_and_counts_both():
    library = record({"study": "A", "events": 4}, {"study": "A", "arm": "control", "events": 8})
    found = rows(library, {"scale": "risk_ratio", "comparison": "control"})
    first = found.row(0, named=True)
    assert (first["statistic"], first["term"], first["reference"]) == (
        "risk ratio", "MSC", "control",
    )  # fmt: skip
    assert (first["value"], first["n"], first["events"]) == (0.5, 40, 12)


def test_figures_of_reviews_are_rows_of_their_own_and_told_once():
    library = record(
        {"study": "A"}, {"study": "M", "events": None, "total": None, "value": 67.0},
        {"study": "M", "scale": "words", "value": None},
        designs={"M": "meta_analysis"},
    )  # fmt: skip
    answers = [answer_question(library, *ask(), "best", "response") for _ in range(2)]
    reviews = list_estimates(answers).filter(by="review")
    assert reviews.select("group", "value", "unit", "low").rows() == [("M", 0.67, "1", None)]


@pytest.mark.parametrize(
    ("row", "scale", "statistic", "unit"),
    [
        ({"scale": "median", "unit": "day"}, "median", "median time", "day"),
        ({"scale": "median", "unit": "10^9/L"}, "median", "median", "10^9/L"),
        ({"scale": "survival"}, "survival", "survival probability", "1"),
    ],
)
def test_numbers_that_are_shown_alone_keep_their_unit(row, scale, statistic, unit):
    found = rows(record({"study": "A", "events": None} | row), {"scale": scale}).row(0, named=True)
    assert (found["statistic"], found["unit"], found["low"]) == (statistic, unit, None)
    assert statistic in STATISTICS
