"""Files of a streamed run: written whole, known again, never mixed with another run's."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import polars as pl
import pytest

from stromal.errors import InvalidInput
from stromal.kernels.stream_folder import StreamFolder, digest_inputs
from stromal.kernels.timeline import Dose

TABLE = pl.DataFrame({"patient": [0, 1]})


def _begun(path, kinds=("patients",), chunks=4, **facts):
    folder = StreamFolder.open(path)
    folder.begin(facts, chunks=chunks, kinds=kinds)
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
    assert (first.before, first.facts) == (None, {"model": "decay"})
    assert StreamFolder.open(tmp_path).before == {"model": "decay"}


def _without_files(chunks):
    chunks["00001"]["files"] = {}


def _with_the_files_of_another(chunks):
    chunks["00001"]["files"] = dict(chunks["00000"]["files"])


def _with_one_chunk_more(chunks):
    chunks["00007"] = {"inputs": "", "files": {"patients-00007.parquet": ""}}


def _with_a_number_of_six_digits(chunks):
    chunks["000001"] = {"inputs": "", "files": {"patients-000001.parquet": ""}}


def _with_files_of_another_kind(chunks):
    chunks["00001"]["files"]["values-00001.parquet"] = ""


HARMS = [
    _without_files,
    _with_the_files_of_another,
    _with_one_chunk_more,
    _with_a_number_of_six_digits,
    _with_files_of_another_kind,
]


@pytest.mark.parametrize("harm", HARMS)
def test_a_manifest_edited_by_hand_is_not_trusted(tmp_path, harm):
    folder = _begun(tmp_path, model="decay")
    for number in (0, 1):
        folder.write(number, "inputs", {"patients": TABLE})
    path = tmp_path / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    harm(manifest["chunks"])
    files = {
        name: one for chunk in manifest["chunks"].values() for name, one in chunk["files"].items()
    }
    manifest["digest"] = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
    path.write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(InvalidInput, match="is not what a run like this writes"):
        _begun(tmp_path, model="decay")


def test_a_manifest_whose_digest_is_another_is_not_trusted(tmp_path):
    folder = _begun(tmp_path, model="decay")
    folder.write(0, "inputs", {"patients": TABLE})
    path = tmp_path / "manifest.json"
    path.write_text(path.read_text("utf-8").replace(folder.digest, "0" * 64), "utf-8")
    with pytest.raises(InvalidInput, match="is not what a run like this writes"):
        StreamFolder.open(tmp_path)


def test_every_digit_of_every_input_counts():
    one = np.ones((2, 1))
    events = [
        [[]],
        [[Dose(1.0, "drug", 1.0)]],
        [[Dose(1.0, "drug", 1.0 + 2**-52)]],
        [[Dose(1.0, "drug", [1.0, 1.0])]],
        [[Dose(1.0, "cells", 1.0)]],
        [pl.DataFrame({"day": [1.0]})],
    ]
    digests = {digest_inputs(one, each) for each in events}
    digests |= {digest_inputs(np.nextafter(one, 2.0), []), digest_inputs(one, [])}
    assert len(digests) == len(events) + 2


@pytest.mark.parametrize("path", [None, 5, "a\0b", b"\0"])
def test_what_is_no_folder(path):
    with pytest.raises(InvalidInput):
        StreamFolder.open(path)
