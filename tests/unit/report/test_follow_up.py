import polars as pl
import pytest

from stromal.report.follow_up import find_median_follow_up


def curve(*rows):
    return pl.DataFrame(rows, schema=["day", "at_risk", "events", "censored"], orient="row")


@pytest.mark.parametrize(
    ("rows", "median"),
    [
        ([(0.0, 4, 0, 0), (1.0, 4, 0, 1), (2.0, 3, 0, 1), (3.0, 2, 0, 2)], 2.0),
        # Patients with an event leave first: of two, one has it, and the other leaves.
        ([(0.0, 2, 0, 0), (5.0, 2, 1, 1)], 5.0),
        ([(0.0, 3, 0, 0), (1.0, 3, 2, 0), (9.0, 1, 1, 0)], None),
        ([(0.0, 5, 0, 0), (1.0, 5, 0, 1), (2.0, 4, 3, 0), (8.0, 1, 0, 1)], 8.0),
        ([], None),
    ],
)
def test_half_have_left_without_counting_events_as_leaving(rows, median):
    assert find_median_follow_up(curve(*rows)) == median
