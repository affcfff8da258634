import polars as pl

from stromal.report.groups import (
    label_analysis,
    label_day_zero,
    label_endpoint,
    label_group,
    list_groups,
    main_grouping,
)
from stromal.tables.patients import Patients


def test_every_arm_is_a_group_also_the_empty_one(content):
    groups = list_groups(content.protocol, content.patients, "arm")
    assert [(group.name, group.n) for group in groups] == [("msc", 2), ("none", 1), ("empty", 0)]


def test_patients_without_a_level_come_last(content):
    groups = list_groups(content.protocol, content.patients, "risk")
    assert [(group.label, group.n) for group in groups] == [
        ("low", 1), ("high", 1), ("Not stated", 1),
    ]  # fmt: skip


def test_an_undeclared_level_is_a_group_too(content):
    subjects = pl.DataFrame({"subject": ["1"], "arm": ["msc"], "risk": ["unheard of"]})
    groups = list_groups(content.protocol, Patients.of(subjects=subjects), "risk")
    assert [group.label for group in groups] == ["low", "high", "unheard of"]


def test_without_grouping_there_is_one_group(content):
    assert [g.n for g in list_groups(content.protocol, content.patients, None)] == [3]


def test_names_in_words(content):
    protocol = content.protocol
    assert main_grouping(protocol) == "arm"
    assert label_group(protocol, "all") == "All patients"
    assert label_group(protocol, "msc") == "MSC 2\u00a0×\u00a010⁶/kg"
    assert label_endpoint(protocol, "grade") == "Grade (MAGIC)"
    assert label_analysis(protocol, "relapse") == "Relapse"
    assert label_day_zero(protocol) == "the first MSC dose"
