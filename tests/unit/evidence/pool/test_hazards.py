import numpy as np
import pytest

from stromal.evidence.pool.hazards import (
    hazards_of_counts,
    hazards_of_intervals,
    hazards_of_tests,
)


def test_kinds_of_report_agree():
    # 40 events in equal groups, observed less expected -6: V = 10, z = -6 / sqrt(10)
    counts = hazards_of_counts([-6.0], [10.0])
    p = 0.05777957112359715  # 2 * Phi(-1.8973665961)
    tested = hazards_of_tests([p], [40], [0.5], [-1])
    assert tested.values == pytest.approx(counts.values, rel=1e-7)
    assert tested.variances == pytest.approx(counts.variances)
    reach = 1.959963984540054 / np.sqrt(10)
    printed = hazards_of_intervals([np.exp(-0.6)], [np.exp(-0.6 - reach)], [np.exp(-0.6 + reach)])
    assert printed.values == pytest.approx(counts.values)
    assert printed.variances == pytest.approx(counts.variances)


@pytest.mark.parametrize(
    ("make", "arguments"),
    [
        (hazards_of_intervals, ([0.5], [0.6], [0.9])),
        (hazards_of_intervals, ([0.5], [0.0], [0.9])),
        (hazards_of_counts, ([1.0], [0.0])),
        (hazards_of_tests, ([0.0], [10], [0.5], [1])),
        (hazards_of_tests, ([0.5], [0], [0.5], [1])),
        (hazards_of_tests, ([0.5], [10], [1.0], [1])),
        (hazards_of_tests, ([0.5], [10], [0.5], [0])),
    ],
)
def test_reports_that_cannot_be_are_refused(make, arguments):
    with pytest.raises(ValueError, match=r"\w"):
        make(*arguments)
