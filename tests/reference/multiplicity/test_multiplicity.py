import pytest

from stromal.estimates.multiplicity import correct_p_values
from tests.reference.recorded import read_recorded

RECORDED = read_recorded("multiplicity")


@pytest.mark.parametrize("case", RECORDED["case"].unique(maintain_order=True))
@pytest.mark.parametrize("correction", ["holm", "benjamini-hochberg"])
def test_corrected_p_values_are_those_of_r(case, correction):
    rows = RECORDED.filter(case=case)
    ours = correct_p_values(rows.filter(quantity="given")["value"].to_list(), correction)
    assert ours.p_values == pytest.approx(rows.filter(quantity=correction)["value"].to_list())
