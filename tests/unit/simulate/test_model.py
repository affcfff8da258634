import pytest

from stromal.errors import InvalidInput
from stromal.simulate.model import find_model_folder, read_simulated_model


def test_a_model_beside_the_protocol_is_read_with_digests_of_its_files(study_of):
    study = study_of()
    model = read_simulated_model(find_model_folder("small", study))
    assert model.name == "small"
    assert set(model.files) == {"model.ant", "parameters.csv", "ports.toml"}
    assert model.values("human")["PLT0"] == 250


def test_a_model_without_ports_is_refused(study_of):
    study = study_of()
    (study / "small" / "ports.toml").unlink()
    with pytest.raises(InvalidInput, match="no ports"):
        read_simulated_model(study / "small")


def test_errors_of_all_files_come_together(study_of):
    study = study_of(ports="[outputs.platelets]\n", parameters="name,value\nk,x\n")
    with pytest.raises(InvalidInput) as caught:
        read_simulated_model(study / "small")
    assert len({issue.table for issue in caught.value.issues}) == 2
