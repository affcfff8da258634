import polars as pl

from stromal.evidence.question.groups import pool_groups
from stromal.evidence.question.pooling import measure_rows
from stromal.report.evidence.groups import list_groups, render_groups
from stromal.report.figures.forest import Forest

SHARE = Forest("Share", ())
ROWS = pl.DataFrame(
    {
        "source": ["bone_marrow", "umbilical_cord", "bone_marrow", "unspecified"],
        "donor": ["third_party"] * 4,
        "events": [10, 30, 14, 5],
        "total": [40, 40, 50, 9],
        "why": [None] * 4,
    },
    schema_overrides={"why": pl.String},
)


def lines_of(column):
    found = pool_groups(ROWS, measure_rows(ROWS, "proportion"), "proportion", [column])
    return list_groups(found, SHARE)


def test_a_line_for_each_group_and_one_for_the_test():
    lines = lines_of("source")
    assert [line.group for line in lines] == ["bone_marrow", "umbilical_cord", None]
    assert lines[0].studies == 2
    assert lines[0].number.startswith("27")
    assert lines[2].remark.startswith("test between the groups: Q = ")
    assert lines[2].remark.endswith("1 without a word for it")
    view = render_groups(lines)
    assert [row[0].text for row in view.rows] == [
        "Bone marrow",
        "Umbilical cord",
        "Source of the cells",
    ]
    assert "not of patients" in view.note


def test_one_group_is_not_tested():
    assert lines_of("donor")[-1].remark.startswith("not tested: fewer than two groups")


def test_nothing_asked_is_no_table():
    assert not render_groups(())
