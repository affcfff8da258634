from dataclasses import replace

import polars as pl
import pytest
from tests.unit.analyses import many

from stromal.analyses.guards.follow_up import guard_counts
from stromal.tables.patients import Patients

ENDPOINTS = [
    {"name": "grade", "rule": "cytopenia_grade", "parameters": {"lineage": "thrombocytopenia"}},
    {"name": "survival", "rule": "overall_survival"},
]
SURVIVAL = {"estimate": "survival", "endpoint": "survival"}


def issues(last_count, by, **grouping):
    """Every patient has counts on day 0 and on the last one; deaths come on days 29 to 371."""
    groupings = [{"name": "g", "of": "grade", **grouping}]
    (answer,) = many.answers(
        SURVIVAL | {"by": by}, endpoints=ENDPOINTS, groupings=groupings, frame=_graded()
    )
    subjects = [str(i) for i in range(many.N)] * 2
    days = [0.0] * many.N + [float(last_count)] * many.N
    labs = pl.DataFrame({"subject": subjects, "day": days, "analyte": "platelets"})
    people = Patients.of(None, subjects=answer.setting.patients.subjects, labs=labs)
    setting = replace(answer.setting, patients=people)
    return list(guard_counts([replace(answer, setting=setting)]))


def _graded():
    frame = many.outcomes()
    grade = frame.filter(endpoint="infection")
    names = [pl.lit(name).alias("endpoint") for name in ("grade", "grade_by_day_100")]
    return pl.concat([frame, *(grade.with_columns(name) for name in names)])


def test_counts_that_stop_long_before_the_event_are_warned_of():
    (issue,) = issues(20, "grade")
    assert issue.column == "analyses[0].by"
    assert "stop more than 60 days before" in issue.message


def test_counts_up_to_the_event_are_not():
    assert issues(20, "marker") == []
    assert issues(360, "g", landmark=None) != []  # the day-0 count alone is before most events


@pytest.mark.parametrize(("last_count", "raised"), [(90, False), (10, True)])
def test_at_a_landmark_counts_up_to_it_are_enough(last_count, raised):
    assert bool(issues(last_count, "g", landmark=100.0)) is raised
