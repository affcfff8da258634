import polars as pl
import pytest

from stromal.endpoints.records.support import flag_supported, list_support
from stromal.tables.patients import Patients


def flagged(analyte, days, order=1):
    events = pl.DataFrame(
        {
            "subject": ["1", "1", "2"],
            "event": ["transfusion_platelets", "g_csf", "transfusion_platelets"],
            "day": [4.0, 10.0, None],
        }
    )
    rows = pl.DataFrame({"subject": ["1", "1", "1", "2"], "day": [3.0, 4.0, 11.0, 5.0]})[::order]
    return flag_supported(Patients.of(events=events), rows, analyte, days).to_list()[::order]


@pytest.mark.parametrize("order", [1, -1])
def test_values_from_the_day_of_support_on_are_near_it(order):
    assert flagged("platelets", 6, order) == [False, True, False, False]
    assert flagged("platelets", 7, order) == [False, True, True, False]
    assert flagged("neutrophils", 1, order) == [False, False, True, False]


def test_an_analyte_that_no_support_lifts_has_no_such_values():
    assert "crp" not in list_support()
    assert flagged("crp", 100) == [False] * 4
