import polars as pl
import pytest

from stromal.estimates.course_comparison import compare_courses
from tests.reference.recorded import read_recorded

RECORDED = read_recorded("course_comparison")
CASES = ["planned", "planned before", "planned values", "free"]


def given(name):
    each = [
        RECORDED.filter(case=f"given {name}", quantity=column)["value"]
        for column in ("patient", "day", "baseline", "y")
    ]
    rows = pl.DataFrame(each, schema=["subject", "day", "baseline", "value"])
    arms = [["high", "low", "none"][int(who) % 3] for who in rows["subject"]]
    return rows.with_columns(pl.Series("group", arms))


@pytest.mark.parametrize("case", CASES)
def test_comparisons_are_those_of_r(case):
    rows = given(case.partition(" ")[0])
    ours = compare_courses(
        rows.drop("baseline") if case == "planned" else rows,
        reference="none",
        scale="identity" if "values" in case else "log",
    )
    effects = {effect.term.level: effect for effect in ours.effects}
    assert ("spline" in ours.method) == (case == "free")
    for _, quantity, _, value in RECORDED.filter(case=case).rows():
        first, _, second = quantity.partition(" ")
        if first in ("test", "parallel"):
            test = getattr(ours, first)
            found = test.degrees[1] if second == "denominator" else getattr(test, second)
        else:
            found = getattr(effects[second], first)
        # Both look for the maximum by steps, and degrees of freedom come from differences.
        loose = first == "degrees" or second in ("denominator", "p_value")
        assert found == pytest.approx(value, rel=2e-3 if loose else 5e-5), quantity
