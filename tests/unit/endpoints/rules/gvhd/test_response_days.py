"""Response day by day: complete, overall, and what organs that were not staged leave open."""

import pytest
from tests.unit.endpoints.rules.gvhd.staged import clear, organs, patient, scored

from stromal.endpoints.rules.gvhd.response_days import (
    ResponseDayParameters,
    derive_response_days,
    find_uninvolved,
)

BASE = clear(0, skin=3, liver=1)


def days(rows, **parameters):
    found = derive_response_days(patient(rows), ResponseDayParameters.model_validate(parameters))
    return found.select("day", "complete", "maybe_complete", "overall", "maybe_overall").rows()


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (clear(9, skin=2, liver=1), (False, False, True, True)),
        (clear(9, skin=3, liver=1), (False, False, False, False)),
        (clear(9, skin=1, liver=2), (False, False, False, False)),
        (clear(9), (True, True, True, True)),
        (organs(9, skin=0), (False, True, False, True)),
        (organs(9, skin=2), (False, False, False, True)),
        (organs(9, skin=3), (False, False, False, True)),
        (organs(9, skin=4), (False, False, False, False)),
    ],
)
def test_a_day_is_compared_with_the_baseline(now, expected):
    assert days([*BASE, *now]) == [(9, *expected)]


def test_organs_that_were_staged_at_baseline_are_enough():
    skin = [*organs(0, skin=2), *organs(9, skin=0), *organs(20, skin=1)]
    assert days(skin) == [(9, True, True, True, True), (20, False, False, True, True)]


def test_without_a_baseline_only_a_full_staging_shows_a_response():
    assert days(clear(9)) == [(9, True, True, True, True)]
    assert days(organs(9, skin=1)) == [(9, False, False, False, True)]


def test_days_up_to_the_baseline_do_not_count():
    rows = [*BASE, *clear(2), *clear(9)]
    assert [row[0] for row in days(rows, baseline={"day": 0, "after": 3})] == [9]


def test_the_investigator_can_judge_and_the_worse_of_a_day_counts():
    said = [
        *scored("investigator", 9, acute_gvhd_response="VGPR"),
        *scored("investigator", 14, acute_gvhd_response="CR"),
        *scored("investigator", 14, acute_gvhd_response="MR"),
        *scored("investigator", 28, acute_gvhd_response="CR"),
    ]
    assert days(said, assessed_by="investigator") == [
        (9, False, False, True, True),
        (14, False, False, False, False),
        (28, True, True, True, True),
    ]


def test_who_had_no_organ_involved_is_found():
    parameters = ResponseDayParameters()
    assert find_uninvolved(patient(clear(0)), parameters).height == 1
    assert find_uninvolved(patient(BASE), parameters).height == 0
    assert find_uninvolved(patient(), parameters).height == 0
