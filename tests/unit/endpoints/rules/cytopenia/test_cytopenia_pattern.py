from __future__ import annotations

from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.rules.cytopenia.cytopenia_pattern import (
    CytopeniaPatternParameters,
    derive_cytopenia_episodes,
    derive_cytopenia_pattern,
)
from stromal.tables.labs import LABS
from stromal.tables.patients import Patients

SUBJECTS = pl.DataFrame({"subject": ["1"], "arm": ["msc"]})
LOW, NORMAL = 10.0, 200.0


def _labs(days: dict[float, bool], analyte: str = "platelets", subject: str = "1") -> pl.DataFrame:
    """Counts far below every cut on the days that are True, normal ones on the others."""
    return LABS.conform(
        pl.DataFrame(
            {
                "subject": [subject] * len(days),
                "day": [float(day) for day in days],
                "analyte": [analyte] * len(days),
                "value": [(LOW if low else NORMAL) * _scale(analyte) for low in days.values()],
                "unit": ["10^9/L"] * len(days),
                "lower_limit": [150.0 * _scale(analyte)] * len(days),
            }
        )
    )


def _scale(analyte: str) -> float:
    return 1 if analyte == "platelets" else 0.01


def _parameters(**given: object) -> CytopeniaPatternParameters:
    usual = {"pattern": "prolonged", "lineages": ["thrombocytopenia"], "threshold_grade": 3}
    return CytopeniaPatternParameters.model_validate(usual | given)


def _row(labs: pl.DataFrame, *events: tuple[float, str], **parameters: object) -> dict:
    happened = pl.DataFrame(
        [("1", day, event) for day, event in events],
        schema={"subject": pl.String, "day": pl.Float64, "event": pl.String},
        orient="row",
    )
    patients = Patients.of(subjects=SUBJECTS, labs=labs, events=happened)
    return derive_cytopenia_pattern(patients, _parameters(**parameters)).row(0, named=True)


def _episodes(labs: pl.DataFrame, **parameters: object) -> list[tuple]:
    patients = Patients.of(subjects=SUBJECTS, labs=labs)
    found = derive_cytopenia_episodes(patients, _parameters(**parameters))
    return found.select("start", "end", "open").rows()


# Episodes -----------------------------------------------------------------------------------------


def test_an_episode_ends_on_the_first_assessment_below():
    days = {0: False, 3: True, 10: True, 14: False, 20: False, 30: True, 33: True}
    assert _episodes(_labs(days)) == [(3, 14, False), (30, 33, True)]


def test_a_cytopenia_present_before_starts_on_day_zero():
    assert _episodes(_labs({-9: True, -5: True, 7: False})) == [(0, 7, False)]
    assert _episodes(_labs({-9: True, -5: False, 7: False})) == []


@pytest.mark.parametrize(
    ("recovery", "episodes"),
    [
        ({}, [(3, 10, False), (12, 20, False), (24, 30, False)]),
        ({"recovery_assessments": 2}, [(3, 20, False), (24, 30, True)]),
        ({"recovery_days": 3}, [(3, 20, False), (24, 30, True)]),
        ({"recovery_assessments": 3, "recovery_days": 4}, [(3, 20, False), (24, 30, True)]),
        ({"recovery_days": 5}, [(3, 30, True)]),
    ],
)
def test_a_recovery_can_be_asked_to_last(recovery, episodes):
    days = {0: False, 3: True, 10: False, 12: True, 20: False, 22: False, 24: True, 30: False}
    assert _episodes(_labs(days), **recovery) == episodes


def test_grade_1_needs_the_lower_limit_and_grade_3_does_not():
    labs = _labs({3: True, 35: False}).with_columns(lower_limit=pl.lit(None, pl.Float64))
    assert _episodes(labs) == [(3, 35, False)]
    assert _episodes(labs, threshold_grade=1) == [(3, 3, True)]


days = st.dictionaries(st.integers(-10, 120), st.booleans(), max_size=12)


@settings(deadline=None, max_examples=30)
@given(days=days)
def test_episodes_are_apart_in_order_and_only_the_last_is_open(days):
    found = _episodes(_labs(days), recovery_days=3)
    assert all(end >= start >= 0 for start, end, _ in found)
    assert all(one[1] < other[0] for one, other in pairwise(found))
    assert not any(still_open for *_, still_open in found[:-1])


# Patterns -----------------------------------------------------------------------------------------


def test_numbers_of_the_paper_are_the_defaults():
    rules = read_criteria("cytopenia_pattern_xia_2024").rules
    assert (_parameters().min_duration, _parameters().late_day) == (
        rules["min_duration"],
        rules["late_day"],
    )


def test_prolonged_says_the_days():
    row = _row(_labs({0: False, 3: True, 20: True, 35: False}))
    assert (row["value"], row["label"], row["day"]) == (1, "yes", 3)
    assert row["reason"] == "thrombocytopenia grade >= 3 from day 3 to day 35, 32 days"
    assert row["criteria"] == ("prolonged, late-onset and biphasic cytopenia (Xia 2024), CTCAE 5.0")


@pytest.mark.parametrize(("last", "label"), [(30, "no"), (31, "yes")])
def test_prolonged_is_28_days_and_not_27(last, label):
    assert _row(_labs({3: True, 10: True, last: False}))["label"] == label


def test_an_open_episode_counts_the_days_observed_and_says_so():
    row = _row(_labs({0: True, 20: True}))
    assert row["label"] == "no"
    assert row["reason"] == (
        "thrombocytopenia grade >= 3 from day 0 to day 20, 20 days, still open at the last "
        "assessment (under 28)"
    )
    assert _row(_labs({0: True, 40: True}))["label"] == "yes"


def test_prolonged_counted_from_day_zero_needs_an_early_onset():
    late = _labs({0: False, 30: True, 40: False})
    early = _labs({0: False, 20: True, 30: False})
    assert _row(late, counted_from="day_zero")["label"] == "no"
    assert _row(early, counted_from="day_zero")["label"] == "yes"
    assert _row(early)["label"] == "no"


def test_a_second_wave_is_biphasic_and_late():
    labs = _labs({0: False, 3: True, 14: False, 28: True, 35: False})
    late, both = (_row(labs, pattern=pattern) for pattern in ("late_onset", "biphasic"))
    assert (late["label"], late["day"]) == ("yes", 28)
    assert (both["label"], both["day"]) == ("yes", 28)
    assert both["reason"] == (
        "thrombocytopenia grade >= 3 again from day 28, after recovery on day 14"
    )


def test_two_late_episodes_are_not_biphasic():
    labs = _labs({0: False, 30: True, 40: False, 50: True})
    assert _row(labs, pattern="biphasic")["label"] == "no"


def test_no_episode_says_how_often_was_looked():
    row = _row(_labs({-3: False, 0: False, 35: False}))
    assert (row["value"], row["day"]) == (0, None)
    assert row["reason"] == ("no thrombocytopenia grade >= 3 in 2 assessments, the last on day 35")


def test_days_of_support_within_the_episode_are_said_and_change_nothing():
    labs = _labs({0: False, 3: True, 20: True, 35: False})
    given = [(5.1, "transfusion_platelets"), (5.6, "transfusion_platelets"), (9.0, "g_csf")]
    row = _row(labs, *given, (30.0, "transfusion_platelets"), (36.0, "transfusion_platelets"))
    assert row["label"] == "yes"
    assert row["reason"].endswith("32 days; platelet transfusion on 2 of its days")


@pytest.mark.parametrize("event", ["relapse", "progression", "next_therapy", "death"])
def test_assessments_after_censoring_are_left_out(event):
    labs = _labs({0: False, 3: True, 20: True, 35: False})
    assert _row(labs, (25.0, event))["label"] == "no"
    assert _row(labs, (25.0, event), censor_events=[])["label"] == "yes"


def test_without_assessments_null_with_a_reason():
    row = _row(_labs({-3: True}))
    assert (row["value"], row["label"]) == (None, None)
    assert row["reason"] == (
        "no assessment of thrombocytopenia on or after day 0 that can be graded"
    )


def test_any_of_several_lineages_is_enough_and_a_missing_one_leaves_no_open():
    both = ["thrombocytopenia", "neutropenia"]
    prolonged, none = {3: True, 35: False}, {3: False, 35: False}
    assert _row(_labs(prolonged), lineages=both)["label"] == "yes"
    assert _row(_labs(none), lineages=both)["label"] is None
    assert _row(_labs(none), lineages=both)["reason"].startswith("no assessment of neutropenia")
    neutrophils = _labs(prolonged, "neutrophils")
    row = _row(pl.concat([_labs(none), neutrophils]), lineages=both)
    assert row["reason"] == "neutropenia grade >= 3 from day 3 to day 35, 32 days"


def test_patients_keep_their_order_and_their_own_episodes():
    labs = pl.concat([_labs({3: True, 35: False}), _labs({3: False, 35: True}, subject="2")])
    subjects = pl.DataFrame({"subject": ["2", "3", "1"], "arm": ["msc"] * 3})
    patients = Patients.of(subjects=subjects, labs=labs)
    rows = derive_cytopenia_pattern(patients, _parameters())
    assert rows.select("subject", "label").rows() == [("2", "no"), ("3", None), ("1", "yes")]


@settings(deadline=None, max_examples=30)
@given(days=days)
def test_any_grade_is_at_least_as_frequent_as_grade_3(days):
    severe, any_grade = (_row(_labs(days), threshold_grade=grade)["value"] for grade in (3, 1))
    assert severe == any_grade  # every low count of these series is below every cut


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"lineages": ["lymphopenia"], "criteria": "ctcae_v6"}, "CTCAE 6.0 has no term for lymph"),
        ({"lineages": ["anaemia"], "threshold_grade": 4}, "grade 3 at most"),
        ({"lineages": []}, "lineages"),
        ({"pattern": "early"}, "pattern"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(parameters, message):
    with pytest.raises(ValidationError, match=message):
        _parameters(**parameters)
