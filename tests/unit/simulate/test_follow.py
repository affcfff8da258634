import numpy as np

from stromal.simulate.follow import follow_outputs


def test_what_no_table_holds_is_read_of_the_same_patients(trial_of):
    trial = trial_of()
    found = follow_outputs(trial, ["MB", "PLT"], [0.0, 0.25, 7.0], 12)
    assert found.subjects["subject"].to_list()[5] == "msc-1"
    blood = found.outputs["MB"]
    assert blood.shape == (12, 3)
    assert (blood[:5] == 0).all()
    assert np.allclose(blood[5:, 1], blood[5:, 0] * np.exp(-0.5), rtol=1e-3)
    # a second dose on day 7 is there on day 7
    assert (blood[5:, 2] > blood[5:, 1]).all()


def test_who_died_has_no_more_numbers(trial_of):
    hard = {"simulation": "switches = { hazard = 0.2 }"}
    found = follow_outputs(trial_of(**hard), ["PLT"], [0.0, 56.0], 12)
    assert np.isnan(found.outputs["PLT"][:, 1]).sum() > 6
    assert not np.isnan(found.outputs["PLT"][:, 0]).any()


def test_more_outputs_change_nothing_of_a_patient_beyond_the_tolerance(trial_of):
    trial = trial_of()
    one = follow_outputs(trial, ["PLT"], [28.0], 12).outputs["PLT"]
    other = follow_outputs(trial, ["MB", "EFF", "SKIN", "PLT"], [28.0], 12).outputs["PLT"]
    assert np.allclose(one, other, rtol=1e-4)
