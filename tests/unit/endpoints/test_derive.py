from dataclasses import replace

import polars as pl
from polars.testing import assert_frame_equal

from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.derive import derive_outcomes, explain_outcomes
from stromal.protocol.protocol import EndpointUse
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import Patients

TWO = Patients.of(
    subjects=pl.DataFrame({"subject": ["b", "a"], "arm": ["msc"] * 2, "last_day": [90.0, 60.0]}),
    events=pl.DataFrame({"subject": ["a"], "day": [60.0], "event": ["death"]}),
)
BOUND = [
    bind_endpoint(EndpointUse(name="survival", rule="overall_survival")),
    bind_endpoint(EndpointUse(name="status", rule="vital_status")),
]


def test_outcomes_follow_the_protocol_then_the_subjects():
    outcomes = derive_outcomes(TWO, BOUND)
    assert outcomes.columns == list(OUTCOMES.names)
    assert outcomes["endpoint"].to_list() == ["survival"] * 2 + ["status"] * 2
    assert outcomes["subject"].to_list() == ["b", "a"] * 2
    assert outcomes.filter(endpoint="survival")["status"].to_list() == [0, 1]


def test_no_endpoints_give_an_empty_table():
    assert derive_outcomes(TWO, []).schema == OUTCOMES.empty().schema


def test_without_reasons_all_else_is_the_same():
    plain, silent = derive_outcomes(TWO, BOUND), derive_outcomes(TWO, BOUND, reasons=False)
    assert silent["reason"].null_count() == silent.height
    assert_frame_equal(silent.drop("reason"), plain.drop("reason"))


def test_replicates_of_one_name_stay_apart():
    subjects = pl.DataFrame({"subject": ["1", "1"], "origin": "simulated", "replicate": [1, 2]})
    events = subjects.with_columns(day=pl.Series([5.0, 9.0]), event=pl.lit("death"))
    outcomes = derive_outcomes(Patients.of(subjects=subjects, events=events), BOUND[:1])
    assert outcomes.select("subject", "replicate", "day").rows() == [("1", 1, 5.0), ("1", 2, 9.0)]


def test_reasons_are_written_for_those_who_ask_and_are_the_same():
    plain, silent = derive_outcomes(TWO, BOUND), derive_outcomes(TWO, BOUND, reasons=False)
    assert_frame_equal(explain_outcomes(silent, TWO, BOUND), plain)
    told = explain_outcomes(silent, TWO, BOUND, pl.col("subject") == "a")
    of_a = pl.col("subject") == "a"
    assert_frame_equal(told.filter(of_a), plain.filter(of_a))
    assert told.filter(~of_a)["reason"].null_count() == 2
    assert_frame_equal(told.drop("reason"), plain.drop("reason"))


def test_reasons_of_counts_are_written_for_a_patient_who_is_not_the_first():
    labs = pl.DataFrame(
        {"subject": ["b", "a"], "day": [5.0, 8.0], "analyte": "platelets", "value": [90.0, 12.0]}
    ).with_columns(unit=pl.lit("10^9/L"))
    given = {"lineage": "thrombocytopenia"}
    bound = [
        bind_endpoint(EndpointUse(name="worst", rule="cytopenia_grade", parameters=given)),
        bind_endpoint(
            EndpointUse(name="long", rule="cytopenia_pattern", parameters={"pattern": "prolonged"})
        ),
    ]
    patients = Patients.of(subjects=TWO.subjects, labs=labs, events=TWO.events)
    plain, silent = (
        derive_outcomes(patients, bound),
        derive_outcomes(patients, bound, reasons=False),
    )
    of_a = pl.col("subject") == "a"
    told = explain_outcomes(silent, patients, bound, of_a)
    assert_frame_equal(told.filter(of_a), plain.filter(of_a))


def test_nobody_asks_and_nothing_is_written():
    silent = derive_outcomes(TWO, BOUND, reasons=False)
    assert_frame_equal(explain_outcomes(silent, TWO, BOUND, pl.col("value") > 1e9), silent)
    assert explain_outcomes(derive_outcomes(TWO, []), TWO, []).is_empty()


def test_an_endpoint_that_is_cut_reads_no_later_record():
    labs = pl.DataFrame(
        {
            "subject": ["1"] * 2,
            "day": [5.0, 40.0],
            "analyte": ["platelets"] * 2,
            "value": [60.0, 10.0],
            "unit": ["10^9/L"] * 2,
        }
    )
    people = Patients.of(subjects=pl.DataFrame({"subject": ["1"], "arm": ["msc"]}), labs=labs)
    use = EndpointUse(
        name="worst", rule="cytopenia_grade", parameters={"lineage": "thrombocytopenia"}
    )
    whole = bind_endpoint(use)
    found = derive_outcomes(people, [whole, replace(whole, known_by=28.0)])
    assert found.select("endpoint", "label").rows() == [("worst", "4"), ("worst_by_day_28", "2")]
