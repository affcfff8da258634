import polars as pl
import pytest
from tests.unit.simulate.conftest import write_study

import stromal.study.predict as module
from stromal.study.predict import predict
from stromal.study.read import read_study
from stromal.study.simulate import prepare_study, score_patients


@pytest.fixture
def predicted(tmp_path):
    study = read_study(write_study(tmp_path))
    trial = prepare_study(study, patients=6)
    scored = score_patients(trial, 0, trial.numbering.total)
    return predict(study, trial, [(scored.batch.patients.subjects, scored.outcomes)])


def test_the_value_is_the_mean_over_trials(predicted):
    own = predicted.estimates.filter(analysis="response", group="msc", label="overall_response")
    (row,) = predicted.predictions.filter(
        analysis="response", group="msc", label="overall_response", statistic="proportion"
    ).to_dicts()
    assert own.height == row["replicates"] == 8
    assert row["value"] == pytest.approx(own["value"].mean())
    assert row["low"] <= row["value"] <= row["high"]
    assert row["unit"] == "1"


def test_counts_of_trials_that_counted_nobody_are_0(predicted):
    counts = predicted.predictions.filter(statistic="not evaluable")
    assert (counts["replicates"] == 8).all()


def test_every_number_says_what_makes_trials_differ(predicted):
    shares = predicted.predictions.filter(pl.col("unit") == "1", group="msc")
    assert shares["sd_patients"].null_count() == 0
    assert shares["error"].null_count() == 0


def test_trials_are_estimated_as_they_are_whole_whatever_the_parts(tmp_path, monkeypatch):
    study = read_study(write_study(tmp_path))
    trial = prepare_study(study, patients=6)
    numbering, estimated, most = trial.numbering, [], 0
    plain = module.run_analyses

    def watch(analyses, setting):
        estimated.append(setting.patients.subjects.height)
        return plain(analyses, setting)

    def give(size):
        nonlocal most
        for first in range(0, numbering.total, size):
            most = max(most, first - sum(estimated))
            scored = score_patients(trial, first, min(first + size, numbering.total))
            yield scored.batch.patients.subjects, scored.outcomes

    monkeypatch.setattr(module, "run_analyses", watch)
    whole = predict(study, trial, give(numbering.total))
    for size in (5, numbering.trial, 2 * numbering.trial + 1):
        estimated.clear()
        most = 0
        found = predict(study, trial, give(size))
        assert found.estimates.equals(whole.estimates)
        assert found.predictions.equals(whole.predictions)
        assert estimated == [numbering.trial] * numbering.replicates
        # Patients who were simulated and not yet estimated are those of one trial and one part.
        assert 0 < most <= numbering.trial + size
