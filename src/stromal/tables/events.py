"""`events`: one row per thing that happened on a day, and which things have a name."""

from __future__ import annotations

from stromal.tables.cohort import COHORT, KEY
from stromal.tables.schema import Column, Kind, Presence, Schema

EVENTS = Schema(
    "events",
    (
        Column("subject", Kind.TEXT, "to whom it happened", None, Presence.EVERY_CELL),
        *COHORT,
        Column(
            "day", Kind.NUMBER, "when; empty where the day is not known", "day", Presence.COLUMN
        ),
        Column("event", Kind.TEXT, "what happened", None, Presence.EVERY_CELL),
        Column("detail", Kind.TEXT, "free text"),
    ),
    key=(*KEY, "day", "event"),
)

EVENT_NAMES: dict[str, str] = {
    "death": "death from any cause",
    "relapse": "relapse of the malignancy",
    "progression": "progression of the malignancy",
    "graft_failure": "graft failure as reported",
    "second_transplant": "second transplant or stem-cell boost",
    "neutrophil_recovery": "neutrophil recovery as reported",
    "platelet_recovery": "platelet recovery as reported",
    "acute_gvhd": "onset of acute GVHD",
    "acute_gvhd_grade_3_4": "onset of grade III-IV acute GVHD",
    "chronic_gvhd": "onset of chronic GVHD",
    "chronic_gvhd_systemic_treatment": "chronic GVHD that needs systemic treatment",
    "systemic_gvhd_treatment": "additional systemic treatment of GVHD",
    "transfusion_platelets": "platelet transfusion",
    "transfusion_red_cells": "red-cell transfusion",
    "g_csf": "granulocyte colony-stimulating factor",
    "ivig": "intravenous immunoglobulin",
    "rescue_therapy": "rescue treatment for the condition under study",
    "next_therapy": "start of the next treatment line",
    "bleeding": "clinically relevant bleeding",
    "adverse_event": "adverse event",
    "serious_adverse_event": "serious adverse event",
    "last_follow_up": "last contact, alive",
}
