"""Response of cystitis: 48 hours without haematuria, one grade lower, or none."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.rules.bleeding.graded import graded, result, row

from stromal.endpoints.rules.bleeding.changes import ChangeParameters
from stromal.endpoints.rules.bleeding.cystitis_response import derive_cystitis_response


def response(grades, death=None):
    return row(derive_cystitis_response(graded("haematuria", grades, death), ChangeParameters()))


@pytest.mark.parametrize(
    ("grades", "found"),
    [
        ({0: 3, 26: 0, 28: 0}, ("CR", 2, 2)),
        ({0: 3, 28: 0, 30: 0}, ("CR", 2, 2)),
        ({0: 3, 28: 0}, (None, 1, 2)),
        ({0: 3, 27: 0, 28: 0, 29: 1}, (None, 1, 2)),
        ({0: 3, 27: 1, 28: 0, 28.5: 0}, (None, 1, 2)),
        ({0: 3, 28: 2}, ("PR", 1, 1)),
        ({0: 3, 28: 3}, ("NR", 0, 0)),
        ({0: 1, 28: 4}, ("NR", 0, 0)),
        ({0: 0, 28: 0}, (None, None, None)),
        ({0: 2}, (None, 0, 2)),
    ],
)
def test_responses_by_grades(grades, found):
    assert result(response(grades)) == found


def test_reasons_name_the_days():
    assert response({0: 3, 26: 0, 28: 0})["reason"].endswith("no haematuria from day 26 to day 28")
    assert response({0: 3, 28: 0})["reason"].endswith("2 days without haematuria are not shown")
    assert response({0: 3}, death=9.0)["reason"] == "grade III on day 0, death on day 9"
