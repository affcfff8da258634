"""`assessments`: one row per item of a clinical scale, and which scales and items there are.

`value` is text because scales hold stages, letters and percentages; `SCALES` says which values each
item takes, and readers refuse any other.
"""

from __future__ import annotations

from dataclasses import dataclass

from stromal.tables.cohort import COHORT, KEY
from stromal.tables.schema import Column, Kind, Presence, Schema

ASSESSMENTS = Schema(
    "assessments",
    (
        Column("subject", Kind.TEXT, "who was assessed", None, Presence.EVERY_CELL),
        *COHORT,
        Column(
            "day",
            Kind.NUMBER,
            "day of the assessment; empty where not recorded",
            "day",
            Presence.COLUMN,
        ),
        Column("scale", Kind.TEXT, "which scale", None, Presence.EVERY_CELL),
        Column("item", Kind.TEXT, "which item of the scale", None, Presence.EVERY_CELL),
        Column("value", Kind.TEXT, "stage, grade, score or label", None, Presence.COLUMN),
    ),
    key=(*KEY, "day", "scale", "item"),
)


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a scale: either `low` to `high` as a number, or one of `labels`."""

    meaning: str
    low: float | None = None
    high: float | None = None
    whole: bool = True
    labels: tuple[str, ...] = ()


def _stage(meaning: str, high: int = 4) -> Item:
    return Item(meaning, 0, high)


def _percent(meaning: str) -> Item:
    return Item(meaning, 0, 100, whole=False)


def _flag(meaning: str) -> Item:
    return Item(meaning, labels=("yes", "no"))


SCALES: dict[str, dict[str, Item]] = {
    "acute_gvhd_stage": {
        "skin": _stage("skin stage"),
        "liver": _stage("liver stage"),
        "upper_gi": _stage("upper gastrointestinal stage", 1),
        "lower_gi": _stage("lower gastrointestinal stage"),
        "gut": _stage("gut stage where upper and lower were not staged apart"),
    },
    "acute_gvhd_signs": {
        "skin_bsa": _percent("active erythema, % of body surface"),
        "erythroderma_with_bullae": _flag("erythroderma with bullae and desquamation > 5 % BSA"),
        "upper_gi": _flag("persistent nausea, vomiting or anorexia"),
        "stool_ml_per_day": Item("stool volume, mL/day, 3-day average", 0, None, whole=False),
        "stool_episodes_per_day": Item("stool episodes per day", 0, None, whole=False),
        "severe_pain_or_ileus": _flag("severe abdominal pain with or without ileus"),
        "grossly_bloody_stool": _flag("grossly bloody stool"),
    },
    "performance": {
        "extreme_decrease": _flag("extreme decrease of performance status"),
        "ecog": Item("ECOG performance status", 0, 5),
    },
    "bleeding": {"who": _stage("WHO bleeding grade")},
    "chimerism": {
        "whole_blood": _percent("donor cells in whole blood"),
        "myeloid": _percent("donor cells in the myeloid lineage"),
        "lymphoid": _percent("donor cells in the lymphoid lineage"),
    },
    "ice": {"score": Item("immune effector cell encephalopathy score", 0, 10)},
    "investigator": {
        "acute_gvhd_grade": Item(
            "overall grade as reported", labels=("0", "I", "II", "III", "IV", "A", "B", "C", "D")
        ),
        "acute_gvhd_response": Item(
            "response as reported", labels=("CR", "VGPR", "PR", "MR", "SD", "PD", "NR")
        ),
        "itp_response": Item("response as reported", labels=("CR", "R", "NR", "responded")),
        "best_response": Item("tumour response", labels=("CR", "PR", "SD", "PD", "NE")),
        "response_duration_months": Item("duration of response", 0, None, whole=False),
    },
}
