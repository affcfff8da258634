import polars as pl
from tests.unit.analyses import example
from tests.unit.analyses.example import answer

MEDIAN = {"estimate": "median", "endpoint": "platelets"}


def test_one_line_per_group():
    kind, found = answer(MEDIAN)
    (line,) = kind.tabulate(found).rows
    assert [cell.text for cell in line] == ["All patients", "3", "18", "15–24", "12–30"]


def test_median_and_range_are_told():
    kind, found = answer(MEDIAN)
    (said,) = kind.describe(found)
    assert "median 18" in said
    assert "range 12 to 30" in said


def test_a_value_below_a_limit_counts(monkeypatch):
    """Patient 3 has `<10`: lowest of all, so that the median is known and the minimum is not."""
    below = (pl.col("subject") == "3") & (pl.col("endpoint") == "platelets")
    frame = example.outcomes().with_columns(
        lowest=pl.when(below).then(0.0), highest=pl.when(below).then(10.0)
    )
    monkeypatch.setattr(example, "_outcomes", lambda: frame)
    kind, found = answer(MEDIAN)
    (line,) = kind.tabulate(found).rows
    assert [cell.text for cell in line][:3] == ["All patients", "4", "15"]
    assert line[4].text == "– to 30"
    assert "not evaluable" not in found.estimates["statistic"]
