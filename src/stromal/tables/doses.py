"""`doses`: one row per administration of a product."""

from __future__ import annotations

from stromal.tables.cohort import COHORT, KEY
from stromal.tables.schema import Column, Kind, Presence, Schema

DOSES = Schema(
    "doses",
    (
        Column("subject", Kind.TEXT, "who was dosed", None, Presence.EVERY_CELL),
        *COHORT,
        Column("day", Kind.NUMBER, "when", "day", Presence.EVERY_CELL),
        Column("product", Kind.TEXT, "product of the protocol", None, Presence.EVERY_CELL),
        Column("lot", Kind.TEXT, "lot of the product"),
        Column("amount", Kind.NUMBER, "how much, in `unit`", "row", Presence.COLUMN),
        Column(
            "unit",
            Kind.TEXT,
            "unit of `amount`; after reading cell/kg for cells",
            None,
            Presence.COLUMN,
        ),
        Column("route", Kind.TEXT, "route of administration"),
    ),
    key=(*KEY, "day", "product", "lot"),
)
