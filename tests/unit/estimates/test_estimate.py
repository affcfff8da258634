import dataclasses

import pytest

from stromal.estimates.estimate import Estimate


def test_an_estimate_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Estimate(0.5).value = 0.6
