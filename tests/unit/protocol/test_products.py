import pytest
from pydantic import TypeAdapter, ValidationError

from stromal.protocol.products import Product

READ = TypeAdapter(Product).validate_python
MSC = {"kind": "msc", "label": "MSC", "source": "umbilical cord", "donor": "third party"}


def test_cells_may_be_primed_and_modified():
    primed = READ({**MSC, "priming": ("interferon gamma", "hypoxia"), "modification": "CXCR4"})
    assert primed.priming == ("interferon gamma", "hypoxia")
    assert READ(MSC).priming == ()
    with pytest.raises(ValidationError):
        READ({**MSC, "priming": ("moonlight",)})


def test_vesicles_are_a_kind_of_their_own():
    vesicles = {**MSC, "kind": "extracellular_vesicles", "isolation": "ultracentrifugation"}
    assert READ(vesicles).isolation == "ultracentrifugation"
    with pytest.raises(ValidationError):
        READ({**vesicles, "viability_percent": 90})
