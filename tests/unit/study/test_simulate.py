import shutil

import polars as pl
import pytest
from tests.unit.simulate.conftest import MODEL, write_study

import stromal.study.simulate as module
from stromal.errors import InvalidInput, Severity
from stromal.kernels.door import Work
from stromal.store.digest import digest_folder
from stromal.study.read import read_study
from stromal.study.simulate import PARTS, prepare_study, score_patients, simulate_study


@pytest.fixture
def study(tmp_path):
    return write_study(tmp_path / "study")


def digests(folder):
    return {name: one for name, one in digest_folder(folder).items() if name != "manifest.json"}


def test_files_are_the_same_to_the_byte_for_any_chunk(study, tmp_path):
    whole = simulate_study(study, tmp_path / "a")
    parts = simulate_study(study, tmp_path / "b", work=Work(chunk=7, threads=1))
    for name in ("outcomes.parquet", "patients/labs.parquet"):
        one, other = (pl.read_parquet(run.folder / name) for run in (whole, parts))
        assert one.equals(other), name
    for name in ("estimates.csv", "predictions.csv", "failures.csv"):
        assert (whole.folder / name).read_bytes() == (parts.folder / name).read_bytes()
    again = simulate_study(study, tmp_path / "c")
    assert digests(again.folder) == digests(whole.folder)


def test_an_interrupted_run_goes_on(study, tmp_path, monkeypatch):
    calls = []
    whole = module.score_patients

    def stop(trial, first, last, **more):
        calls.append(first)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return whole(trial, first, last, **more)

    monkeypatch.setattr(module, "score_patients", stop)
    with pytest.raises(KeyboardInterrupt):
        simulate_study(study, tmp_path / "a", work=Work(chunk=24))
    run = simulate_study(study, tmp_path / "a", work=Work(chunk=24))
    assert (run.patients, run.computed) == (96, 48)
    assert not (tmp_path / "a" / PARTS).exists()
    monkeypatch.undo()
    other = simulate_study(study, tmp_path / "b", work=Work(chunk=24))
    assert digests(run.folder) == digests(other.folder)


def test_another_run_is_never_mixed_in_or_written_over(study, tmp_path):
    simulate_study(study, tmp_path / "a", replicates=1)
    with pytest.raises(InvalidInput, match="is not empty"):
        simulate_study(study, tmp_path / "a", replicates=1)


def test_outcomes_may_be_all_that_is_written(study, tmp_path):
    run = simulate_study(study, tmp_path / "a", replicates=2, outcomes_only=True)
    assert [path.name for path in (run.folder / "patients").iterdir()] == ["subjects.parquet"]
    assert pl.read_parquet(run.folder / "outcomes.parquet").height == 2 * 12 * 3


def test_written_patients_are_read_and_analysed_like_real_ones(study, tmp_path):
    run = simulate_study(study, tmp_path / "a", replicates=2)
    shutil.copytree(run.folder / "patients", study / "patients")
    found = read_study(study)
    assert {issue.severity for issue in found.issues} <= {Severity.NOTE}
    assert set(found.cohorts) == {"simulated"}
    assert found.cohorts["simulated"].subjects["replicate"].n_unique() == 2


def test_who_fails_is_counted_and_has_no_outcome(tmp_path):
    bad = MODEL.replace("HAZ' = hazard", "HAZ' = hazard + piecewise(HAZ*HAZ*1e6+1, PLT0 > 280, 0)")
    study = write_study(tmp_path / "bad", model=bad)
    run = simulate_study(study, tmp_path / "a")
    assert 0 < run.failed < run.patients
    trial = prepare_study(read_study(study))
    scored = score_patients(trial, 0, trial.numbering.total)
    lost = scored.outcomes.join(scored.batch.failures, on=["subject", "replicate"])
    assert lost.height == 3 * run.failed
    for name in ("value", "label", "day", "status"):
        assert lost[name].null_count() == lost.height, name
    assert lost["reason_right"].str.len_chars().min() > 5
    assert lost["reason"].str.starts_with("no numbers of this virtual patient: ").all()


def test_estimates_are_given_one_chunk_at_a_time(study, tmp_path, monkeypatch):
    plain, rows = module.predict, []

    def watch(study, trial, parts):
        def each():
            for subjects, outcomes in parts:
                rows.append((subjects.height, outcomes.height))
                yield subjects, outcomes

        return plain(study, trial, each())

    monkeypatch.setattr(module, "predict", watch)
    simulate_study(study, tmp_path / "a", work=Work(chunk=20))
    assert rows == [(20, 60)] * 4 + [(16, 48)]
