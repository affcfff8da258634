"""Values as rules read them: one a day."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.counted import platelets

from stromal.endpoints.records.labs import derive_daily_values

LABS = platelets((3.2, 20), (3.7, 15), (-2, 9), (1, 30))


@pytest.mark.parametrize(("same_day", "value"), [("lowest", 15), ("highest", 20)])
def test_of_several_values_on_one_day_one_is_kept(same_day, value):
    daily = derive_daily_values(LABS, "platelets", same_day)
    assert daily["value"].to_list() == [9, 30, value]
