"""Files of a streamed run: written whole, known again, never mixed with another run's."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from stromal.errors import InvalidInput
from stromal.kernels.stream_folder import StreamFolder, digest_inputs
from stromal.kernels.timeline import Dose

TABLE = pl.DataFrame({"patient": [0, 1]})


def _begun(path, **facts):
    folder = StreamFolder.open(path)
    folder.begin(facts)
    return folder


def test_a_chunk_is_known_again(tmp_path):
    _begun(tmp_path, model="decay").write(3, "inputs", {"patients": TABLE, "values": TABLE})
    again = _begun(tmp_path, model="decay")
    assert again.holds(3, "inputs")
    assert not again.holds(2, "inputs")
    assert again.files == ("patients-00003.parquet", "values-00003.parquet")
    with pytest.raises(InvalidInput, match="holds a run with other parameters"):
        again.holds(3, "others")


def test_facts_that_are_new_or_gone_are_another_run(tmp_path):
    _begun(tmp_path, model="decay", rtol=1e-4).write_manifest()
    for facts in ({"model": "decay"}, {"model": "decay", "rtol": 1e-4, "engine": "x"}):
        with pytest.raises(InvalidInput, match=r"holds a run with other (rtol|engine)"):
            _begun(tmp_path, **facts)


def test_the_digest_is_that_of_all_files(tmp_path):
    folder = _begun(tmp_path, model="decay")
    folder.write(0, "inputs", {"patients": TABLE})
    first = folder.write_manifest()
    folder.write(1, "inputs", {"patients": TABLE})
    assert folder.write_manifest() != first == _digest_of(tmp_path / "b", TABLE)
    assert first != _digest_of(tmp_path / "c", TABLE.head(1))


def _digest_of(path, table):
    folder = _begun(path, model="decay")
    folder.write(0, "inputs", {"patients": table})
    return folder.write_manifest()


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
