import pytest

from stromal.errors import InvalidInput
from stromal.protocol.protocol import Protocol
from stromal.simulate.prepare import prepare_trial
from tests.unit.simulate.conftest import PROTOCOL


def test_numbers_of_the_call_win_over_those_of_the_protocol(trial_of):
    trial = trial_of({"patients": 3, "replicates": 2, "seed": 5})
    assert (trial.numbering.total, trial.seed) == (12, 5)
    own = trial_of()
    assert (own.numbering.sizes, own.numbering.replicates, own.seed) == (
        {"control": 5, "msc": 7},
        8,
        11,
    )


def test_assumed_doses_fill_only_what_is_not_stated(trial_of):
    missing = PROTOCOL.replace("dose = 2\n", 'note = "not printed"\n')
    after = '[simulation.assumed.msc]\ndose = 3\nunit = "10^6 cell/kg"\nnote = "usual"\n'
    assert trial_of(protocol=missing, after=after).protocol.arms["msc"].regimen[0].dose == 3
    assert trial_of(after=after).protocol.arms["msc"].regimen[0].dose == 2


def test_a_product_may_be_left_out(trial_of):
    trial = trial_of(simulation='left_out = ["msc"]')
    assert trial.protocol.arms["msc"].regimen == ()


def test_a_study_may_say_where_its_own_product_goes(trial_of):
    after = """
[simulation.ports.msc]
state = "EFF"
unit = "cell/kg"
amount = 1e6
note = "at once"
"""
    assert trial_of(after=after).model.ports.product("msc", "msc").state == "EFF"


def test_the_grid_has_every_sample_and_question(trial_of):
    times = trial_of().times
    assert {0.0, 7.0, 56.0} <= set(times.tolist())
    assert times[0] == 0


def test_a_protocol_without_a_simulation_says_what_to_write(tmp_path):
    protocol = Protocol.model_validate(
        {
            "format": 2,
            "study": {"name": "s", "title": "S", "day_zero": "enrolment"},
            "population": {"description": "p"},
            "arms": {"a": {"label": "A"}},
        }
    )
    with pytest.raises(InvalidInput, match="nothing says how to simulate"):
        prepare_trial(protocol, (), tmp_path)
