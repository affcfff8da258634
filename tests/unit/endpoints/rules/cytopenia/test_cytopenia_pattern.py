from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.endpoints.counted import open_between

from stromal.endpoints.rules.cytopenia.cytopenia_pattern import derive_cytopenia_pattern
from stromal.endpoints.rules.cytopenia.pattern_parameters import CytopeniaPatternParameters
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


days = st.dictionaries(st.integers(-10, 120), st.booleans(), max_size=12)


# Patterns -----------------------------------------------------------------------------------------


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


# What cannot be graded ----------------------------------------------------------------------------


def _unclear(days: dict[float, bool | None]) -> pl.DataFrame:
    """Series whose days that are None may be grade 0 or 1: their lower limit is missing."""
    labs = _labs({day: low or False for day, low in days.items()})
    missing = [float(day) for day, low in days.items() if low is None]
    limit = pl.when(pl.col("day").is_in(missing)).then(None).otherwise("lower_limit")
    return labs.with_columns(limit.alias("lower_limit"))


ANY = {"threshold_grade": 1}


@pytest.mark.parametrize(
    ("pattern", "days", "label", "bounds"),
    [
        ("late_onset", {0: False, 30: None}, None, (0, 1)),
        ("late_onset", {0: False, 30: None, 40: False}, None, (0, 1)),
        ("late_onset", {20: True, 30: None, 40: True}, None, (0, 1)),
        ("late_onset", {20: None, 30: False, 40: True}, "yes", None),
        ("late_onset", {20: None, 30: False, 40: False}, "no", None),
        ("biphasic", {3: True, 14: None, 20: True}, None, (0, 1)),
        ("biphasic", {3: True, 14: False, 20: True, 25: None}, "yes", None),
        ("biphasic", {3: True, 14: False, 20: None}, None, (0, 1)),
        ("biphasic", {3: True, 14: None}, "no", None),
        ("prolonged", {0: True, 20: None, 40: True}, None, (0, 1)),
        ("prolonged", {0: True, 30: True, 40: None}, "yes", None),
        ("prolonged", {0: None, 9: True, 30: False}, None, (0, 1)),
        ("prolonged", {0: False, 9: None, 30: False}, "no", None),
    ],
)
def test_grade_0_or_1_is_no_no(pattern, days, label, bounds):
    row = _row(_unclear(days), pattern=pattern, **ANY)
    assert (row["label"], open_between(row)) == (label, bounds)
    assert (row["value"] is None) == (label is None)


def test_an_open_pattern_says_how_many_assessments_are_unclear():
    row = _row(_unclear({0: False, 30: None, 40: None}), pattern="late_onset", **ANY)
    assert row["reason"] == (
        "cannot judge thrombocytopenia of any grade: 2 of 3 assessments cannot be graded, the "
        "first on day 30 (the lower limit of normal is missing)"
    )


def test_certain_whatever_the_unclear_days_were():
    # either the wave of day 35 or that of day 45 is the second one
    days = {3: True, 14: None, 20: True, 30: None, 35: True}
    assert _row(_unclear(days), pattern="biphasic", **ANY)["label"] is None
    days = {20: None, 30: None, 40: True}
    row = _row(_unclear({**days, 50: False, 60: True}), pattern="late_onset", **ANY)
    assert row["label"] == "yes"


def test_all_of_them_unclear_is_no_assessment():
    row = _row(_unclear({0: None, 30: None}), pattern="biphasic", **ANY)
    assert row["reason"].startswith("no assessment of thrombocytopenia on or after day 0 that can")
    assert (row["lowest"], row["highest"]) == (0, 1)


def test_empty_values_and_bounds_are_unclear():
    labs = _labs({3: True, 14: False, 20: False, 35: False})
    values = pl.Series("value", [10.0, None, 200.0, 200.0])
    assert _row(labs.with_columns(values), pattern="biphasic")["label"] == "no"
    assert _row(labs.with_columns(values), min_duration=12)["label"] is None
    values = pl.Series("value", [10.0, 200.0, None, 200.0])
    assert _row(labs.with_columns(values), pattern="biphasic")["label"] is None
    bound = pl.Series("bound", [None, None, "below", None], pl.String)
    assert _row(labs.with_columns(bound), pattern="biphasic")["label"] is None
    low = labs.with_columns(bound, pl.Series("value", [10.0, 200.0, 40.0, 200.0]))
    assert _row(low, pattern="biphasic")["label"] == "yes"


# Where assessments end ----------------------------------------------------------------------------


def test_late_onset_is_not_denied_where_nobody_looked():
    row = _row(_labs({0: False, 20: False}), pattern="late_onset")
    assert (row["label"], row["lowest"], row["highest"]) == (None, 0, 1)
    assert row["reason"] == (
        "cannot judge late-onset thrombocytopenia grade >= 3: no assessment on or after day 28, "
        "the last on day 20"
    )
    for event in ("death", "progression"):
        row = _row(_labs({0: False, 20: False}), (22.0, event), pattern="late_onset")
        assert (row["label"], row["highest"]) == ("no", 0)


@pytest.mark.parametrize(
    ("days", "begun", "present", "bounds"),
    [
        ({3: True, 28: True, 40: False}, "no", "yes", (1, 1)),
        ({3: True, 27: True, 28: False}, "no", "no", (0, 0)),
        ({3: True, 27: True, 40: False}, "no", "no", (0, 1)),
        ({3: True, 20: False, 35: True}, "yes", "yes", (1, 1)),
        ({3: True, 20: False, 35: False}, "no", "no", (0, 0)),
    ],
)
def test_late_may_mean_what_is_there_whenever_it_began(days, begun, present, bounds):
    assert _row(_labs(days), pattern="late_onset")["label"] == begun
    row = _row(_labs(days), pattern="late_onset", late_means="present")
    assert (row["label"], row["lowest"], row["highest"]) == (present, *bounds)


def test_what_is_there_late_says_its_days():
    row = _row(_labs({3: True, 30: True, 40: False}), pattern="late_onset", late_means="present")
    assert row["reason"] == "thrombocytopenia grade >= 3 from day 3 to day 40, 37 days"
    row = _row(_labs({3: True, 9: False, 40: False}), pattern="late_onset", late_means="present")
    assert row["reason"] == (
        "thrombocytopenia grade >= 3 from day 3 to day 9, 6 days "
        "(none was there on or after day 28)"
    )


def test_unclear_grades_leave_open_what_is_there_late():
    told = {"pattern": "late_onset", "late_means": "present", "threshold_grade": 1}
    row = _row(_unclear({3: True, 30: None, 40: False}), **told)
    assert (row["label"], row["lowest"], row["highest"]) == (None, 0, 1)


@given(days)
@settings(max_examples=40)
def test_what_begins_late_is_there_late(days):
    labs = _labs(days)
    if _row(labs, pattern="late_onset")["label"] == "yes":
        assert _row(labs, pattern="late_onset", late_means="present")["label"] == "yes"


def test_an_open_episode_may_yet_be_prolonged():
    row = _row(_labs({0: True, 20: True}))
    assert (row["value"], row["lowest"], row["highest"]) == (0, 0, 1)
    assert _row(_labs({0: True, 20: True, 22: False}))["highest"] == 0


@pytest.mark.parametrize(
    ("days", "label", "bounds"),
    [
        ({3: True, 31: True, 40: False}, "yes", None),
        ({3: True, 20: True, 40: False}, "yes", (0, 1)),
        ({0: False, 3: True, 20: True, 25: False}, "no", None),
        ({0: False, 9: True, 20: True, 30: False}, "no", (0, 1)),
        ({9: True, 20: True, 30: False}, "no", (0, 1)),
    ],
)
def test_days_without_assessments_can_make_an_episode_long_or_short(days, label, bounds):
    row = _row(_labs(days))
    assert (row["label"], open_between(row)) == (label, bounds)


def test_a_late_episode_may_have_begun_in_the_days_before_it_was_seen():
    late = {"pattern": "late_onset"}
    assert open_between(_row(_labs({0: False, 27: False, 30: True}), **late)) is None
    row = _row(_labs({0: False, 20: False, 30: True}), **late)
    assert (row["label"], open_between(row)) == ("yes", (0, 1))
    assert row["reason"].endswith(
        "; it may have begun earlier, as the assessment before it is of day 20"
    )
    row = _row(_labs({30: True}), **late)
    assert row["reason"].endswith("; it may have begun earlier, as it is the first assessment")


def test_one_lineage_leaves_the_others_open():
    both = ["thrombocytopenia", "neutropenia"]
    labs = pl.concat(
        [_labs({0: False, 35: False}), _labs({3: True, 10: False, 20: False}, "neutrophils")]
    )
    labs = labs.with_columns(
        pl.when(pl.col("day") == 10).then(None).otherwise("value").alias("value")
    )
    row = _row(labs, lineages=both, min_duration=8)
    assert (row["label"], row["lowest"], row["highest"]) == (None, 0, 1)
    sure = _labs({40: True, 48: True, 50: False})
    shown = _row(pl.concat([labs, sure]), lineages=both, min_duration=8)
    assert (shown["label"], shown["lowest"]) == ("yes", 1)


def test_without_reasons_all_else_is_the_same():
    labs = _unclear({0: False, 3: True, 20: None, 35: False})
    patients = Patients.of(subjects=SUBJECTS, labs=labs)
    for pattern in ("prolonged", "late_onset", "biphasic"):
        told = derive_cytopenia_pattern(patients, _parameters(pattern=pattern, **ANY))
        silent = derive_cytopenia_pattern(
            patients, _parameters(pattern=pattern, **ANY), reasons=False
        )
        assert silent.drop("reason").equals(told.drop("reason"))
        assert silent["reason"].is_null().all()


# Support ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "support_days", "shows"),
    [
        ((), 7, "yes"),
        (((9.0, "transfusion_platelets"),), None, "yes"),
        (((9.0, "transfusion_platelets"),), 7, "no"),
        (((9.0, "transfusion_platelets"),), 0.5, "yes"),
        (((9.0, "transfusion_red_cells"),), 7, "yes"),
        (((11.0, "transfusion_platelets"),), 7, "yes"),
    ],
)
def test_a_count_that_a_transfusion_explains_ends_no_episode(
    given: tuple[tuple[float, str], ...], support_days: float | None, shows: str
):
    labs = _labs({0: True, 5: True, 10: False, 20: True, 40: False})
    row = _row(labs, *given, pattern="biphasic", support_days=support_days)
    assert row["label"] == shows


def test_a_low_count_under_support_is_low():
    labs = _labs({0: False, 10: True, 20: True, 45: False})
    given = (9.0, "transfusion_platelets"), (19.0, "transfusion_platelets")
    assert _row(labs, *given, support_days=7)["label"] == "yes"
