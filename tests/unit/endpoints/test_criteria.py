"""Criteria files: names, sources and marks, and the printed tables, typed again by hand."""

import json
import re
from importlib.resources import files

import pytest
from pydantic import ValidationError

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.sources import find_source

NAMES = sorted(
    path.name.removesuffix(".json")
    for path in files("stromal.endpoints").joinpath("criteria").iterdir()
    if path.name.endswith(".json")
)
MARKS = ("seen", "seen in a secondary source", "not checked against the paper", "choice")


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_named_for_its_criteria_and_cites_known_sources(name):
    criteria = read_criteria(name)
    assert criteria.name == name
    assert all(find_source(key).id == key for key in criteria.sources)
    assert criteria.provenance


@pytest.mark.parametrize("name", NAMES)
def test_each_part_of_a_provenance_begins_with_its_mark_and_no_mark_comes_twice(name):
    marks = [part.partition(": ")[0] for part in read_criteria(name).provenance.split("; ")]
    assert set(marks) <= set(MARKS)
    assert marks == sorted(set(marks), key=MARKS.index)


@pytest.mark.parametrize("name", NAMES)
def test_choices_are_told_once_as_parts_of_a_list(name):
    choices = read_criteria(name).choices
    assert len(set(choices)) == len(choices)
    assert not [choice for choice in choices if choice != choice.strip(" .")]


@pytest.mark.parametrize("name", NAMES)
def test_a_paper_named_with_its_year_in_a_provenance_is_among_the_sources(name):
    criteria = read_criteria(name)
    cited = {find_source(key).short for key in criteria.sources}
    named = set(re.findall(r"\b[A-Z][a-zö]+ (?:19|20)\d\d\b", criteria.provenance))
    # the month of a snapshot and the handbook's year are no authors
    named = {each for each in named if each.split()[0] not in {"July", "Handbook"}}
    assert named <= cited


def test_criteria_without_a_source_must_be_a_choice():
    given = {"name": "x", "title": "x", "version": "1", "sources": [], "rules": {}}
    assert Criteria.model_validate({**given, "provenance": "choice: none printed"}).sources == ()
    with pytest.raises(ValidationError):
        Criteria.model_validate({**given, "provenance": "seen"})


def test_an_unknown_key_is_refused():
    text = files("stromal.endpoints").joinpath("criteria/magic_2016.json").read_text("utf-8")
    with pytest.raises(ValidationError):
        Criteria.model_validate({**json.loads(text), "threshold": 3})


# What the sources print -------------------------------------------------------------------------

# Upper edges of grades 2 to 4 as CTCAE prints them, in the unit it prints; grade 1 begins below the
# lower limit of normal unless it has an edge of its own.
CTCAE = {
    ("ctcae_v5", "Anemia", "g/L"): {2: 100, 3: 80},
    ("ctcae_v5", "Anemia", "g/dL"): {2: 10.0, 3: 8.0},
    ("ctcae_v5", "Anemia", "mmol/L"): {2: 6.2, 3: 4.9},
    ("ctcae_v5", "Platelet count decreased", "10^9/L"): {2: 75, 3: 50, 4: 25},
    ("ctcae_v5", "Neutrophil count decreased", "10^9/L"): {2: 1.5, 3: 1.0, 4: 0.5},
    ("ctcae_v5", "Lymphocyte count decreased", "10^9/L"): {2: 0.8, 3: 0.5, 4: 0.2},
    ("ctcae_v5", "White blood cell decreased", "10^9/L"): {2: 3.0, 3: 2.0, 4: 1.0},
    ("ctcae_v6", "Anemia", "g/L"): {2: 100, 3: 80},
    ("ctcae_v6", "Anemia", "g/dL"): {2: 10.0, 3: 8.0},
    ("ctcae_v6", "Anemia", "mmol/L"): {2: 6.2, 3: 4.9},
    ("ctcae_v6", "Thrombocytopenia", "10^9/L"): {2: 75, 3: 50, 4: 10},
    ("ctcae_v6", "Neutrophil count decreased", "10^9/L"): {1: 1.5, 2: 1.0, 3: 0.5, 4: 0.1},
    ("ctcae_v6", "White blood cell decreased", "10^9/L"): {2: 3.0, 3: 2.0, 4: 1.0},
}


@pytest.mark.parametrize("version", ["ctcae_v5", "ctcae_v6"])
def test_ctcae_prints_these_cuts_and_no_others(version):
    found = {
        (version, rule["term"], unit): {int(grade): cut for grade, cut in cuts.items()}
        for rule in read_criteria(version).rules["lineages"].values()
        for unit, cuts in rule["below"].items()
    }
    assert found == {key: cuts for key, cuts in CTCAE.items() if key[0] == version}


@pytest.mark.parametrize(
    ("version", "without_limit", "transfused"),
    [("ctcae_v5", set(), {"Anemia"}), ("ctcae_v6", {"Neutrophil count decreased"}, None)],
)
def test_ctcae_needs_a_lower_limit_and_grades_transfusions_where_printed(
    version, without_limit, transfused
):
    rules = read_criteria(version).rules["lineages"].values()
    assert {rule["term"] for rule in rules if "below_lower_limit" not in rule} == without_limit
    indicated = {
        rule["term"]: rule["transfusion"]["grade"] for rule in rules if "transfusion" in rule
    }
    assert set(indicated) == (transfused or {"Anemia", "Thrombocytopenia"})
    assert set(indicated.values()) == {3}


# The lowest stage of each organ that is enough for a grade, as the three tables print it.
GRADES = {
    "magic_2016": {
        "IV": {"skin": 4, "liver": 4, "gut": 4, "lower_gi": 4},
        "III": {"liver": 2, "gut": 2, "lower_gi": 2},
        "II": {"skin": 3, "liver": 1, "gut": 1, "lower_gi": 1, "upper_gi": 1},
        "I": {"skin": 1},
    },
    "glucksberg_1994": {
        "IV": {"skin": 4, "liver": 4},
        "III": {"liver": 2, "gut": 2, "lower_gi": 2},
        "II": {"skin": 3, "liver": 1, "gut": 1, "lower_gi": 1, "upper_gi": 1},
        "I": {"skin": 1},
    },
    "ibmtr_1997": {
        "D": {"skin": 4, "liver": 4, "gut": 4, "lower_gi": 4},
        "C": {"skin": 3, "liver": 3, "gut": 3, "lower_gi": 3},
        "B": {"skin": 2, "liver": 1, "gut": 1, "lower_gi": 1, "upper_gi": 1},
        "A": {"skin": 1},
    },
}


@pytest.mark.parametrize("name", GRADES)
def test_overall_grades_of_acute_gvhd(name):
    grades = read_criteria(name).rules["grades"]
    assert {grade["label"]: grade["any_of"] for grade in grades} == GRADES[name]
    assert [grade["value"] for grade in grades] == [4, 3, 2, 1]  # evaluated from the highest down
    extreme = {grade["label"] for grade in grades if grade.get("extreme_decrease")}
    assert extreme == ({"IV"} if name == "glucksberg_1994" else set())


# Stage, and the value from which it is reached (`>=`) or above which it begins (`>`).
MAGIC = {
    "skin_bsa": "1 > 0, 2 >= 25, 3 > 50",
    "mg/dL": "1 >= 2, 2 > 3, 3 > 6, 4 > 15",
    "umol/L": "1 >= 34, 2 >= 51, 3 >= 103, 4 > 255",
    "adult ml_per_day": "1 >= 500, 2 >= 1000, 3 > 1500",
    "adult episodes_per_day": "1 >= 3, 2 >= 5, 3 > 7",
    "child ml_per_kg_per_day": "1 >= 10, 2 >= 20, 3 > 30",
    "child episodes_per_day": "1 >= 4, 2 >= 7, 3 > 10",
}


def test_stages_of_magic():
    stages = read_criteria("magic_2016").rules["stages"]
    lower = stages["lower_gi"]
    printed = {"skin_bsa": stages["skin"]["skin_bsa"], **stages["liver"]}
    for body in ("adult", "child"):
        printed |= {f"{body} {name}": cuts for name, cuts in lower[body].items()}
    as_text = {
        name: ", ".join(
            f"{cut['stage']} >= {cut['from']}"
            if "from" in cut
            else f"{cut['stage']} > {cut['above']}"
            for cut in cuts
        )
        for name, cuts in printed.items()
    }
    assert as_text == MAGIC
    assert lower["adult_above_kg"] == 50
    assert (lower["signs"]["stage"], stages["upper_gi"]["signs"]["stage"]) == (4, 1)


def test_skin_stage_4_of_magic_needs_erythroderma_over_half_of_the_body():
    signs = read_criteria("magic_2016").rules["stages"]["skin"]["signs"]
    assert signs["stage"] == 4
    assert signs["needs"] == {"skin_bsa": {"above": 50}}


def test_recovery_of_the_registry():
    rules = read_criteria("engraftment_cibmtr").rules
    assert rules["values"] == 3
    neutrophils, platelets = rules["neutrophils"], rules["platelets"]
    assert (neutrophils["cut"], neutrophils["unit"]) == (0.5, "10^9/L")
    assert neutrophils["counted_from"] == "nadir"
    assert (platelets["cut"], platelets["other_cut"], platelets["unit"]) == (20, 50, "10^9/L")
    assert platelets["transfusion_free_days"] == 7


def test_limits_of_primary_graft_failure():
    limits = read_criteria("graft_failure_astct_2021").rules["limit_day"]
    assert limits == {"peripheral blood": 30, "bone marrow": 30, "cord blood": 42}


def test_response_of_immune_thrombocytopenia():
    rules = read_criteria("iwg_2009").rules
    printed = {"complete_response_count": 100, "response_count": 30, "response_ratio": 2}
    assert printed.items() <= rules.items()
    assert rules["confirmation_days"] == 7


def test_patterns_of_cytopenia_and_their_day():
    rules = read_criteria("cytopenia_pattern_xia_2024").rules
    assert (rules["min_duration"], rules["late_day"]) == (28, 28)


TIMES = {row["name"]: row for row in read_criteria("times").rules["times"]}


def test_events_of_gvhd_free_relapse_free_survival():
    rules = TIMES["gvhd_free_relapse_free_survival"]
    printed = {"acute_gvhd_grade_3_4", "chronic_gvhd_systemic_treatment", "relapse", "death"}
    assert set(rules["events"]) - printed == {"progression"}
    assert printed <= set(rules["events"])
    assert rules["until_day"] == 365


def test_responses_of_acute_gvhd_and_who_responds():
    rules = read_criteria("acute_gvhd_response").rules
    table = {
        row["label"]: (row["improved"], row["worsened"], row["responder"])
        for row in rules["labels"]
        if row["label"] != "CR"
    }
    assert table == {
        "PR": (True, False, True),
        "MR": (True, True, False),
        "SD": (False, False, False),
        "PD": (False, True, False),
    }
    complete = rules["labels"][0]
    assert (complete["label"], complete["resolved"], complete["responder"]) == ("CR", True, True)
    assert rules["part_of"] == {"VGPR": "PR"}


def test_times_start_where_nobody_leaves_before_being_at_risk():
    rules = read_criteria("time_to_event").rules
    assert rules["earliest_day"] == 0.5
    assert rules["last_on_a_day"] == "death"
    assert rules["death"] == ["death"]


def test_relapse_and_non_relapse_mortality_mirror_each_other():
    relapse, mortality = TIMES["relapse"], TIMES["non_relapse_mortality"]
    assert relapse["events"] == mortality["competing"] == ["relapse", "progression"]
    assert relapse["competing"] == mortality["events"] == ["death"]
    assert set(TIMES["progression_free_survival"]["events"]) == {"relapse", "progression", "death"}


@pytest.mark.parametrize("name", TIMES)
def test_the_criteria_of_a_named_time_exist(name):
    assert read_criteria(TIMES[name]["criteria"]).sources
