"""Stages day by day: the worst of a day, and what is surely or possibly resolved."""

import polars as pl
import pytest
from tests.unit.endpoints.rules.gvhd.staged import clear, organs, patient, scored

from stromal.endpoints.records.stage_days import derive_stage_days, is_resolved
from stromal.endpoints.records.stages import StageParameters


def test_days_are_whole_and_the_worst_stage_of_a_day_counts():
    rows = [*organs(3.2, skin=1), *organs(3.9, skin=2, liver=0), *organs(5, gut=1)]
    days = derive_stage_days(patient(rows), StageParameters())
    assert days.select("day", "skin", "liver", "gut").rows() == [
        (3, 2, 0, None),
        (5, None, None, 1),
    ]


def test_signs_that_do_not_settle_a_stage_give_none():
    rows = scored("acute_gvhd_signs", 3, skin_bsa=60, upper_gi="yes")
    days = derive_stage_days(patient(rows), StageParameters(stages="derived"))
    assert days.select("skin", "upper_gi").row(0) == (None, 1)


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        (clear(1), (True, True)),
        (organs(1, skin=0, liver=0, gut=0), (True, True)),
        (organs(1, skin=0, liver=0), (False, True)),
        (organs(1, skin=0, liver=0, lower_gi=0), (False, True)),
        (organs(1, skin=0, liver=1), (False, False)),
        (clear(1, upper_gi=1), (False, False)),
    ],
)
def test_an_organ_that_was_not_staged_leaves_it_open(stages, expected):
    days = derive_stage_days(patient(stages), StageParameters())
    surely, possibly = is_resolved()
    assert days.select(surely.alias("surely"), possibly.alias("possibly")).row(0) == expected


def test_nobody_has_no_days():
    assert derive_stage_days(patient(), StageParameters()).height == 0
    assert isinstance(is_resolved()[0], pl.Expr)
