"""IPI: each factor at its cut, the groups, missing items, bounds of LDH."""

from __future__ import annotations

import polars as pl
import pytest
from tests.unit.endpoints.rules.lymphoma.staged import assessed, patient

from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.derive import derive_outcomes
from stromal.endpoints.rules.lymphoma.international_prognostic_index import (
    PrognosticIndexParameters,
    derive_international_prognostic_index,
)
from stromal.protocol.protocol import EndpointUse, Visit

LOW = {"age": 60, "ldh": 250.0, "ecog": 1, "stage": "II", "extranodal_sites": 1}


def given(**changes):
    items = LOW | {"limit": 250.0, "bound": None} | changes
    tables = [
        assessed(scale, {name: items[name]}, -2.0)
        for scale, name in (
            ("performance", "ecog"),
            ("lymphoma", "stage"),
            ("lymphoma", "extranodal_sites"),
            ("lymphoma", "extranodal"),
        )
        if items.get(name) is not None
    ]
    labs = pl.DataFrame(
        {
            "subject": "1",
            "day": [-2.0],
            "analyte": "ldh",
            "value": [items["ldh"]],
            "bound": [items["bound"]],
            "unit": "U/L",
            "upper_limit": [items["limit"]],
        },
        schema_overrides={"value": pl.Float64, "upper_limit": pl.Float64, "bound": pl.String},
    )
    return patient(*tables, age=items["age"], labs=labs)


def index(parameters=None, **changes):
    p = PrognosticIndexParameters(**(parameters or {}))
    return derive_international_prognostic_index(given(**changes), p).row(0, named=True)


def result(row):
    return row["value"], row["label"], row["lowest"], row["highest"]


def test_every_factor_at_its_cut_has_no_point():
    row = index()
    assert result(row) == (0, "low", 0, 0)
    assert row["reason"] == (
        "age 60 (0), lactate dehydrogenase 250 U/L, limit 250 (0), ECOG 1 (0), stage II (0), "
        "extranodal sites 1 (0): score 0"
    )


@pytest.mark.parametrize(
    "change",
    [{"age": 61}, {"ldh": 250.1}, {"ecog": 2}, {"stage": "III"}, {"extranodal_sites": 2}],
)
def test_every_factor_beyond_its_cut_has_one_point(change):
    assert result(index(**change)) == (1, "low", 1, 1)


def test_groups_follow_the_score():
    worse = [("age", 75), ("ldh", 900.0), ("ecog", 4), ("stage", "IV"), ("extranodal_sites", 3)]
    labels = [index(**dict(worse[:count]))["label"] for count in range(6)]
    assert labels == ["low", "low", "low-intermediate", "high-intermediate", "high", "high"]


def test_age_is_in_completed_years():
    assert index(age=60.9)["value"] == 0


def test_a_missing_item_leaves_open_what_it_may_change():
    row = index(ecog=None)
    assert result(row) == (None, "low", 0, 1)
    assert row["reason"].endswith(
        "ECOG not recorded, stage II (0), extranodal sites 1 (0): a score of 0 to 1 is possible"
    )
    assert result(index(ecog=None, age=61)) == (None, None, 1, 2)
    assert result(index(ecog=None, age=None, stage=None, ldh=None, extranodal_sites=None)) == (
        None,
        None,
        None,
        None,
    )


def test_a_limit_is_printed_or_given_and_never_assumed():
    row = index(limit=None, ldh=900.0)
    assert result(row) == (None, "low", 0, 1)
    assert "lactate dehydrogenase 900 U/L, no upper limit (0 or 1)" in row["reason"]
    assert index({"ldh_upper_limit": 240}, limit=None)["value"] == 1
    assert index({"ldh_upper_limit": 240}, limit=250.0)["value"] == 0


@pytest.mark.parametrize(
    ("value", "bound", "points"),
    [
        (250.0, "above", (1, 1)),
        (249.0, "above", (0, 1)),
        (250.0, "at least", (0, 1)),
        (251.0, "at least", (1, 1)),
        (250.0, "below", (0, 0)),
        (260.0, "below", (0, 1)),
        (250.0, "at most", (0, 0)),
    ],
)
def test_a_bound_of_ldh_is_judged_where_it_decides(value, bound, points):
    row = index(ldh=value, bound=bound)
    assert (row["lowest"], row["highest"]) == points


def test_extranodal_disease_tells_its_number_where_it_can():
    assert index(extranodal_sites=None, extranodal="none")["value"] == 0
    assert index(extranodal_sites=None, extranodal="single")["value"] == 0
    assert result(index(extranodal_sites=None, extranodal="noncontiguous"))[2:] == (0, 1)


def test_a_protocol_uses_it_at_a_visit_beside_the_stage():
    visit = Visit(name="start", day=-2)
    uses = [
        EndpointUse(name="ipi", rule="international_prognostic_index", visit="start"),
        EndpointUse(name="stage", rule="lugano_stage", visit="start"),
        EndpointUse(name="ecog", rule="performance_status", visit="start"),
    ]
    bound = [bind_endpoint(use, [visit]) for use in uses]
    rows = derive_outcomes(given(stage="IV", ecog=2), bound)
    assert rows.select("endpoint", "label", "value").rows() == [
        ("ipi", "low-intermediate", 2),
        ("stage", "IV", 4),
        ("ecog", "2", 2),
    ]
