"""One lineage: assessments after censoring, the episode that is chosen, its support."""

from __future__ import annotations

import polars as pl
import pytest
from tests.unit.endpoints.counted import platelets

from stromal.endpoints.records.lab_series import as_numbered
from stromal.endpoints.rules.cytopenia.pattern_parameters import CytopeniaPatternParameters
from stromal.endpoints.rules.cytopenia.pattern_series import judge_lineage
from stromal.tables.patients import Patients


def judge(labs: pl.DataFrame, *events: tuple[float | None, str], **parameters: object) -> dict:
    happened = pl.DataFrame(
        [("1", *event) for event in events],
        schema={"subject": pl.String, "day": pl.Float64, "event": pl.String},
        orient="row",
    )
    patients = Patients.of(
        subjects=pl.DataFrame({"subject": ["1", "2"]}), labs=labs, events=happened
    )
    given = {"pattern": "prolonged", "threshold_grade": 3} | parameters
    p = CytopeniaPatternParameters.model_validate(given)
    rows = judge_lineage(as_numbered(patients), "thrombocytopenia", p, reasons=True)
    assert rows["number"].to_list() == [0, 1]
    assert rows["label"][1] is None
    return rows.row(0, named=True)


def test_the_first_episode_that_shows_the_pattern_is_chosen():
    labs = platelets((3, 20), (10, 90), (12, 20), (45, 90), (50, 20), (99, 90))
    assert (judge(labs)["label"], judge(labs)["start"]) == ("yes", 12)
    assert judge(labs, min_duration=40)["start"] == 50
    assert judge(labs, min_duration=50)["label"] == "no"


def test_assessments_after_censoring_are_left_out():
    labs = platelets((3, 20), (45, 90))
    assert judge(labs, (20.0, "relapse"))["label"] == "no"
    assert judge(labs, (50.0, "relapse"))["label"] == "yes"


def test_support_is_that_of_the_lineage():
    labs = platelets((3, 20), (45, 90))
    row = judge(labs, (9.0, "transfusion_platelets"), (9.0, "g_csf"))
    assert row["reason"].endswith("42 days; platelet transfusion on 1 of its days")


def test_an_open_episode_may_yet_be_long_although_another_was_longer():
    longer = platelets((3, 20), (23, 90), (59, 90), (60, 20), (65, 20))
    assert (judge(longer)["label"], judge(longer)["highest"]) == ("no", 1)
    closed = platelets((3, 20), (23, 90), (59, 90), (60, 20), (65, 90))
    assert (judge(closed)["label"], judge(closed)["highest"]) == ("no", 0)
    late = platelets((3, 20), (23, 90), (59, 90), (60, 20), (65, 20))
    assert judge(late, counted_from="day_zero")["highest"] == 0


def test_of_episodes_as_long_as_each_other_the_first_is_told():
    labs = platelets((3, 20), (10, 90), (12, 20), (19, 90), (30, 90))
    assert judge(labs)["reason"].startswith("thrombocytopenia grade >= 3 from day 3 to day 10")


def test_a_count_later_on_the_day_of_the_event_that_censors_hides_none_before_it():
    labs = platelets((5, 90), (28.0, 20), (28.5, 10))
    assert judge(labs, (28.0, "relapse"), pattern="late_onset")["start"] == 28
    assert judge(labs, (28.6, "relapse"), pattern="late_onset")["start"] == 28.5
    assert judge(labs, (28.0, "g_csf"), pattern="late_onset")["start"] == 28.5


@pytest.mark.parametrize(
    ("pattern", "counts"),
    [
        ("prolonged", [(5, 20), (30, 90)]),
        ("late_onset", [(40, 20)]),
        ("biphasic", [(2, 90), (30, 20)]),
    ],
)
def test_an_empty_count_before_day_0_that_may_last_is_told(pattern, counts):
    row = judge(platelets((-3, None), *counts), pattern=pattern)
    assert (row["label"], row["lowest"], row["highest"]) == (None, 0, 1)
    assert row["reason"] == (
        "cannot judge thrombocytopenia grade >= 3: the assessment on day -3 cannot be graded "
        "(its value is missing)"
    )


@pytest.mark.parametrize(
    ("pattern", "counts", "event", "expected"),
    [
        ("prolonged", [(3, 20), (45, 90)], "relapse", None),
        ("prolonged", [(3, 20), (45, 90)], "death", "yes"),
        ("prolonged", [(3, 90), (45, 90)], "relapse", "no"),
        ("late_onset", [(3, 90), (45, 90)], "next_therapy", None),
        ("biphasic", [(3, 90), (45, 90)], "progression", "no"),
        ("biphasic", [(3, 20), (9, 90), (45, None), (60, 90)], "progression", None),
        ("prolonged", [(3, 20), (9, 90), (45, 90)], "relapse", "no"),
    ],
)
def test_an_event_that_censors_on_an_unknown_day_leaves_the_pattern_open(
    pattern, counts, event, expected
):
    row = judge(platelets(*counts), (None, event), pattern=pattern)
    assert row["label"] == expected
    if expected is None:
        assert (row["lowest"], row["highest"]) == (0, 1)
        assert row["reason"].startswith("cannot judge thrombocytopenia grade >= 3: ")
        assert row["reason"].endswith("recorded without a day")
