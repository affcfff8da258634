import pytest

from stromal.estimates.unconditional import unconditional_p


@pytest.mark.parametrize("test", ["barnard", "boschloo"])
def test_groups_change_places_without_a_change_of_p(test):
    one = unconditional_p((2, 9), (8, 12), test)
    assert unconditional_p((8, 12), (2, 9), test) == pytest.approx(one, rel=1e-9)
    assert unconditional_p((7, 9), (4, 12), test) == pytest.approx(one, rel=1e-9)


def test_a_vaccine_trial_of_30_has_the_p_that_is_printed():
    """7 of 15 infected against 12 of 15: one side 0.0341, and both sides alike in equal groups."""
    assert round(unconditional_p((7, 15), (12, 15), "barnard") / 2, 4) == 0.0341


def test_a_table_as_far_out_as_the_observed_one_counts():
    """7 of 9 against 2 of 10 lies as far out as 2 of 9 against 8 of 10, but for a rounding."""
    assert unconditional_p((2, 9), (8, 10), "barnard") == pytest.approx(0.0192108154, abs=1e-10)


def test_too_many_tables_are_not_looked_at():
    assert unconditional_p((1, 2000), (2, 2000), "barnard") is None


def test_equal_shares_give_one():
    assert unconditional_p((2, 4), (2, 4), "barnard") == pytest.approx(1)
    assert unconditional_p((0, 4), (0, 5), "boschloo") == pytest.approx(1)
