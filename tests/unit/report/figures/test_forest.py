import polars as pl
import pytest

from stromal.report.figures.forest import (
    Forest,
    ForestColumn,
    ForestPool,
    ForestRow,
    frame_forest,
    list_lines,
    write_effect,
    write_interval,
)

ROWS = (
    ForestRow("A 2001", ("9",), 0.5, 0.2, 0.8, 3.0, group="children"),
    ForestRow("B 2002", ("8",), 0.6, 0.3, 0.9, 1.0, group="adults"),
    ForestRow("C 2003", ("7",), group="children", reason="no count"),
)
POOLS = (
    ForestPool("Random effects", 0.5, 0.2, 0.8, group="children", note="I² = 0 %"),
    ForestPool("Common effect", 0.55, 0.4, 0.7, kind="common"),
    ForestPool("Random effects", 0.55, 0.3, 0.8, prediction=(0.1, 0.95), note="I² = 9 %"),
)
FOREST = Forest("Response", ROWS, POOLS, (ForestColumn("n", numeric=True),), remark="Q = 1")


def test_studies_of_a_group_stand_together_above_their_diamond():
    assert [(line.kind, line.text) for line in list_lines(FOREST)] == [
        ("group", "children"), ("study", "A 2001"), ("study", "C 2003"),
        ("pool", "Random effects"), ("note", "I² = 0 %"),
        ("group", "adults"), ("study", "B 2002"),
        ("pool", "Common effect"), ("pool", "Random effects"),
        ("prediction", "Prediction interval"), ("note", "I² = 9 %"), ("note", "Q = 1"),
    ]  # fmt: skip


def test_weights_are_parts_of_all_rows():
    assert FOREST.weigh() == (75.0, 25.0, None)
    assert Forest("x", (ForestRow("A"),)).weigh() == (None,)


def test_a_row_has_a_cell_for_every_column():
    with pytest.raises(ValueError, match="A: 2 cells under 1 columns"):
        Forest("x", (ForestRow("A", ("1", "2")),), columns=(ForestColumn("n"),))


def test_the_frame_holds_studies_pools_and_predictions():
    frame = frame_forest(FOREST)
    assert frame["kind"].to_list() == [
        "study", "study", "pool", "study", "pool", "pool", "prediction"
    ]  # fmt: skip
    row = frame.row(by_predicate=pl.col("label") == "C 2003", named=True)
    assert row["value"] is None
    assert row["reason"] == "no count"
    assert frame.filter(kind="prediction").select("low", "high").row(0) == (0.1, 0.95)


def test_headings_of_the_caller_hide_none_of_ours():
    forest = Forest(
        "x", (ForestRow("A", ("1", "2", "3"), 0.5),),
        columns=tuple(map(ForestColumn, ("n", "n", "value"))),
    )  # fmt: skip
    frame = frame_forest(forest)
    assert frame["value"].to_list() == [0.5]
    assert frame.width == len(set(frame.columns)) == 11
    assert frame_forest(Forest("x", ())).is_empty()


def test_effects_are_written_as_they_are_read():
    ratio = Forest("x", (), scale="ratio")
    assert [write_effect(v, ratio) for v in (1e-9, 0.004, 0.1, 12.34, 345.6, 2e9, None)] == [
        "< 0.001", "0.004", "0.10", "12.3", "346", "> 1000", "–"
    ]  # fmt: skip
    assert write_interval((0.0, 2.0), ratio) == "(< 0.001 to 2.00)"
    assert write_interval((None, 0.8), FOREST) == "(– to 80)"
    assert write_interval((None, None), FOREST) == ""
    assert (FOREST.null, ratio.null, Forest("x", (), scale="difference").null) == (None, 1.0, 0.0)
