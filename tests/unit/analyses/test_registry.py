from stromal.analyses.registry import list_kinds


def test_kinds_are_found_by_the_name_that_a_protocol_writes():
    kinds = list_kinds()
    assert list(kinds) == sorted(kinds)
    assert {"proportion", "survival", "cumulative_incidence", "median", "agreement"} <= set(kinds)
    assert all(kind.name == name for name, kind in kinds.items())
