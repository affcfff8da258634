import pytest
from pydantic import ValidationError

from stromal.protocol.declared import DeclaredAnalyte, DeclaredScale, build_vocabulary


def test_a_declared_analyte_is_kept_in_the_canonical_spelling_of_its_unit():
    cells = DeclaredAnalyte(label="regulatory T cells", unit="cells/mcL", low=0, high=500)
    found = build_vocabulary({"treg": cells}, {}, {}).analytes["treg"]
    assert (found.unit, found.limits(), found.limits("mouse")) == ("/uL", (0, 500), (0, 500))
    assert float(found.factor("10^9/L")) == 1000


def test_a_molar_mass_makes_moles_of_mass():
    drug = DeclaredAnalyte(label="busulfan", unit="ng/mL", grams_per_mole=246.3)
    found = build_vocabulary({"busulfan": drug}, {}, {}).analytes["busulfan"]
    assert found.convert(1, "umol/L") == 246.3


def test_an_unknown_unit_is_kept_for_the_check_to_name():
    odd = DeclaredAnalyte(label="luck", unit="handfuls")
    assert build_vocabulary({"luck": odd}, {}, {}).analytes["luck"].unit == "handfuls"


def test_a_declared_scale_has_items():
    with pytest.raises(ValidationError):
        DeclaredScale(items={})
    scale = DeclaredScale.model_validate(
        {"items": {"today": {"label": "pain today", "low": 0, "high": 10}}}
    )
    found = build_vocabulary({}, {}, {"pain_score": scale}).scales["pain_score"]
    assert (found.label, found.items["today"].whole) == ("pain score", True)
