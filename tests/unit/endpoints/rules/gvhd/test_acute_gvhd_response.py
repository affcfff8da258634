"""Response: what changed, what came before the assessment, and what cannot be judged."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from stromal.endpoints.records.stages import ORGANS
from stromal.endpoints.rules.gvhd.acute_gvhd_response import (
    ACUTE_GVHD_RESPONSE,
    ResponseParameters,
    derive_acute_gvhd_response,
)
from stromal.tables.assessments import SCALES
from stromal.tables.patients import Patients

Event = tuple[float | None, str]
APART = {item: high for item, high in ORGANS.items() if item != "gut"}
STAGES = st.fixed_dictionaries({item: st.integers(0, high) for item, high in APART.items()})


def organs(day: float, **stages: int) -> list[tuple[float, str, str, str]]:
    return [(day, "acute_gvhd_stage", item, str(stage)) for item, stage in stages.items()]


def reported(*rows: tuple[float | None, str]) -> list[tuple[float | None, str, str, str]]:
    return [(day, "investigator", "acute_gvhd_response", value) for day, value in rows]


def response(rows: list[Any], *events: Event, **parameters: Any) -> dict[str, Any]:
    schema = {"day": pl.Float64, "scale": pl.String, "item": pl.String, "value": pl.String}
    happened = {"day": pl.Float64, "event": pl.String}
    patients = Patients.of(
        subjects=pl.DataFrame({"subject": ["1"], "arm": ["a"]}),
        assessments=pl.DataFrame(rows, schema=schema, orient="row").with_columns(
            subject=pl.lit("1")
        ),
        events=pl.DataFrame(events, schema=happened, orient="row").with_columns(
            subject=pl.lit("1")
        ),
    )
    found = ResponseParameters.model_validate(parameters)
    return derive_acute_gvhd_response(patients, found).row(0, named=True)


def compared(
    base: dict[str, int], now: dict[str, int], *events: Event, **parameters: Any
) -> dict[str, Any]:
    return response([*organs(0, **base), *organs(28, **now)], *events, **parameters)


BASE = {"skin": 3, "liver": 0, "upper_gi": 0, "lower_gi": 2}


@pytest.mark.parametrize(
    ("now", "label", "value", "changes"),
    [
        ({"skin": 0, "lower_gi": 0}, "CR", 1.0, "skin 3 to 0, lower GI 2 to 0"),
        ({"skin": 2}, "PR", 1.0, "skin 3 to 2"),
        ({"skin": 2, "lower_gi": 3}, "MR", 0.0, "skin 3 to 2, lower GI 2 to 3"),
        ({"skin": 0, "lower_gi": 0, "liver": 1}, "MR", 0.0, None),
        ({}, "SD", 0.0, "no organ changed"),
        ({"liver": 1}, "PD", 0.0, "liver 0 to 1"),
    ],
)
def test_labels_and_reasons(
    now: dict[str, int], label: str, value: float, changes: str | None
) -> None:
    found = compared(BASE, BASE | now)
    assert (found["label"], found["value"], found["day"]) == (label, value, 28.0)
    assert changes is None or found["reason"] == f"{label}: {changes}"
    assert found["criteria"] == "acute GVHD response, trial convention"


@given(base=STAGES)
def test_identical_stages_are_stable_or_nothing_to_judge(base: dict[str, int]) -> None:
    expected = "SD" if any(base.values()) else None
    assert compared(base, base)["label"] == expected


@given(base=STAGES, now=STAGES)
def test_complete_stages_always_give_a_response(base: dict[str, int], now: dict[str, int]) -> None:
    found = compared(base, now)["label"]
    if not any(base.values()):
        assert found is None
    elif not any(now.values()):
        assert found == "CR"
    else:
        assert found in {"PR", "MR", "SD", "PD"}


@given(base=STAGES, now=STAGES)
def test_to_and_fro_are_opposites(base: dict[str, int], now: dict[str, int]) -> None:
    there, back = compared(base, now)["label"], compared(now, base)["label"]
    opposite = {"CR": "PD", "PR": "PD", "PD": "PR", "SD": "SD", "MR": "MR"}
    if any(base.values()) and any(now.values()):
        assert back == opposite[there]


def test_death_before_the_assessment_is_no_response() -> None:
    found = response(organs(0, **BASE), (12.0, "death"))
    assert (found["label"], found["value"]) == ("NR", 0.0)
    assert found["reason"] == "died on day 12 before the assessment"
    assert response(organs(0, **BASE), (12.0, "death"), missing="null")["label"] == "NR"
    assert response(organs(0, **BASE), (None, "death"))["label"] == "NR"


def test_death_on_an_unknown_day_may_have_come_after_a_response() -> None:
    died = (None, "death")
    row = response(organs(0, **BASE), died)
    assert (row["label"], row["lowest"], row["highest"]) == ("NR", 0.0, 1.0)
    row = response(organs(0, **BASE), died, missing="null")
    assert (row["label"], row["value"], row["lowest"], row["highest"]) == (None, None, 0.0, 1.0)
    assert row["reason"] == "died on a day not recorded, not assessed"


def test_death_after_the_assessment_leaves_the_response() -> None:
    rows = [*organs(0, **BASE), *organs(26, **(BASE | {"skin": 0}))]
    assert response(rows, (27.0, "death"))["label"] == "PR"
    assert response(rows, (None, "death"))["label"] == "PR"


@pytest.mark.parametrize(
    ("day", "label"), [(0.0, "CR"), (9.5, "NR"), (27.0, "NR"), (28.0, "CR"), (40.0, "CR")]
)
def test_additional_treatment_before_the_assessment_is_no_response(day: float, label: str) -> None:
    resolved = dict.fromkeys(BASE, 0)
    found = compared(BASE, resolved, (day, "systemic_gvhd_treatment"))
    assert found["label"] == label
    if day == 9.5:
        assert found["reason"] == "additional systemic treatment on day 9.5 before the assessment"


def test_additional_treatment_on_an_unknown_day_cannot_be_judged() -> None:
    found = compared(BASE, dict.fromkeys(BASE, 0), (None, "systemic_gvhd_treatment"))
    assert found["label"] is None
    assert found["reason"] == "day of additional systemic treatment not recorded"


def test_a_missing_assessment_is_no_response_or_null() -> None:
    rows = [*organs(0, **BASE), *organs(40, **BASE)]
    found = response(rows)
    assert (found["label"], found["reason"]) == ("NR", "not assessed from day 25 to day 31")
    found = response(rows, missing="null")
    assert (found["label"], found["value"]) == (None, None)
    assert found["reason"] == "not assessed from day 25 to day 31"


def test_a_missing_baseline_is_null() -> None:
    found = response(organs(28, **BASE))
    assert found["label"] is None
    assert found["reason"] == "no organ assessed at baseline, on day 0"


def test_an_organ_not_staged_again_leaves_the_assessment_incomplete() -> None:
    found = compared(BASE, {"skin": 0, "lower_gi": 0, "upper_gi": 0}, missing="null")
    assert found["label"] is None
    assert found["reason"] == "liver not assessed from day 25 to day 31"
    mixed = compared(BASE, {"skin": 0, "lower_gi": 3}, missing="null")
    assert mixed["label"] == "MR"


def test_an_organ_staged_only_afterwards_counts_where_it_is_involved() -> None:
    base = {"skin": 3, "gut": 0}
    assert compared(base, {"skin": 0, "gut": 0, "liver": 0})["label"] == "CR"
    found = compared(base, {"skin": 0, "gut": 0, "liver": 2})
    assert (found["label"], found["reason"]) == (None, "liver not staged at baseline")


@pytest.mark.parametrize(
    ("base", "now", "label"),
    [
        ({"gut": 3}, {"gut": 1}, "PR"),
        ({"gut": 3}, {"upper_gi": 1, "lower_gi": 0}, "PR"),
        ({"gut": 1}, {"upper_gi": 0, "lower_gi": 0}, "CR"),
        ({"upper_gi": 1, "lower_gi": 2}, {"gut": 2}, "SD"),
        ({"gut": 3}, {"lower_gi": 2}, "PR"),
        ({"gut": 3}, {"lower_gi": 0}, None),
        ({"gut": 2, "lower_gi": 2, "upper_gi": 0}, {"lower_gi": 1, "upper_gi": 0}, "PR"),
    ],
)
def test_one_gut_stage_is_compared_with_two(
    base: dict[str, int], now: dict[str, int], label: str | None
) -> None:
    assert compared(base, now, missing="null")["label"] == label


def test_the_baseline_is_never_compared_with_itself() -> None:
    days = {"window": {"day": 7, "before": 7}, "baseline": {"day": 0, "after": 3}}
    found = response(organs(2, **BASE), **days)
    assert (found["label"], found["reason"]) == ("NR", "not assessed from day 0 to day 7")
    later = [*organs(2, **BASE), *organs(3.5, **(BASE | {"skin": 0}))]
    assert response(later, **days)["label"] == "PR"


def test_the_investigators_response_is_taken_whatever_its_day() -> None:
    found = response(reported((None, "CR")), assessed_by="investigator")
    assert (found["label"], found["value"], found["day"]) == ("CR", 1.0, None)
    assert found["reason"] == "CR as reported by the investigator"
    assert found["criteria"] == "as reported by the investigator"
    # Neither death nor other stages override what was reported.
    rows = [*reported((None, "PR")), *organs(0, **BASE)]
    assert response(rows, (3.0, "death"), assessed_by="investigator")["label"] == "PR"


def test_the_investigators_nearest_response_counts_and_the_worse_of_a_tie() -> None:
    rows = reported((None, "CR"), (27.0, "CR"), (29.0, "PD"), (100.0, "SD"))
    assert response(rows, assessed_by="investigator")["label"] == "PD"


def test_vgpr_is_counted_under_pr() -> None:
    found = response(reported((28.0, "VGPR")), assessed_by="investigator")
    assert (found["label"], found["value"]) == ("PR", 1.0)
    assert found["reason"] == "VGPR as reported by the investigator, a part of PR"


def test_no_reported_response_is_no_response_or_null() -> None:
    assert response([], assessed_by="investigator")["label"] == "NR"
    found = response([], assessed_by="investigator", missing="null")
    assert found["label"] is None
    assert found["reason"] == "no response reported by the investigator"


def test_every_label_of_the_scale_is_understood() -> None:
    for label in SCALES["investigator"]["acute_gvhd_response"].labels:
        found = response(reported((28.0, label)), assessed_by="investigator")
        assert found["label"] in {label.name for label in ACUTE_GVHD_RESPONSE.labels}


def test_needs_follow_who_judges() -> None:
    by_investigator = ResponseParameters(assessed_by="investigator")
    names = [need.names for need in ACUTE_GVHD_RESPONSE.needs(by_investigator)]
    assert names == [("investigator.acute_gvhd_response",)]
    assert ACUTE_GVHD_RESPONSE.needs(ResponseParameters())[0].names[0] == "acute_gvhd_stage.skin"


@pytest.mark.parametrize("parameters", [{"window": {"day": 0}}, {"missing": "NR"}, {"before": 1}])
def test_parameters_that_do_not_fit_are_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ACUTE_GVHD_RESPONSE.read_parameters(parameters)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"skin": 1}, {"skin": 3}, ("SD", 0, 1)),
        ({"skin": 3}, {"skin": 1}, ("SD", 0, 1)),
        ({"skin": 1}, {"skin": 2}, ("PR", 1, 1)),
        ({"skin": 4}, {"skin": 3}, ("PD", 0, 0)),
        # each organ has its own worse day, so that neither day alone is as bad
        ({"skin": 1, "liver": 2}, {"skin": 3, "liver": 1}, ("SD", 0, 1)),
    ],
)
def test_of_two_days_equally_near_the_worse_counts_and_the_bounds_hold_either(
    first, second, expected
):
    base = dict.fromkeys(first, 3) | ({"liver": 2} if "liver" in first else {})
    row = response([*organs(0, **base), *organs(27, **first), *organs(29, **second)])
    assert (row["label"], row["lowest"], row["highest"]) == expected


def test_the_reports_of_two_days_equally_near_leave_the_worse_and_the_better():
    row = response(reported((27.9, "CR"), (28.1, "SD")), assessed_by="investigator")
    assert (row["label"], row["lowest"], row["highest"]) == ("SD", 0, 1)
    same = response(reported((27, "CR"), (29, "PR")), assessed_by="investigator")
    assert (same["label"], same["lowest"], same["highest"]) == ("PR", 1, 1)
