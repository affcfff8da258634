from __future__ import annotations

import numpy as np

from stromal.kernels.times.firing import Firings


def test_firings_of_changes_that_a_program_makes():
    found = Firings(np.zeros(3, int), np.arange(3.0), np.zeros(3, int), np.array([0, 2, 5]))
    kept = found.numbered((2, 5))
    assert (kept.change.tolist(), kept.time.tolist()) == ([0, 1], [1.0, 2.0])
    assert found.numbered(()).change.tolist() == []
