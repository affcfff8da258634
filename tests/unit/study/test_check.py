from tests.unit.simulate.conftest import write_study

from stromal.errors import Severity
from stromal.study.check import check_study, check_trials
from stromal.study.library import find_study
from stromal.study.read import read_study


def test_a_simulation_is_checked_with_the_study(tmp_path):
    parts = {"after": '\n[[simulation.observations]]\nanalytes = ["ferritin"]\ndays = [0]\n'}
    found = check_study(write_study(tmp_path / "study", **parts))
    note, error = found
    assert note.severity is Severity.NOTE
    assert error.message == "the model has no output for `ferritin`"
    assert error.row


def test_a_study_without_a_simulation_has_no_trials_to_check():
    study = read_study(find_study("itp-dose"))
    protocol = study.protocol.model_copy(update={"simulation": None})
    object.__setattr__(study, "protocol", protocol)
    assert check_trials(study) == ()


def test_a_folder_that_is_none_is_an_issue(tmp_path):
    assert [issue.message for issue in check_study(tmp_path / "none")] == ["no such folder"]
