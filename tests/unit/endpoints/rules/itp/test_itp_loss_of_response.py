"""Loss of response as a flag: lost, kept as long as asked, or not seen so long."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.rules.itp.counted import RESPONSE, counted

from stromal.endpoints.rules.itp.itp_loss_of_response import (
    LossOfResponseParameters,
    derive_itp_loss_of_response,
)


def lost(counts, **parameters):
    given = LossOfResponseParameters(**parameters)
    row = derive_itp_loss_of_response(counted(counts), given).row(0, named=True)
    return row["label"], row["lowest"], row["highest"]


@pytest.mark.parametrize(
    ("counts", "days", "found"),
    [
        (RESPONSE | {28: 20, 35: 15}, None, ("yes", 1, 1)),
        (RESPONSE | {28: 70}, None, ("no", 0, 0)),
        (RESPONSE | {28: 20}, None, (None, 0, 1)),
        (RESPONSE | {28: 20, 35: 15}, 21, ("yes", 1, 1)),
        (RESPONSE | {28: 20, 35: 15}, 7, ("no", 0, 0)),
        (RESPONSE | {28: 20, 35: 15}, 10, (None, 0, 1)),
        (RESPONSE | {180: 70}, 168, ("no", 0, 0)),
        (RESPONSE | {100: 70}, 168, (None, 0, 1)),
        ({0: 9, 7: 12}, None, (None, None, None)),
    ],
)
def test_a_loss_counts_within_the_days_and_a_response_is_kept_as_far_as_seen(counts, days, found):
    assert lost(counts, within_days=days) == found
