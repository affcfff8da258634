import numpy as np
import pytest

from stromal.estimates.tied_events import find_ties


def by_hand(whole, part, deaths, ties):
    u = np.arange(deaths) / deaths if ties == "efron" else np.zeros(deaths)
    q = whole - u * part
    inverse = [(u**k / q).sum() for k in (0, 1)]
    return inverse, [(u**k / q**2).sum() for k in (0, 1, 2)], np.log(q).sum()


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("share", [1e-9, 1e-3, 0.02, 0.0999, 0.1001, 0.5, 1.0])
@pytest.mark.parametrize("deaths", [1, 2, 3, 40, 900])
def test_sums_are_those_of_turns_written_out(ties, share, deaths):
    whole = np.array([7.0, 3.0, 2.0])
    part = np.array([0.0, 3.0 * share, 0.01])
    tied = find_ties(np.array([0.0, deaths, 5.0]), ties)
    inverse, squared, logs = tied.sum_turns(whole, part)
    one = by_hand(3.0, 3.0 * share, deaths, ties)
    other = by_hand(2.0, 0.01, 5, ties)
    assert inverse[1] == pytest.approx(one[0], rel=1e-13)
    assert squared[1] == pytest.approx(one[1], rel=1e-13)
    assert inverse[2] == pytest.approx(other[0], rel=1e-13)
    assert squared[2] == pytest.approx(other[1], rel=1e-13)
    assert logs == pytest.approx(one[2] + other[2], rel=1e-13)
    assert not inverse[0].any()
    assert not squared[0].any()


def test_nobody_dies():
    inverse, squared, logs = find_ties(np.zeros(2), "efron").sum_turns(np.ones(2), np.zeros(2))
    assert (inverse.sum(), squared.sum(), logs) == (0, 0, 0)


def test_sums_of_powers():
    tied = find_ties(np.array([3.0, 0.0, 1.0]), "efron")
    assert tied.places.tolist() == [0, 2]
    assert tied.tied.tolist() == [0]
    assert tied.powers[0, :3] == pytest.approx([3, 1, 5 / 9])
    assert find_ties(np.array([2.0]), "breslow").tied.size == 0
