"""`subjects`: one row per patient or mouse; declared covariates follow the named columns."""

from __future__ import annotations

from stromal.tables.cohort import COHORT, KEY
from stromal.tables.schema import Column, Kind, Presence, Schema

SPECIES = ("human", "mouse")
SEXES = ("female", "male")

SUBJECTS = Schema(
    "subjects",
    (
        Column("subject", Kind.TEXT, "identifier, unique in its cohort", None, Presence.EVERY_CELL),
        *COHORT,
        Column("arm", Kind.TEXT, "arm of the protocol", None, Presence.EVERY_CELL),
        Column("species", Kind.TEXT, "human or mouse; default the protocol's species"),
        Column("sex", Kind.TEXT, "female or male"),
        Column("age_years", Kind.NUMBER, "age on day 0", "year"),
        Column("weight_kg", Kind.NUMBER, "body weight on day 0", "kg"),
        Column("first_day", Kind.NUMBER, "first day under observation", "day"),
        Column("last_day", Kind.NUMBER, "last day under observation", "day"),
    ),
    key=KEY,
)
