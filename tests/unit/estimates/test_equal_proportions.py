from itertools import product
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stromal.estimates.equal_proportions import compare_proportions

TESTS = ["pearson", "yates", "fisher"]


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize(
    "groups", [[], [(3, 9)], [(3, 9), (0, 0)], [(0, 9), (0, 7)], [(9, 9), (7, 7)]]
)
def test_without_two_groups_that_could_differ_nothing_is_tested(test, groups):
    found = compare_proportions(groups, test)
    assert (found.statistic, found.degrees, found.p_value) == (None, None, None)


def test_a_group_without_patients_takes_no_part():
    one = compare_proportions([(3, 12), (0, 0), (9, 12)])
    assert one.p_value == compare_proportions([(3, 12), (9, 12)]).p_value
    assert (one.degrees, one.n, one.events) == (1, (12, 0, 12), (3, 0, 9))


def test_small_expected_counts_can_be_told():
    assert compare_proportions([(6, 10), (3, 15)]).least_expected == pytest.approx(3.6)


def test_the_continuity_correction_is_for_two_groups():
    found = compare_proportions([(3, 12), (9, 12), (6, 14)], "yates")
    assert found.p_value is None
    assert found.method.endswith("for two groups only")


def test_the_exact_test_gives_up_before_it_takes_long():
    found = compare_proportions([(30, 60)] * 5, "fisher")
    assert found.p_value is None
    assert found.method == "Fisher-Freeman-Halton exact test, not done: more than 200,000 tables"


def test_tests_name_themselves_and_their_sources():
    methods = [compare_proportions([(3, 12), (9, 12)], test).method for test in TESTS]
    assert methods == [
        "chi-squared test without continuity correction",
        "chi-squared test with Yates continuity correction",
        "Fisher exact test",
    ]
    assert all(compare_proportions([(1, 2), (0, 2)], test).sources for test in TESTS)


GROUPS = st.lists(
    st.integers(1, 7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=2,
    max_size=3,
)


@given(groups=GROUPS)
def test_the_exact_test_adds_up_all_tables_that_are_no_likelier(groups):
    total = sum(events for events, _ in groups)

    def weigh(table):
        weight = 1
        for events, (_, n) in zip(table, groups, strict=True):
            weight *= comb(n, events)
        return weight

    tables = [
        weigh(table) for table in product(*(range(n + 1) for _, n in groups)) if sum(table) == total
    ]
    observed = weigh([events for events, _ in groups])
    found = compare_proportions(groups, "fisher").p_value
    if 0 < total < sum(n for _, n in groups):
        assert found == sum(w for w in tables if w <= observed) / sum(tables)
    else:
        assert found is None


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("group", [(-1, 3), (4, 3)])
def test_more_events_than_patients_are_refused(test, group):
    with pytest.raises(ValueError, match=f"{group[0]} events of 3 patients"):
        compare_proportions([(1, 2), group], test)
