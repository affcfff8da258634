import polars as pl

from stromal.report.disagreement import describe_assessments, render_disagreements


def texts(view):
    return [[cell.text for cell in row] for row in view.rows]


def view_of_who_differs(content, day):
    (cohort,) = content.cohorts
    differing = pl.DataFrame(
        {"subject": ["p1"], "ours": ["IV"], "reported": ["III"], "reason": ["skin stage 4"]}
    )
    return render_disagreements(
        differing,
        cohort.outcomes.filter(endpoint="grade").with_columns(pl.lit(day).alias("day")),
        cohort.patients.assessments,
        of_scale=None,
        but_scale="investigator",
        title="Patients who differ",
    )


def test_what_was_assessed_stands_beside_both_grades(content):
    view = view_of_who_differs(content, 0.0)
    assert [heading.text for heading in view.headings][1:4] == ["Assessed", "Reported", "Derived"]
    assert texts(view) == [["p1", "skin 4", "III", "IV", "skin stage 4"]]


def test_without_assessments_on_the_day_the_column_is_left_out(content):
    assert texts(view_of_who_differs(content, 9.0)) == [["p1", "III", "IV", "skin stage 4"]]


def test_items_follow_their_scale_and_long_lists_are_cut():
    items = ["lower_gi", "skin", *(f"item_{number}" for number in range(9))]
    rows = pl.DataFrame(
        {"subject": ["1"] * 11, "day": [None] * 11, "scale": ["x"] * 11, "item": items,
         "value": ["1"] * 11},
        schema_overrides={"day": pl.Float64},
    )  # fmt: skip
    said = describe_assessments(rows, "1", None)
    assert said.startswith("skin 1, lower gi 1, item 0 1")
    assert said.endswith(", …")
    assert describe_assessments(rows, "2", None) == ""
