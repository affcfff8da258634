import polars as pl
from tests.unit.analyses.example import answer

MAP = {"estimate": "stage_map", "scale": "acute_gvhd_stage", "visit": "start"}
VISITS = [{"name": "start", "day": 0, "after": 1}]
STAGES = pl.DataFrame(
    {"subject": ["1", "1", "2"], "day": [0.0, 0.0, 30.0],
     "scale": ["acute_gvhd_stage", "investigator", "acute_gvhd_stage"],
     "item": ["skin", "acute_gvhd_grade", "liver"], "value": ["4", "III", "2"]}
)  # fmt: skip


def test_stages_of_the_visit_are_drawn_and_the_reported_grade_beside_them():
    kind, found = answer(MAP, visits=VISITS, assessments=STAGES)
    figure = kind.plot(found)
    assert "skin" in figure.svg
    assert "liver" not in figure.svg
    assert "then the grade as reported" in figure.caption


def test_nobody_staged_is_no_figure():
    kind, found = answer(MAP, visits=VISITS)
    assert kind.plot(found) is None
