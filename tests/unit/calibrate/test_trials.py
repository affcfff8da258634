"""Trials can be made ready, and their version is told."""

from __future__ import annotations

import pytest

from stromal.calibrate.trials import digest_version, list_trials, prepare, read_trial


@pytest.mark.parametrize("name", list_trials())
def test_a_trial_is_a_protocol_with_a_simulation(name: str):
    protocol, bound = read_trial(name)
    assert protocol.study.name == name
    assert protocol.simulation is not None
    assert protocol.simulation.model == "physiology"
    assert {each.name for each in protocol.endpoints} == {each.name for each in bound}


def test_a_trial_can_be_smaller():
    trial = prepare("itp-18", 3, 1, largest=5)
    assert dict(trial.numbering.sizes) == {"low": 3, "middle": 3, "high": 5, "none": 5}
    assert trial.numbering.replicates == 3


def test_each_replicate_is_a_study_and_a_draw():
    numbering = prepare("itp-18", 3, 1).numbering
    assert (numbering.per_study, numbering.per_draw) == (1, 1)


def test_the_version_names_model_targets_and_trials():
    found = digest_version("physiology")
    assert {"model.ant", "parameters.csv", "targets.csv", "comparisons.csv"} <= found.keys()
    assert "trials/itp-18" in found
