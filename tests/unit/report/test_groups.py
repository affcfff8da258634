import dataclasses

import polars as pl

from stromal.protocol.protocol import EndpointUse
from stromal.report.groups import (
    label_analysis,
    label_cohort,
    label_day_zero,
    label_endpoint,
    label_group,
    list_groups,
)
from stromal.tables.patients import Patients


def test_every_arm_is_a_group_also_the_empty_one(content):
    groups = list_groups(content.protocol, content.cohorts[0].patients, "arm")
    assert [(group.name, group.n) for group in groups] == [("msc", 2), ("none", 1), ("empty", 0)]


def test_patients_without_a_level_come_last(content):
    groups = list_groups(content.protocol, content.cohorts[0].patients, "risk")
    assert [(group.label, group.n) for group in groups] == [
        ("low", 1), ("high", 1), ("Not stated", 1),
    ]  # fmt: skip


def test_an_undeclared_level_is_a_group_too(content):
    subjects = pl.DataFrame({"subject": ["1"], "arm": ["msc"], "risk": ["unheard of"]})
    groups = list_groups(content.protocol, Patients.of(subjects=subjects), "risk")
    assert [group.label for group in groups] == ["low", "high", "unheard of"]


def test_without_grouping_there_is_one_group(content):
    assert [g.n for g in list_groups(content.protocol, content.cohorts[0].patients, None)] == [3]


def test_names_in_words(content):
    protocol = content.protocol
    assert label_group(protocol, None) == "All patients"
    assert label_group(protocol, "msc") == "MSC 2\u00a0×\u00a010⁶/kg"
    assert label_endpoint(protocol, "grade") == "Grade (MAGIC)"
    assert label_analysis(protocol, "relapse") == "Relapse"
    assert label_day_zero(protocol) == "the first MSC dose"


def test_a_level_with_the_name_of_an_arm_is_not_the_arm(content):
    assert label_group(content.protocol, "msc", "risk") == "msc"


def test_cohorts_are_named_by_origin_and_replicate(content):
    (cohort,) = content.cohorts
    assert label_cohort(cohort) == "Observed patients"
    simulated = dataclasses.replace(cohort, origin="simulated", replicate=3)
    assert label_cohort(simulated) == "Simulated patients, replicate 3"


def test_an_endpoint_without_a_label_has_the_title_of_its_rule(content):
    uses = (
        EndpointUse(name="os", rule="overall_survival"),
        EndpointUse(name="first_count", rule="lab_value"),
        EndpointUse(name="last_count", rule="lab_value"),
    )
    protocol = content.protocol.model_copy(update={"endpoints": uses})
    assert label_endpoint(protocol, "os") == "Overall survival"
    assert label_endpoint(protocol, "last_count") == "Last count"
