"""When counts had recovered: reported or counted, both lineages, and what is not known."""

import pytest
from tests.unit.endpoints.rules.gvhd.staged import patient

from stromal.endpoints.rules.engraftment.recovered import find_recovered

BOTH = ("neutrophils", "platelets")


def counts(analyte, series):
    unit = "10^9/L"
    return [(day, analyte, value, unit) for day, value in series]


def test_both_must_have_recovered_as_reported():
    one = patient(events=[(15, "neutrophil_recovery")])
    assert find_recovered(one, "reported", *BOTH).row(0)[1:] == (None, None, True)
    two = patient(events=[(15, "neutrophil_recovery"), (20, "platelet_recovery")])
    assert find_recovered(two, "reported", *BOTH).row(0)[1:] == (20, 20, True)
    undated = patient(events=[(15, "neutrophil_recovery"), (None, "platelet_recovery")])
    assert find_recovered(undated, "reported", *BOTH).row(0)[1:] == (None, 15, True)


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ([(9, 0.1), (10, 0.5), (11, 0.6), (12, 0.7)], (10, 10, True)),
        ([(9, 0.1), (10, 0.5), (11, "<0.6"), (12, 0.7)], (None, 10, True)),
        ([(9, 0.1), (10, 0.2)], (None, None, True)),
        ([(9, 2.0), (10, 1.0)], (0, 0, True)),
        ([(9, 2.0), (40, 0.1)], (None, 0, True)),
        ([(9, None), *((day, 0.9) for day in (11, 12, 13)), (40, 0.1)], (None, 0, True)),
        ([(9, "<0.8"), *((day, 0.9) for day in (11, 12, 13)), (40, 0.1)], (None, 0, True)),
        (
            [(5, 0.1), (8, 0.6), (9, 0.6), (10, 0.6), (20, None)],
            (None, 6, True),
        ),
        ([(9, 2.0), (40, 0.1), (41, 0.6), (42, 0.6), (43, 0.6)], (41, 0, True)),
        ([], (None, None, False)),
    ],
)
def test_counts_show_it_as_for_engraftment(series, expected):
    known = patient(values=counts("neutrophils", series))
    assert find_recovered(known, "counts", "neutrophils").row(0)[1:] == expected
