import pytest

from stromal.errors import InvalidInput
from stromal.protocol.simulation import Simulation
from stromal.simulate.model import read_folder, read_model_of

TABLE = {"start_day": 0, "end_day": 1, "observations": [{"days": [0]}]}


def asked(**more):
    return Simulation.model_validate(TABLE | more)


def test_a_model_beside_the_protocol_is_read_with_digests_of_its_files(study_of):
    model = read_model_of(asked(model="small"), study_of(), "human")
    assert model.name == "small"
    assert set(model.files) == {"model.ant", "parameters.csv", "ports.toml"}
    assert model.values["PLT0"] == 250


def test_a_model_of_the_library_has_the_numbers_of_its_setting(tmp_path):
    model = read_model_of(asked(model="physiology", setting="itp"), tmp_path, "human")
    assert model.values["itp_clearance"] == 14
    assert "itp_clearance" in (model.vary or ())


def test_an_unknown_setting_is_an_issue_of_the_protocol(tmp_path):
    with pytest.raises(InvalidInput) as caught:
        read_model_of(asked(model="physiology", setting="measles"), tmp_path, "human")
    assert caught.value.issues[0].column == "simulation.setting"
    assert caught.value.issues[0].hint


def test_a_model_without_ports_is_refused(study_of):
    study = study_of()
    (study / "small" / "ports.toml").unlink()
    with pytest.raises(InvalidInput, match="no ports"):
        read_folder(study / "small", "human")


def test_errors_of_all_files_come_together(study_of):
    study = study_of(ports="[outputs.platelets]\n", parameters="name,value\nk,x\n")
    with pytest.raises(InvalidInput) as caught:
        read_folder(study / "small", "human")
    assert len({issue.table for issue in caught.value.issues}) == 2
