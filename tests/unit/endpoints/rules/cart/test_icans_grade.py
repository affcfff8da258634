"""Neurotoxicity: the score at its cuts, the worst domain, what was not recorded."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.signed import signed

from stromal.endpoints.rules.cart.icans_grade import derive_icans_grade

WELL = {"consciousness": "awake", "seizure": "none", "motor_weakness": "no", "oedema": "none"}


def icans(score="10", signs=None, **parameters):
    days = [(3.0, "icans_signs", WELL | (signs or {}))]
    if score is not None:
        days.append((3.0, "ice", {"score": score}))
    return signed(derive_icans_grade, *days, **parameters)


@pytest.mark.parametrize(
    ("score", "signs", "grade"),
    [
        ("10", {}, 0),
        ("9", {}, 1),
        ("7", {}, 1),
        ("6", {}, 2),
        ("3", {}, 2),
        ("2", {}, 3),
        ("0", {}, 3),
        ("0", {"consciousness": "unarousable"}, 4),
        ("10", {"consciousness": "voice"}, 2),
        ("9", {"seizure": "resolving"}, 3),
        ("9", {"seizure": "prolonged"}, 4),
        ("9", {"motor_weakness": "yes"}, 4),
        ("9", {"oedema": "focal"}, 3),
        ("9", {"oedema": "diffuse"}, 4),
        ("9", {"fatal": "yes"}, 5),
    ],
)
def test_the_worst_domain_gives_the_grade(score, signs, grade):
    row = icans(score, signs)
    assert (row["value"], row["lowest"], row["highest"]) == (grade, grade, grade)


def test_a_domain_that_was_not_recorded_leaves_the_grade_open():
    row = icans(None)
    assert (row["value"], row["lowest"], row["highest"]) == (None, 0, 3)
    assert row["reason"].endswith("immune effector cell encephalopathy score")
    assert icans(None, {"consciousness": "unarousable"})["value"] == 4
    only = signed(derive_icans_grade, (3.0, "ice", {"score": "4"}))
    assert (only["value"], only["lowest"], only["highest"]) == (None, 2, 4)
    asked = {"unrecorded_signs": "absent"}
    assert signed(derive_icans_grade, (3.0, "ice", {"score": "4"}), **asked)["value"] == 2


def test_nothing_recorded_is_not_judged():
    row = signed(derive_icans_grade)
    assert (row["value"], row["lowest"], row["highest"]) == (None, None, None)
    assert row["reason"].startswith(
        "no record of signs that neurotoxicity of immune effector cells"
    )
