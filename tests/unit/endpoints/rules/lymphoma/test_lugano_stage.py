"""The stage of lymphoma: reasons, contradictions, the window."""

from __future__ import annotations

from tests.unit.endpoints.rules.lymphoma.staged import assessed, patient

from stromal.endpoints.rules.lymphoma.lugano_stage import LUGANO_STAGE, derive_lugano_stage
from stromal.endpoints.rules.lymphoma.sites import SiteParameters


def stage(items, day=0.0, **parameters):
    patients = patient(assessed("lymphoma", items, day))
    return derive_lugano_stage(patients, SiteParameters(**parameters)).row(0, named=True)


def test_a_reported_stage_has_its_number():
    row = stage({"stage": "IIE"}, day=-3.0)
    assert (row["label"], row["value"], row["day"]) == ("IIE", 2, -3)
    assert row["reason"] == "as reported: stage IIE"


def test_sites_that_are_missing_leave_the_stage_open_and_say_so():
    row = stage(
        {"nodal_groups": 2, "both_sides": False, "spleen": False, "extranodal": "none"},
        stage="derived",
    )
    assert (row["label"], row["value"], row["lowest"], row["highest"]) == (None, None, 2, 2)
    assert row["reason"].endswith("extranodal disease none: stage II or II bulky is possible")


def test_sites_that_contradict_each_other_are_not_judged():
    row = stage({"nodal_groups": 1, "both_sides": True}, stage="derived")
    assert (row["label"], row["lowest"], row["highest"]) == (None, None, None)
    assert row["reason"].endswith("no stage fits, a site is missing or contradicts another")


def test_records_outside_the_window_do_not_count():
    row = stage({"stage": "IV"}, day=-40.0)
    assert row["label"] is None
    assert row["reason"] == "no stage of lymphoma recorded from day -28 to day 0"
    assert stage({"nodal_groups": 1}, day=9.0, stage="derived")["reason"].startswith("no site")


def test_labels_are_in_the_order_of_the_stages():
    assert [label.name for label in LUGANO_STAGE.labels][-3:] == ["II bulky", "III", "IV"]
