"""One fact in two tables: acute GVHD as an event and as organ stages."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.endpoints.records.shown_events import derive_shown_events
from stromal.endpoints.records.stages import StageParameters
from stromal.tables.patients import Patients

SEVERE = "acute_gvhd_grade_3_4"


def patients(stages, events=()):
    rows = pl.DataFrame(
        list(stages),
        schema={"day": pl.Float64, "item": pl.String, "value": pl.String},
        orient="row",
    ).with_columns(subject=pl.lit("1"), scale=pl.lit("acute_gvhd_stage"))
    happened = pl.DataFrame(
        list(events), schema={"day": pl.Float64, "event": pl.String}, orient="row"
    ).with_columns(subject=pl.lit("1"))
    return Patients.of(
        subjects=pl.DataFrame({"subject": ["1", "2"]}), assessments=rows, events=happened
    )


def shown(stages, events=(), name=SEVERE):
    found = derive_shown_events(patients(stages, events), (name, "death"), StageParameters())
    return found.select("day", "note").rows()


LIVER = [(30.0, "liver", "1"), (40.0, "liver", "2"), (50.0, "liver", "3")]


@pytest.mark.parametrize(
    ("stages", "events", "expected"),
    [
        (LIVER, [], [(40.0, ", by organ stages")]),
        (LIVER, [(40.0, SEVERE)], [(40.0, None)]),
        (LIVER, [(44.0, SEVERE)], [(40.0, ", by organ stages; recorded as an event on day 44")]),
        (LIVER, [(35.0, SEVERE)], [(35.0, "; organ stages reach it on day 40")]),
        (
            LIVER,
            [(None, SEVERE)],
            [(40.0, ", by organ stages; recorded as an event without a day")],
        ),
        (LIVER[:1], [(35.0, SEVERE)], [(35.0, "; no organ stage on record reaches it")]),
        (LIVER[:1], [], []),
        ([(None, "liver", "2")], [], [(None, ", by organ stages")]),
        ([(-3.0, "liver", "2"), (5.0, "liver", "1")], [], []),
        ([], [(35.0, SEVERE)], []),
    ],
)
def test_the_first_day_that_either_record_gives_and_what_contradicts_it(stages, events, expected):
    assert shown(stages, events) == expected


def test_any_stage_shows_acute_gvhd():
    assert shown(LIVER, name="acute_gvhd") == [(30.0, ", by organ stages")]


def test_other_events_are_not_shown_by_stages():
    assert derive_shown_events(patients(LIVER), ("relapse",), StageParameters()).is_empty()


def test_bilirubin_alone_shows_a_grade_where_stages_are_derived():
    labs = pl.DataFrame({"subject": ["1"], "day": [40.0], "analyte": ["bilirubin"], "value": [4.0]})
    patients = Patients.of(labs=labs.with_columns(unit=pl.lit("mg/dL")))
    found = derive_shown_events(patients, [SEVERE], StageParameters(stages="derived"))
    assert found.select("subject", "day").rows() == [("1", 40.0)]
    assert derive_shown_events(patients, [SEVERE], StageParameters()).is_empty()
