import polars as pl
import pytest

from stromal.estimates.state_course import follow_states, read_courses

STAYS = pl.DataFrame(
    {
        "subject": [1, 1, 2, 3],
        "entry_day": [0.0, 4, 0, 0],
        "day": [4.0, 9, 6, 8],
        "state": ["well", "ill", "well", "well"],
        "into": ["ill", "dead", "dead", None],
    }
)


def test_probabilities_add_up_to_one_and_influences_to_nothing():
    for step in follow_states(read_courses(STAYS)):
        assert step.probability.sum() == pytest.approx(1)
        assert step.influence.sum() == pytest.approx(0, abs=1e-12)


def test_days_count_who_is_there_and_who_moves():
    found = {step.day: step for step in follow_states(read_courses(STAYS))}
    assert found[6.0].at_risk.tolist() == [0, 1, 2]
    assert found[6.0].entered.tolist() == [1, 0, 0]


def test_a_contradiction_is_a_reason():
    both = STAYS.with_columns(state=pl.Series(["well", "well", "well", "well"]))
    assert read_courses(both).reason == "patient 1 is in ill and in well on day 4"
