import polars as pl
import pytest
from tests.unit.simulate.conftest import write_study

from stromal.study.read import read_study
from stromal.study.run import run_study
from stromal.study.simulated import show_simulation, simulate_trials
from stromal.tables.published import PUBLISHED


@pytest.fixture
def study(tmp_path):
    return write_study(tmp_path / "study", simulation='notes = ["a note"]')


def test_the_first_trial_is_kept_whole_and_of_others_what_they_say(study):
    found = simulate_trials(read_study(study))
    assert set(found.first.patients.labs["replicate"]) == {1}
    assert found.first.patients.subjects.height == 12
    assert (found.predictions["replicates"] == 8).any()


def test_the_page_is_told_what_was_assumed_and_cannot_be_known(study):
    shown = show_simulation(simulate_trials(read_study(study)), PUBLISHED.empty())
    assert shown.replicates == 8
    assert shown.notes == ("a note",)
    assert any("preparation thawed" in line for line in shown.assumed)
    assert len(shown.unknown) == 5
    assert len(shown.version) == 12


def test_a_study_without_patients_is_run_by_its_simulation(study, tmp_path):
    run = run_study(study, tmp_path / "out")
    page = (run.folder / "report.html").read_text("utf-8")
    assert "not for treating patients" in page
    table = pl.read_csv(run.folder / "predictions.csv", infer_schema_length=None)
    assert table.filter(pl.col("analysis") == "survival").height > 0
    assert set(run.estimates["origin"]) == {"simulated"}
