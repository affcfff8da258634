"""Minnesota risk: the listed combinations, missing organs, the gut in one piece or two."""

from __future__ import annotations

from itertools import product

import polars as pl
import pytest

from stromal.endpoints.rules.gvhd.minnesota_risk import (
    MinnesotaRiskParameters,
    derive_minnesota_risk,
    name_risk,
)
from stromal.tables.patients import Patients


def risk(stages, day=0.0, **parameters):
    known = {organ: stage for organ, stage in stages.items() if stage is not None}
    rows = pl.DataFrame(
        {"item": list(known), "value": [str(stage) for stage in known.values()]},
        schema={"item": pl.String, "value": pl.String},
    ).with_columns(
        subject=pl.lit("1"), day=pl.lit(day, pl.Float64), scale=pl.lit("acute_gvhd_stage")
    )
    patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    given = MinnesotaRiskParameters.model_validate(parameters)
    return derive_minnesota_risk(patients, given).row(0, named=True)


def by_words(skin, liver, gut):
    """The published list in other words."""
    if skin + liver + gut == 0:
        return "none"
    organs = [skin > 0, liver > 0, gut > 0]
    if sum(organs) == 1:
        low = (0 < skin < 4) or (0 < gut < 3)
        return "standard" if low else "high"
    if sum(organs) == 2 and 0 < skin < 4:
        return "standard" if liver or gut == 1 else "high"
    return "high"


def test_every_combination_has_the_risk_of_the_list():
    for stages in product(range(5), repeat=3):
        assert name_risk(*stages) == by_words(*stages), stages


@pytest.mark.parametrize(
    ("stages", "label"),
    [
        ({"skin": 2, "liver": 0, "gut": 1}, "standard"),
        ({"skin": 2, "liver": 0, "lower_gi": 0, "upper_gi": 1}, "standard"),
        ({"skin": 0, "liver": 0, "lower_gi": 3, "upper_gi": 0}, "high"),
        ({"skin": 0, "liver": 0, "gut": 0}, "none"),
        ({"skin": 4, "liver": None, "gut": None}, "high"),
        ({"skin": None, "liver": 0, "gut": 3}, "high"),
    ],
)
def test_stages_have_a_risk(stages, label):
    row = risk(stages)
    assert (row["label"], row["lowest"], row["highest"]) == (label, row["value"], row["value"])


def test_a_missing_organ_leaves_the_risk_open_where_it_matters():
    row = risk({"skin": 2, "liver": 0})
    assert (row["label"], row["lowest"], row["highest"]) == (None, 1, 2)
    assert row["reason"] == (
        "skin stage 2, liver stage 0, gut not staged: standard to high risk is possible"
    )
    assert risk({"skin": 0, "liver": 0, "upper_gi": 1})["highest"] == 2


def test_stages_of_another_day_do_not_count():
    row = risk({"skin": 2, "liver": 0, "gut": 0}, day=5.0)
    assert (row["label"], row["lowest"]) == (None, None)
    assert row["reason"] == "no organ assessed on day 0"
    assert risk({"skin": 2, "liver": 0, "gut": 0}, day=5.0, window={"day": 5})["day"] == 5


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ({"skin": 0, "liver": 1, "upper_gi": 1}, ("high", 2, 2)),
        ({"skin": 2, "liver": 0, "upper_gi": 1}, (None, 1, 2)),
        ({"skin": 0, "liver": 0, "upper_gi": 1}, (None, 1, 2)),
        ({"skin": 0, "liver": 0, "upper_gi": 0}, (None, 0, 2)),
        ({"skin": 2, "liver": 0, "lower_gi": 0}, ("standard", 1, 1)),
        ({"skin": 2, "liver": 1, "lower_gi": 0}, (None, 1, 2)),
        ({"skin": 2, "liver": 0, "gut": 0, "lower_gi": 2}, ("high", 2, 2)),
    ],
)
def test_a_part_of_the_gut_that_was_not_staged_can_only_make_it_worse(stages, expected):
    row = risk(stages)
    assert (row["label"], row["lowest"], row["highest"]) == expected
    if stages == {"skin": 0, "liver": 1, "upper_gi": 1}:
        assert row["reason"] == "skin stage 0, liver stage 1, gut stage 1 to 4: high risk"
