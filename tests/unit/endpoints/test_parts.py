"""Parts of patients give what all of them give at once, whatever the files look like."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.contracts.test_endpoints import _patients

from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.derive import derive_outcomes
from stromal.endpoints.parts import derive_outcomes_in_parts
from stromal.errors import InvalidInput
from stromal.protocol.protocol import EndpointUse
from stromal.tables.patients import PATIENT_TABLES, Patients

BOUND = [
    bind_endpoint(EndpointUse(name="survival", rule="overall_survival")),
    bind_endpoint(
        EndpointUse(name="low", rule="cytopenia_grade", parameters={"lineage": "neutropenia"})
    ),
]


def write(folder, patients, *, pieces=1):
    for name in PATIENT_TABLES:
        table = patients.table(name)
        if pieces == 1 or name == "subjects":
            table.write_parquet(folder / f"{name}.parquet")
            continue
        (folder / name).mkdir()
        for piece in range(pieces):
            table[piece::pieces].write_parquet(folder / name / f"{piece}.parquet")


def gathered(files):
    return pl.concat([pl.read_parquet(file) for file in files])


@pytest.mark.parametrize("size", [1, 2, 99])
@pytest.mark.parametrize("pieces", [1, 3])
@pytest.mark.parametrize("reasons", [False, True])
def test_parts_give_what_all_give(tmp_path, size, pieces, reasons):
    patients = _patients()
    write(tmp_path, patients, pieces=pieces)
    files = derive_outcomes_in_parts(
        tmp_path, BOUND, tmp_path / "out", patients=size, reasons=reasons
    )
    whole = derive_outcomes(patients, BOUND, reasons=reasons)
    assert len(files) == -(-3 // size)
    order = ["endpoint", "subject"]
    assert_frame_equal(gathered(files).sort(order), whole.sort(order))


def test_replicates_of_one_name_stay_together(tmp_path):
    subjects = pl.DataFrame({"subject": ["1", "2", "1"], "replicate": [1, 1, 2]})
    events = subjects.with_columns(day=pl.Series([5.0, 7.0, 9.0]), event=pl.lit("death"))
    patients = Patients.of(
        subjects=subjects.with_columns(origin=pl.lit("simulated")), events=events
    )
    write(tmp_path, patients)
    files = derive_outcomes_in_parts(tmp_path, BOUND[:1], tmp_path / "out", patients=1)
    rows = gathered(files).select("subject", "replicate", "day").rows()
    assert rows == [("1", 1, 5.0), ("1", 2, 9.0), ("2", 1, 7.0)]


def test_what_is_amiss_is_told_at_once(tmp_path):
    with pytest.raises(InvalidInput, match=r"no file `subjects.parquet`"):
        derive_outcomes_in_parts(tmp_path, BOUND, tmp_path / "out")
    pl.DataFrame({"name": ["1"]}).write_parquet(tmp_path / "subjects.parquet")
    (tmp_path / "labs.parquet").write_bytes(b"no table")
    with pytest.raises(InvalidInput) as raised:
        derive_outcomes_in_parts(tmp_path, BOUND, tmp_path / "out")
    assert len(raised.value.issues) == 2
    pl.DataFrame({"subject": ["1"]}).write_parquet(tmp_path / "subjects.parquet")
    (tmp_path / "labs.parquet").unlink()
    with pytest.raises(InvalidInput, match="give 1 or more"):
        derive_outcomes_in_parts(tmp_path, BOUND, tmp_path / "out", patients=0)
    assert not (tmp_path / "out").exists()
