import pytest
from tests.unit.endpoints.rules.gvhd.staged import patient

from stromal.endpoints.rules.engraftment.low_counts import derive_low_days, find_low_runs


def low_days(series):
    values = [(day, "platelets", value, "10^9/L") for day, value in series]
    return derive_low_days(patient(values=values), "platelets", 20)


def test_the_lowest_of_a_day_counts_and_bounds_where_they_decide():
    days = low_days([(3.1, 40), (3.8, 12), (4, "<20"), (5, "<30"), (6, 20)])
    assert days["day"].to_list() == [3, 4, 5, 6]
    assert days["low"].to_list() == [True, True, None, False]


@pytest.mark.parametrize(
    ("series", "sure", "possible"),
    [
        ([(1, 10), (2, 10), (5, 10)], [(1, 5)], [(1, 5)]),
        ([(1, 10), (2, 10)], [], []),
        ([(1, 10), (2, 30), (3, 10), (4, 10)], [], []),
        (
            [(1, 10), (2, "<30"), (3, 10), (4, 50), (5, 1), (6, 1), (7, 1)],
            [(5, 7)],
            [(1, 3), (5, 7)],
        ),
    ],
)
def test_runs_are_of_successive_days(series, sure, possible):
    days = low_days(series)
    for expected, may in ((sure, False), (possible, True)):
        runs = find_low_runs(days, 3, possible=may)
        assert runs.select("from", "to").rows() == expected
