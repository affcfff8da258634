import pytest

from stromal.analyses.groups import split_outcomes
from stromal.analyses.kind import Setting
from tests.unit.analyses import example


def split(by, **columns):
    setting = Setting(example.protocol(), example.patients(**columns), example.outcomes())
    groups = split_outcomes(setting, "response", by)
    return {group.name: group.outcomes["subject"].to_list() for group in groups}


def test_without_a_grouping_there_are_all_patients():
    assert split(None) == {None: ["1", "2", "3", "4"]}


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("arm", [None, "msc", "control"]),
        ("stage", [None, "late", "early"]),
        ("fever", [None, "yes", "no"]),
    ],
)
def test_levels_are_in_the_order_of_the_protocol(by, names):
    assert list(split(by)) == names


def test_a_patient_without_a_level_is_in_all_only():
    assert split("stage") == {None: ["1", "2", "3", "4"], "late": ["2"], "early": ["1", "3"]}


def test_a_level_that_is_not_declared_follows():
    assert list(split("stage", stage=["early", "very late", "early", "early"])) == [
        None,
        "late",
        "early",
        "very late",
    ]


def test_groups_carry_what_makes_them():
    setting = Setting(example.protocol(), example.patients(), example.outcomes())
    whole, late, _ = split_outcomes(setting, "response", "stage")
    assert whole.key == {"by": None, "group": None}
    assert late.key == {"by": "stage", "group": "late"}
