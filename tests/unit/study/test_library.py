import pytest

from stromal.errors import InvalidInput
from stromal.study.library import find_studies, find_study


def test_five_studies_are_shipped_and_three_have_patients():
    assert [path.name for path in find_studies()] == [
        "agvhd-children",
        "cart-cytopenia",
        "hsct-engraftment",
        "itp-dose",
        "mouse-cart",
    ]
    assert len(find_studies(with_patients=True)) == 3


def test_an_unknown_study_names_the_known_ones():
    with pytest.raises(InvalidInput, match="itp-dose"):
        find_study("itp")
