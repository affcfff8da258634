from tests.unit.analyses import many

from stromal.analyses.guards.place import (
    bind_one,
    compares_times,
    find_grouped,
    find_place,
    list_compared,
)

SURVIVAL = {"estimate": "survival", "endpoint": "survival", "by": "g"}
FACTORS = {"estimate": "regression", "endpoints": ["infection"], "covariates": ["marker", "late"]}


def answers():
    return many.answers(SURVIVAL, FACTORS, groupings=[{"name": "g", "of": "marker"}])


def test_an_analysis_is_named_by_its_place():
    _, second = answers()
    assert find_place(second) == "analyses[1]"
    assert find_place(second, "covariates") == "analyses[1].covariates"


def test_what_is_compared_is_listed_with_its_key():
    first, second = answers()
    assert list(list_compared(first)) == [("g", "by")]
    assert list(list_compared(second)) == [("marker", "covariates[0]"), ("late", "covariates[1]")]


def test_times_groupings_and_endpoints_are_found():
    first, second = answers()
    assert (compares_times(first), compares_times(second)) == (True, False)
    assert find_grouped(first.protocol, "g") == "marker"
    assert bind_one(first.protocol, "infection") is None  # its rule is not in the library
