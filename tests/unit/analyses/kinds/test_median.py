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
