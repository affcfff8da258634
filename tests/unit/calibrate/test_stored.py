"""The stored results belong to the present version of the model."""

from __future__ import annotations

from pathlib import Path

from polars.testing import assert_frame_equal

from stromal.calibrate.comparisons import read_comparisons
from stromal.calibrate.stored import (
    CREDIBILITY,
    list_stale,
    read_credibility,
    read_learned,
    write_credibility,
)
from stromal.models.library.read import find_folder
from stromal.simulate.posterior import read_posterior


def test_results_belong_to_the_present_version():
    assert not list_stale(), "run `python -m stromal.calibrate credibility`, then `make pages`"


def test_every_target_has_its_result():
    results = read_credibility()
    names = [each.id for each in read_comparisons()]
    for _, own in results.group_by("parameters"):
        assert own["id"].to_list() == names


def test_roles_are_those_of_the_targets():
    roles = {each.id: each.role for each in read_comparisons()}
    assert all(roles[name] == role for name, role in read_credibility().select("id", "role").rows())


def test_what_is_written_is_read(tmp_path: Path):
    write_credibility(read_credibility(), tmp_path)
    assert (tmp_path / CREDIBILITY.name).read_bytes() == CREDIBILITY.read_bytes()
    assert_frame_equal(read_credibility(), read_credibility())


def test_the_fit_is_told_with_its_data():
    table, facts = read_learned()
    roles = {each.id: each.role for each in read_comparisons()}
    assert {roles[name] for name in facts["data"]} == {"C"}
    assert set(table.columns) >= {"name", "prior_sd", "posterior_sd", "ratio", "learned"}


def test_what_was_learned_is_that_of_the_posterior():
    members = read_posterior(find_folder("physiology"))
    assert members is not None
    table, facts = read_learned()
    assert set(table["name"]) == set(members.names)
    assert len(members.weights) == facts["members"]
