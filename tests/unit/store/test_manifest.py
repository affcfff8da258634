from importlib.metadata import version

import pytest

from stromal.store.manifest import (
    complete_manifest,
    draft_manifest,
    read_manifest,
    read_versions,
)


def _run(study_folder, run_folder, text):
    run_folder.mkdir()
    (run_folder / "report.html").write_text(text)
    facts = {"study": "demo", "command": "run", "seed": 7}
    draft = draft_manifest(facts, study_folder, study_folder.rglob("*.toml"))
    return complete_manifest(draft, run_folder)


def test_two_equal_runs_write_equal_manifests(tmp_path):
    study = tmp_path / "study"
    study.mkdir()
    (study / "protocol.toml").write_text("format = 2")
    first = _run(study, tmp_path / "a", "page")
    second = _run(study, tmp_path / "b", "page")
    other = _run(study, tmp_path / "c", "another page")
    texts = [(tmp_path / name / "manifest.json").read_bytes() for name in "ab"]
    assert texts[0] == texts[1]
    assert first == second == read_manifest(tmp_path / "a")
    assert other.outputs != first.outputs
    assert other.digest != first.digest == second.digest
    assert list(first.inputs) == ["protocol.toml"]
    assert first.versions["stromal"]


def test_the_manifest_does_not_hash_itself(tmp_path):
    study = tmp_path / "study"
    study.mkdir()
    manifest = _run(study, tmp_path / "a", "page")
    assert list(manifest.outputs) == ["report.html"]


def test_versions_are_those_of_the_installed_packages():
    assert all(found == version(name) for name, found in read_versions().items())
    assert list(read_versions(["numba", "polars"])) == ["numba", "polars"]


@pytest.mark.parametrize("text", ["", "[]", '{"run": {}}', '{"study": "demo", "files": {}}'])
def test_what_is_no_manifest_is_an_error(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text, "utf-8")
    with pytest.raises(ValueError, match="Manifest"):
        read_manifest(tmp_path)
