"""Order of elimination: what fills least comes first."""

from hypothesis import given, settings
from hypothesis import strategies as st

from stromal.kernels.compile.lu import plan_factorisation
from stromal.kernels.compile.ordering import order_pivots

PLACES = st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20)


@settings(deadline=None)
@given(PLACES)
def test_every_unknown_is_eliminated_once(pattern: set[tuple[int, int]]) -> None:
    assert sorted(order_pivots(7, pattern)) == list(range(7))


def test_a_tree_is_eliminated_without_fill() -> None:
    edges = [(0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (2, 6)]
    pattern = {*edges, *((j, i) for i, j in edges)}
    assert len(plan_factorisation(7, pattern).entries) == 7 + len(pattern)


def test_no_unknowns() -> None:
    assert order_pivots(0, []) == ()
