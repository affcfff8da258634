"""`assessments`: one row per item of a clinical scale, and which scales and items there are.

`value` is text because scales hold stages, letters and percentages; `SCALES` says which values each
item takes, and readers refuse any other.
"""

from __future__ import annotations

from collections.abc import Mapping

from stromal.tables.cohort import COHORT, KEY
from stromal.tables.schema import Column, Kind, Presence, Schema
from stromal.tables.vocabulary.scales import Item
from stromal.tables.vocabulary.vocabulary import SHARED

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


SCALES: Mapping[str, Mapping[str, Item]] = {
    name: scale.items for name, scale in SHARED.scales.items()
}
"""Items of the scales that every study knows; a protocol declares more."""
