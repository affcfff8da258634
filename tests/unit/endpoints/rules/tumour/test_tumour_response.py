"""Response at a visit: the nearest assessment, NE, none."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.rules.tumour.assessed import assessed

from stromal.endpoints.rules.tumour.tumour_response import (
    TumourResponseParameters,
    derive_tumour_response,
)


def response(responses, **parameters):
    given = TumourResponseParameters(**parameters)
    row = derive_tumour_response(assessed(responses), given).row(0, named=True)
    return row["label"], row["value"], row["lowest"], row["highest"]


@pytest.mark.parametrize(
    ("responses", "found"),
    [
        ({28: "CR"}, ("CR", 3, 3, 3)),
        ({21: "PR", 30: "SD"}, ("SD", 1, 1, 1)),
        ({28: "NE"}, ("NE", None, 0, 3)),
        ({28: None}, (None, None, None, None)),
        ({60: "CR"}, (None, None, None, None)),
    ],
)
def test_the_assessment_nearest_to_the_visit_is_taken(responses, found):
    assert response(responses) == found


def test_the_visit_gives_the_window():
    assert response({60: "CR"}, window={"day": 60})[0] == "CR"
