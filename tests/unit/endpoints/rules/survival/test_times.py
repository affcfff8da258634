"""Named times: rows of data that behave as rules."""

from __future__ import annotations

import csv
import json

import pytest
from pydantic import ValidationError
from tests.shared import shared_file
from tests.unit.endpoints.followed import followed, times
from tests.unit.endpoints.good import changed

from stromal.endpoints.bind import try_bind
from stromal.endpoints.derive import derive_outcomes
from stromal.endpoints.registry import ENDPOINTS
from stromal.endpoints.rules.survival.times import TimeRow, name_time, read_times
from stromal.protocol.protocol import Protocol


def derived(rule, patients, **parameters):
    endpoint = ENDPOINTS[rule]
    return endpoint.derive(patients, endpoint.read_parameters(parameters))


def test_each_row_is_a_rule_of_its_name():
    names = [endpoint.name for endpoint in read_times()]
    assert names == [
        "overall_survival",
        "progression_free_survival",
        "relapse",
        "non_relapse_mortality",
        "gvhd_free_relapse_free_survival",
        "acute_gvhd_grade_2_4",
        "acute_gvhd_grade_3_4",
    ]


def test_death_of_any_cause_ends_overall_survival_and_relapse_does_not():
    patients = followed(
        {"1": 50, "2": 400, "3": 300, "4": 20},
        [("1", 50, "death"), ("2", 90, "relapse"), ("3", None, "death"), ("4", 0, "death")],
    )
    rows = derived("overall_survival", patients)
    assert times(rows) == [(50, 1), (400, 0), (None, None), (0.5, 1)]
    assert rows["label"].to_list() == ["death", "censored", None, "death"]
    closed = derived("overall_survival", patients, until_day=30)
    assert times(closed) == [(30, 0), (30, 0), (None, None), (0.5, 1)]


PROGRESSED = followed(
    {"1": 200, "2": 200, "3": 200, "4": 200},
    [("1", 200, "death"), ("1", 110, "relapse"), ("2", 90, "progression"), ("3", 150, "death")],
)


def test_relapse_progression_and_death_end_progression_free_survival():
    rows = derived("progression_free_survival", PROGRESSED)
    assert times(rows) == [(110, 1), (90, 1), (150, 1), (200, 0)]
    assert rows["reason"].to_list()[:3] == [
        "relapse on day 110",
        "progression on day 90",
        "death on day 150",
    ]


def test_a_protocol_can_say_which_events_count():
    rows = derived("progression_free_survival", PROGRESSED, events=("relapse", "death"))
    assert times(rows)[1] == (200, 0)
    rows = derived("non_relapse_mortality", PROGRESSED, competing=("relapse",))
    assert times(rows)[1] == (200, 0)


@pytest.mark.parametrize(
    "parameters",
    [
        {"events": ()},
        {"events": ("death",), "competing": ("death",)},
        {"events": ("death",), "censor_events": ("death",)},
        {"competing": ("relapse",), "censor_events": ("relapse",)},
        {"relapse": ("relapse",)},
    ],
)
def test_parameters_that_do_not_fit_are_refused(parameters):
    with pytest.raises(ValidationError):
        ENDPOINTS["overall_survival"].read_parameters(parameters)


def test_relapse_and_death_without_it_compete():
    patients = followed(
        {"1": 50, "2": 80, "3": 365, "4": 80},
        [
            ("1", 50, "death"),
            ("2", 60, "relapse"),
            ("2", 80, "death"),
            ("4", 80, "death"),
            ("4", 80, "relapse"),
        ],
    )
    relapse = derived("relapse", patients)
    assert times(relapse) == [(50, 2), (60, 1), (365, 0), (80, 1)]
    assert relapse["label"].to_list()[:2] == ["death without relapse", "relapse"]
    mortality = derived("non_relapse_mortality", patients)
    assert times(mortality) == [(50, 1), (60, 2), (365, 0), (80, 2)]
    assert mortality["reason"][2] == (
        "no death without relapse or relapse by the last day under observation, day 365"
    )


def test_the_transplants_of_klein_and_moeschberger():
    with shared_file("data", "transplant", "KMsurv_bmt.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    relapses = [
        (str(i), float(row["t2"]), "relapse") for i, row in enumerate(rows) if row["d2"] == "1"
    ]
    deaths = [(str(i), float(row["t1"]), "death") for i, row in enumerate(rows) if row["d1"] == "1"]
    last = {str(i): float(row["t1"]) for i, row in enumerate(rows)}
    patients = followed(last, relapses + deaths)
    relapse, mortality = (derived(rule, patients) for rule in ("relapse", "non_relapse_mortality"))
    assert relapse.height == 137
    assert relapse["status"].to_list().count(1) == 42
    assert mortality["status"].to_list().count(1) == 41
    free = [(float(row["t2"]), row["d3"] == "1") for row in rows]
    found = [(day, status != 0) for day, status in times(relapse)]
    # One patient (row 38) died on day 350 but is disease-free only until day 332 in the source.
    assert [
        i + 1 for i, pair in enumerate(zip(free, found, strict=True)) if len(set(pair)) > 1
    ] == [38]


GRFS = "gvhd_free_relapse_free_survival"


@pytest.mark.parametrize("event", ENDPOINTS[GRFS].read_parameters({}).events)
def test_each_component_ends_freedom_from_gvhd_and_relapse(event):
    assert times(derived(GRFS, followed({"1": 300}, [("1", 70, event)]))) == [(70, 1)]


@pytest.mark.parametrize("event", ["acute_gvhd", "chronic_gvhd", "graft_failure"])
def test_lesser_gvhd_does_not(event):
    assert times(derived(GRFS, followed({"1": 300}, [("1", 70, event)]))) == [(300, 0)]


def test_one_year_by_default_and_longer_when_asked():
    patients = followed({"1": 700}, [("1", 400, "relapse")])
    assert times(derived(GRFS, patients)) == [(365, 0)]
    assert times(derived(GRFS, patients, until_day=730)) == [(400, 1)]


TREATMENT_FREE = """
{
  "name": "treatment_free_survival",
  "title": "Treatment-free survival",
  "meaning": "Time to the next treatment line or death, whichever is first.",
  "criteria": "time_to_event",
  "events": ["next_therapy", "death"],
  "event_label": "next treatment or death"
}
"""


def test_a_colleague_adds_treatment_free_survival_without_python():
    rule = name_time(TimeRow.model_validate(json.loads(TREATMENT_FREE)))

    def asked(data):
        data["endpoints"].append({"name": "free", "rule": rule.name})

    protocol: Protocol = changed(asked)
    bound, issues = try_bind(protocol, {**ENDPOINTS, rule.name: rule})
    assert issues == ()
    patients = followed(
        {"1": 90, "2": 90, "3": 90}, [("1", 40, "next_therapy"), ("2", 80, "death")]
    )
    outcomes = derive_outcomes(patients, [item for item in bound if item.name == "free"])
    assert times(outcomes) == [(40, 1), (80, 1), (90, 0)]
    assert outcomes["label"].to_list() == ["next treatment or death"] * 2 + ["censored"]


def test_a_row_with_a_key_that_nobody_reads_is_refused():
    with pytest.raises(ValidationError):
        TimeRow.model_validate({**json.loads(TREATMENT_FREE), "untill": 90})
