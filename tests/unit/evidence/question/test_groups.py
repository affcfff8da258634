import polars as pl
import pytest

from stromal.evidence.pool.subgroups import TOO_FEW
from stromal.evidence.question.groups import EMPTY_CELLS, pool_groups
from stromal.evidence.question.pooling import measure_rows, pool_rows

ROWS = pl.DataFrame(
    {
        "source": ["bone_marrow", "umbilical_cord", "bone_marrow", "umbilical_cord", "unspecified"],
        "age_group": ["adults"] * 5,
        "events": [10, 30, 14, 33, 5],
        "total": [40, 40, 50, 41, 9],
        "why": [None] * 5,
    },
    schema_overrides={"why": pl.String},
)


def grouped(rows, column):
    return pool_groups(rows, measure_rows(rows, "proportion"), "proportion", [column])[0]


def test_each_group_is_told_by_the_rules_for_all():
    found = grouped(ROWS, "source")
    names = [name for name, _ in found.groups]
    assert names == ["bone_marrow", "umbilical_cord"]
    for name, told in found.groups:
        assert told == pool_rows(ROWS.filter(source=name), "proportion").told
    assert found.unknown == 1
    assert found.p < 0.001


def test_one_group_is_not_tested():
    found = grouped(ROWS, "age_group")
    assert (found.q, found.reason) == (None, TOO_FEW)
    assert len(found.groups) == 1


def test_an_empty_cell_is_told_and_not_tested():
    rows = ROWS.with_columns(pl.Series("events", [0, 30, 14, 33, 5]))
    found = grouped(rows, "source")
    assert dict(found.groups)["bone_marrow"].studies == 2
    assert found.reason == EMPTY_CELLS
    assert found.q is not None


@pytest.mark.parametrize("rows", [ROWS.head(0)])
def test_no_study_makes_no_group(rows):
    found = grouped(rows, "source")
    assert (found.groups, found.q) == ((), None)
