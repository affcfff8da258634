"""Files of a streamed run: written whole, known again, never mixed with another run's."""

from __future__ import annotations

import json

import polars as pl
import pytest

from stromal.errors import InvalidInput
from stromal.store.stream_folder import StreamFolder

TABLE = pl.DataFrame({"patient": [0, 1]})


def _begun(path, kinds=("patients",), chunks=4, versions=None, **facts):
    folder = StreamFolder.open(path)
    folder.begin(facts, versions or {"numpy": "2"}, chunks=chunks, kinds=kinds)
    return folder


def test_a_chunk_is_known_again(tmp_path):
    kinds = ("patients", "values")
    _begun(tmp_path, kinds, model="decay").write(3, "inputs", dict.fromkeys(kinds, TABLE))
    again = _begun(tmp_path, kinds, model="decay")
    assert again.holds(3, "inputs")
    assert not again.holds(2, "inputs")
    assert again.files == ("patients-00003.parquet", "values-00003.parquet")
    with pytest.raises(InvalidInput, match="holds a run with other parameters"):
        again.holds(3, "others")


def test_facts_that_are_new_or_gone_are_another_run(tmp_path):
    _begun(tmp_path, model="decay", rtol=1e-4).write(0, "inputs", {"patients": TABLE})
    for facts in ({"model": "decay"}, {"model": "decay", "rtol": 1e-4, "engine": "x"}):
        with pytest.raises(InvalidInput, match=r"holds a run with other (rtol|engine)"):
            _begun(tmp_path, **facts)


def test_other_versions_are_another_run(tmp_path):
    _begun(tmp_path, model="decay").write(0, "inputs", {"patients": TABLE})
    with pytest.raises(InvalidInput, match="holds a run with other versions"):
        _begun(tmp_path, versions={"numpy": "3"}, model="decay")


def test_chunks_done_in_any_order_leave_the_same_manifest(tmp_path):
    for name, order in (("a", (0, 1, 2)), ("b", (2, 0, 1))):
        folder = _begun(tmp_path / name, model="decay")
        for number in order:
            folder.write(number, f"inputs {number}", {"patients": TABLE})
    texts = {(tmp_path / name / "manifest.json").read_bytes() for name in "ab"}
    assert len(texts) == 1


def test_the_digest_is_that_of_all_files(tmp_path):
    folder = _begun(tmp_path, model="decay")
    folder.write(0, "inputs", {"patients": TABLE})
    first = folder.digest
    folder.write(1, "inputs", {"patients": TABLE})
    assert folder.digest != first == _digest_of(tmp_path / "b", TABLE)
    assert first != _digest_of(tmp_path / "c", TABLE.head(1))


def _digest_of(path, table):
    folder = _begun(path, model="decay")
    folder.write(0, "inputs", {"patients": table})
    return folder.digest


def test_what_was_run_before_stays_known(tmp_path):
    first = _begun(tmp_path, model="decay")
    first.write(0, "inputs", {"patients": TABLE})
    assert (first.before, first.manifest.run) == (None, {"model": "decay"})
    assert StreamFolder.open(tmp_path).before == first.manifest


def _without_files(manifest):
    del manifest["outputs"]["patients-00001.parquet"]


def _without_inputs(manifest):
    del manifest["inputs"]["00001"]


def _with_one_chunk_more(manifest):
    manifest["inputs"]["00007"] = manifest["outputs"]["patients-00007.parquet"] = ""


def _with_a_number_of_six_digits(manifest):
    manifest["inputs"]["000001"] = manifest["outputs"]["patients-000001.parquet"] = ""


def _with_files_of_another_kind(manifest):
    manifest["outputs"]["values-00001.parquet"] = ""


def _with_a_file_elsewhere(manifest):
    manifest["outputs"]["../x"] = ""


def _with_more_than_manifests_hold(manifest):
    manifest["chunks"] = {}


HARMS = [
    _without_files,
    _without_inputs,
    _with_one_chunk_more,
    _with_a_number_of_six_digits,
    _with_files_of_another_kind,
    _with_a_file_elsewhere,
    _with_more_than_manifests_hold,
]


@pytest.mark.parametrize("harm", HARMS)
def test_a_manifest_edited_by_hand_is_not_trusted(tmp_path, harm):
    folder = _begun(tmp_path, model="decay")
    for number in (0, 1):
        folder.write(number, "inputs", {"patients": TABLE})
    path = tmp_path / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    harm(manifest)
    path.write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(InvalidInput, match="is not what a run like this writes"):
        _begun(tmp_path, model="decay")


@pytest.mark.parametrize("path", [None, 5, "a\0b", b"\0"])
def test_what_is_no_folder(path):
    with pytest.raises(InvalidInput):
        StreamFolder.open(path)


def test_a_file_of_a_chunk_is_found(tmp_path):
    folder = _begun(tmp_path, model="decay")
    folder.write(2, "inputs", {"patients": TABLE})
    assert pl.read_parquet(folder.find("patients", 2)).equals(TABLE)
