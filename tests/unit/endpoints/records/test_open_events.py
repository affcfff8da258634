"""Events that records leave open: empty stages, and signs that do not settle one."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.endpoints.records.open_events import find_open_events
from stromal.endpoints.records.stages import StageParameters
from stromal.tables.patients import Patients

SEVERE = "acute_gvhd_grade_3_4"


def patients(rows, events=()):
    assessed = pl.DataFrame(
        list(rows),
        schema={"day": pl.Float64, "scale": pl.String, "item": pl.String, "value": pl.String},
        orient="row",
    ).with_columns(subject=pl.lit("1"))
    happened = pl.DataFrame(
        list(events), schema={"day": pl.Float64, "event": pl.String}, orient="row"
    ).with_columns(subject=pl.lit("1"))
    subjects = pl.DataFrame({"subject": ["1", "2"]})
    return Patients.of(subjects=subjects, assessments=assessed, events=happened)


def found(rows, events=(), **parameters):
    given = StageParameters.model_validate(parameters)
    open_ = find_open_events(patients(rows, events), (SEVERE, "death"), given)
    return open_.select("from_day", "excluded").rows()


STAGE, SIGN = "acute_gvhd_stage", "acute_gvhd_signs"
UNDATED = (
    "signs on a day that was not recorded were not staged: grade III-IV acute GVHD is possible"
)


@pytest.mark.parametrize(
    ("rows", "events", "expected"),
    [
        (
            [(40.0, STAGE, "liver", None), (30.0, STAGE, "lower_gi", None)],
            [],
            (30.0, "lower GI not staged on day 30: grade III-IV acute GVHD is possible"),
        ),
        ([(40.0, STAGE, "liver", None)], [(50.0, SEVERE)], None),
        ([(40.0, STAGE, "upper_gi", None)], [], None),
        ([(-3.0, STAGE, "liver", None)], [], None),
        (
            [(20.0, SIGN, "skin_bsa", "60")],
            [],
            (20.0, "signs on day 20 were not staged: grade III-IV acute GVHD is possible"),
        ),
        ([(20.0, SIGN, "skin_bsa", "60"), (20.0, STAGE, "skin", "3")], [], None),
        ([(20.0, SIGN, "skin_bsa", "0"), (20.0, SIGN, "upper_gi", "no")], [], None),
        (
            [(None, SIGN, "upper_gi", "yes")],
            [],
            (None, UNDATED),
        ),
    ],
)
def test_what_recorded_stages_leave_open(rows, events, expected):
    assert found(rows, events) == ([expected] if expected else [])


def test_what_derived_stages_leave_open():
    signs = [(20.0, SIGN, "skin_bsa", "60")]
    (row,) = found(signs, stages="derived")
    assert row == (20.0, "skin not staged on day 20: grade III-IV acute GVHD is possible")
    assert found(signs, stages="derived", unrecorded_signs="absent") == []
    assert found([(20.0, SIGN, "skin_bsa", "20")], stages="derived") == []


def test_other_events_are_never_open():
    given = patients([(40.0, STAGE, "liver", None)])
    assert find_open_events(given, ("relapse",), StageParameters()).is_empty()
