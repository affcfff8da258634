import pytest
from pydantic import ValidationError

from stromal.protocol.simulation import Observation, Simulation, list_days

WHOLE = {"model": "m", "start_day": 0, "end_day": 9, "observations": [{"days": [0]}]}


def test_days_of_an_observation_are_in_order_and_each_once():
    entry = Observation(days=[3, 1], from_day=1, to_day=2, every_days=0.5)
    assert list_days(entry) == (1.0, 1.5, 2.0, 3.0)


def test_patients_are_of_the_table_or_planned():
    assert Simulation.model_validate(WHOLE).size_of("a", 5) == 5
    assert Simulation.model_validate(WHOLE | {"patients": 3}).size_of("a", 5) == 3
    some = Simulation.model_validate(WHOLE | {"patients": {"a": 4}})
    assert (some.size_of("a", 5), some.size_of("b", 6), some.size_of("c", None)) == (4, 6, None)


def test_two_hundred_replicates_where_nothing_is_said():
    assert Simulation.model_validate(WHOLE).replicates == 200


@pytest.mark.parametrize(
    "wrong",
    [{"replicates": 0}, {"patients": 0}, {"observations": []}, {"modell": 1}, {"seed": -1}],
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        Simulation.model_validate(WHOLE | wrong)
