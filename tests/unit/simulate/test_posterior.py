"""What a fit left is read as it was written."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from stromal.models.library.read import find_folder, read_library_model
from stromal.simulate.posterior import POSTERIOR_FILE, read_limits, read_posterior, write_posterior
from stromal.simulate.uncertain import Members

FOLDER = find_folder("physiology")


def test_what_is_written_is_read(tmp_path: Path):
    members = Members(("a", "b"), np.array([[0.1, -0.2], [0.3, 0.0]]), np.array([0.25, 0.75]))
    write_posterior(members, tmp_path / POSTERIOR_FILE)
    found = read_posterior(tmp_path)
    assert found is not None
    assert found.names == members.names
    assert found.shifts.tolist() == members.shifts.tolist()
    assert found.weights.tolist() == members.weights.tolist()


def test_a_model_without_files_has_neither(tmp_path: Path):
    assert read_posterior(tmp_path) is None
    assert read_limits(tmp_path) == {}


def test_what_is_listed_is_a_positive_parameter_within_its_limits():
    values = read_library_model("physiology").parameters
    known = dict(values.select("name", "value").iter_rows())
    for name, (low, high) in read_limits(FOLDER).items():
        assert name in known
        assert low < high
        assert known[name] == 0 or low <= known[name] <= high


def test_the_posterior_of_the_physiology_is_of_its_parameters():
    found = read_posterior(FOLDER)
    assert found is not None
    assert set(found.names) <= set(read_library_model("physiology").parameters["name"])
    assert np.isfinite(found.shifts).all()
    assert (found.weights > 0).all()
