import pytest

from stromal.estimates.multiplicity import correct_p_values


def test_a_test_that_was_not_done_is_not_counted():
    found = correct_p_values([None, 0.02, None, 0.04])
    assert (found.p_values, found.tests) == ((None, 0.04, None, 0.04), 2)
    assert correct_p_values([]).p_values == ()
    assert correct_p_values([None]).tests == 0


def test_the_order_of_tests_changes_nothing():
    given = [0.01, 0.2, 0.03, 0.03, 0.004]
    for correction in ("holm", "benjamini-hochberg"):
        one = correct_p_values(given, correction).p_values
        other = correct_p_values(given[::-1], correction).p_values
        assert one == other[::-1]


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(wrong):
    with pytest.raises(ValueError, match="not between 0 and 1"):
        correct_p_values([0.5, wrong])
