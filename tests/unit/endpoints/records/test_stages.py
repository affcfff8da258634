"""Organ stages: as recorded, nearest to a day, the highest of a period."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.endpoints.records.signs import UNSETTLED
from stromal.endpoints.records.stages import (
    ORGANS,
    StageParameters,
    derive_maximum_stages,
    derive_nearest_stages,
    derive_recorded_stages,
    find_minima,
)
from stromal.tables.assessments import SCALES
from stromal.tables.patients import Patients
from stromal.tables.windows import Window


def recorded(*rows: tuple[float | None, str, str]) -> Patients:
    frame = pl.DataFrame(
        rows, schema={"day": pl.Float64, "item": pl.String, "value": pl.String}, orient="row"
    )
    return Patients.of(
        assessments=frame.with_columns(subject=pl.lit("1"), scale=pl.lit("acute_gvhd_stage"))
    )


def test_items_are_those_of_the_scale() -> None:
    scale = SCALES["acute_gvhd_stage"]
    assert {name: item.high for name, item in scale.items()} == dict(ORGANS)


def test_recorded_stages_drop_what_the_scale_does_not_have() -> None:
    patients = recorded((0.0, "skin", "2"), (0.0, "upper_gi", "2"), (0.0, "liver", "x"))
    assert derive_recorded_stages(patients).rows() == [("1", 0.0, "skin", 2)]


def test_nearest_day_counts_and_ties_give_the_worse_stage() -> None:
    rows = ((25.0, "skin", "4"), (27.0, "skin", "1"), (29.0, "skin", "2"), (30.0, "liver", "3"))
    found = derive_nearest_stages(
        derive_recorded_stages(recorded(*rows)), Window(day=28, before=3, after=3)
    )
    row = found.row(0, named=True)
    assert (row["skin"], row["liver"], row["upper_gi"], row["day"]) == (2, 3, None, 29.0)
    assert row["latest"] == 30.0


@pytest.mark.parametrize(
    ("gut_day", "lower_day", "kept"),
    [(28.0, 29.0, (None, 3)), (30.0, 29.0, (1, None)), (27.0, 29.0, (1, 3))],
)
def test_the_nearer_way_of_recording_the_gut_counts(
    gut_day: float, lower_day: float, kept: tuple[int | None, int | None]
) -> None:
    rows = ((gut_day, "gut", "3"), (lower_day, "lower_gi", "1"))
    found = derive_nearest_stages(
        derive_recorded_stages(recorded(*rows)), Window(day=28, before=3, after=3)
    )
    assert found.select("lower_gi", "gut").row(0) == kept


def test_maximum_takes_undated_stages_only_without_a_period() -> None:
    staged = derive_recorded_stages(recorded((None, "skin", "3"), (5.0, "skin", "1")))
    assert derive_maximum_stages(staged, None, None)["skin"].item() == 3
    assert derive_maximum_stages(staged, None, 100)["skin"].item() == 1
    assert derive_maximum_stages(staged, 6, 100).is_empty()


def test_needs_name_items_of_the_scales() -> None:
    for source in ("recorded", "derived"):
        for need in StageParameters(stages=source).stage_needs:
            for name in need.names:
                if need.table == "assessments":
                    scale, item = name.split(".")
                    assert item in SCALES[scale]


def test_the_lowest_stages_that_alone_give_a_grade() -> None:
    assert find_minima("magic_2016", 4) == {"skin": 4, "liver": 4, "lower_gi": 4, "gut": 4}
    assert find_minima("magic_2016", 1)["skin"] == 1
    assert find_minima("glucksberg_1994", 4) == {"skin": 4, "liver": 4}


@pytest.mark.parametrize(("most", "day", "skin"), [(4, 9, None), (3, 9, 3), (4, 300, 3)])
def test_an_organ_that_may_have_been_worse_in_the_period_has_no_highest_stage(
    most: int, day: float, skin: int | None
) -> None:
    staged = derive_recorded_stages(recorded((5, "skin", "3"), (5, "liver", "1")))
    open_ = pl.DataFrame([("1", day, "skin", most)], schema=UNSETTLED, orient="row")
    found = derive_maximum_stages(staged, 0, 100, open_).row(0, named=True)
    assert (found["skin"], found["liver"]) == (skin, 1)


def test_a_stage_of_another_day_does_not_stand_in_for_an_open_one():
    rows = {"subject": ["1"], "day": [26.0], "item": ["liver"]}
    staged = pl.DataFrame(rows).with_columns(stage=pl.lit(0, pl.Int8))
    nearer = pl.DataFrame(rows | {"day": [28.0]}).with_columns(most=pl.lit(4, pl.Int8))
    window = Window(day=28, before=3, after=3)
    assert derive_nearest_stages(staged, window)["liver"].to_list() == [0]
    assert derive_nearest_stages(staged, window, nearer)["liver"].to_list() == [None]
    assert derive_nearest_stages(nearer.select("subject", "day", "item", stage="most"), window,
                                 nearer)["liver"].to_list() == [4]  # fmt: skip
