import pytest

from stromal.tables.vocabulary.analytes import Analyte
from stromal.tables.vocabulary.scales import Item, Scale
from stromal.tables.vocabulary.vocabulary import SHARED


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Hb", "haemoglobin"),
        ("PLT", "platelets"),
        ("Thrombocytes", "platelets"),
        ("ANC", "neutrophils"),
        ("neut%", "neutrophil_percent"),
        ("IL-6", "il_6"),
        ("D-Dimer", "d_dimer"),
        ("SGPT", "alt"),
        ("Alk. Phos", "alp"),
        ("MCV", None),
        ("NA", None),
    ],
)
def test_printed_names_of_analytes(text, meant):
    assert SHARED.find_analyte(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("PLT transfusion", "transfusion_platelets"),
        ("Transfusion of platelets", "transfusion_platelets"),
        ("RBC transfusion", "transfusion_red_cells"),
        ("FFP transfusion", None),
        ("cGVHD", "chronic_gvhd"),
        ("aGVHD", "acute_gvhd"),
        ("last contact", "last_follow_up"),
        ("transfusion", None),
    ],
)
def test_other_names_of_events(text, meant):
    assert SHARED.find_event(text) == meant


def test_no_name_stands_for_two_things():
    seen: dict[str, str] = {}
    for name, analyte in SHARED.analytes.items():
        for text in (name, *analyte.synonyms):
            assert SHARED.find_analyte(text) == name
            seen[text] = name
    assert len(seen) > 100
    assert set(SHARED.other_events.values()) == set(SHARED.events)


def test_a_study_adds_and_never_replaces():
    own = Analyte("regulatory_t_cells", "regulatory T cells", "/uL")
    extended = SHARED.extended(
        {"regulatory_t_cells": own, "platelets": own},
        {"fall": "a fall", "death": "something else"},
        {
            "chimerism": Scale("", {"t_cells": Item("donor T cells", 0, 100, whole=False)}),
            "pain": Scale("pain", {"now": Item("pain now", 0, 10)}),
        },
    )
    assert extended.analytes["regulatory_t_cells"] is own
    assert extended.analytes["platelets"] is SHARED.analytes["platelets"]
    assert extended.events["death"] == "death from any cause"
    assert extended.events["fall"] == "a fall"
    assert {"t_cells", "myeloid"} <= extended.scales["chimerism"].items.keys()
    assert extended.scales["chimerism"].label == SHARED.scales["chimerism"].label
    assert extended.scales["pain"].items["now"].high == 10
    assert "pain" not in SHARED.scales
