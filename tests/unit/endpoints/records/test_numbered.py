"""Patients by number: same outcomes as by name, and nobody's records go to another."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.contracts.test_endpoints import NAMES, REQUIRED, _patients

from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.derive import derive_outcomes
from stromal.endpoints.records.numbered import NUMBER, empty_rows, number_subjects, select_patients
from stromal.endpoints.registry import ENDPOINTS
from stromal.protocol.protocol import EndpointUse
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import Patients


def test_numbers_follow_the_order_of_subjects():
    patients = Patients.of(
        subjects=pl.DataFrame({"subject": ["z", "a", "z"]}),
        labs=pl.DataFrame({"subject": ["a", "nobody", "z"], "day": [1.0, 2.0, 3.0]}),
    )
    numbered = number_subjects(patients)
    assert numbered.subjects["subject"].to_list() == [0, 1, 0]
    assert numbered.labs.select("subject", "day").rows() == [(1, 1.0), (0, 3.0)]
    assert numbered.doses.schema["subject"] == NUMBER


def test_no_patients_are_no_numbers():
    labs = pl.DataFrame({"subject": ["1"], "day": [1.0]})
    assert number_subjects(Patients.of(labs=labs)).labs.height == 0


def test_empty_rows_have_the_names_that_patients_have():
    schema = {"subject": pl.String(), "item": pl.String()}
    named = pl.DataFrame({"subject": ["1"]})
    assert empty_rows(named, schema).schema == schema
    numbered = number_subjects(Patients.of(subjects=named)).subjects
    assert empty_rows(numbered, schema).schema["subject"] == NUMBER


def test_chosen_patients_keep_their_records_and_are_numbered_anew():
    patients = Patients.of(
        subjects=pl.DataFrame({"subject": ["a", "b", "c"]}),
        labs=pl.DataFrame({"subject": ["c", "a", "b", "c"], "day": [1.0, 2.0, 3.0, 4.0]}),
    )
    chosen = select_patients(number_subjects(patients), pl.Series([False, True, True]))
    assert chosen.subjects["subject"].to_list() == [0, 1]
    assert chosen.labs.select("subject", "day").rows() == [(1, 1.0), (0, 3.0), (1, 4.0)]


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_gives_the_same_by_number_as_by_name(name):
    patients, given = _patients((2, 0, 1)), REQUIRED.get(name, {})
    use = EndpointUse.model_validate({"name": "it", "rule": name, "parameters": given})
    by_number = derive_outcomes(patients, [bind_endpoint(use)])
    rule = ENDPOINTS[name]
    by_name = OUTCOMES.conform(rule.derive(patients, rule.read_parameters(given)))
    ours = [column for column in OUTCOMES.names if column not in ("endpoint", "kind", "origin")]
    assert_frame_equal(by_number.select(ours), by_name.select(ours))
