"""Trials can be made ready, and their version is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stromal.calibrate import trials
from stromal.calibrate.trials import digest_version, list_trials, prepare, read_trial
from stromal.endpoints.rules.cytopenia.pattern_parameters import CytopeniaPatternParameters
from stromal.protocol.protocol import Protocol
from stromal.protocol.read import read_protocol

STUDIES = Path(__file__).parents[3] / "studies"


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


def test_the_version_follows_the_accuracy_of_the_solver(monkeypatch: pytest.MonkeyPatch):
    before = digest_version("physiology")
    finer = replace(trials.ACCURACY, rtol=trials.ACCURACY.rtol / 10)
    monkeypatch.setattr(trials, "ACCURACY", finer)
    after = digest_version("physiology")
    assert {name for name in before if before[name] != after[name]} == {"solver"}


def test_the_version_follows_how_studies_differ(monkeypatch: pytest.MonkeyPatch):
    before = digest_version("physiology")
    monkeypatch.setattr(trials, "STUDY_SHARE", 0.6)
    after = digest_version("physiology")
    assert {name for name in before if before[name] != after[name]} == {"levels"}


def test_the_version_names_how_counts_are_measured():
    assert {"measurement.csv", "effective_doses.csv"} <= digest_version("physiology").keys()


def test_patterns_are_read_as_the_study_reads_them():
    """What makes an episode, and a late one, is the same where a study and a trial ask for both."""

    def readings(protocol: Protocol) -> set[tuple[object, ...]]:
        asked = [each for each in protocol.endpoints if each.rule == "cytopenia_pattern"]
        read = [CytopeniaPatternParameters.model_validate(dict(each.parameters)) for each in asked]
        same = {"lineages", "threshold_grade", "late_means"}
        return {(p.late_is_there, *(value for name, value in p if name not in same)) for p in read}

    study = readings(read_protocol(STUDIES / "cart-cytopenia"))
    assert {each[1] for each in study} == {"prolonged", "late_onset", "biphasic"}
    assert readings(read_trial("car-t-26")[0]) == study
