import pytest

from stromal.estimates.groups import split_outcomes
from tests.unit.estimates import example


def split(by, **columns):
    groups = split_outcomes(
        example.protocol(), example.patients(**columns), example.outcomes(), "response", by
    )
    return {group.name: group.outcomes["subject"].to_list() for group in groups}


def test_without_a_grouping_there_is_all():
    assert split(None) == {"all": ["1", "2", "3", "4"]}


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("arm", ["all", "msc", "control"]),
        ("stage", ["all", "late", "early"]),
        ("fever", ["all", "yes", "no"]),
    ],
)
def test_levels_are_in_the_order_of_the_protocol(by, names):
    assert list(split(by)) == names


def test_a_patient_without_a_level_is_in_all_only():
    assert split("stage") == {"all": ["1", "2", "3", "4"], "late": ["2"], "early": ["1", "3"]}


def test_a_level_that_is_not_declared_follows():
    assert list(split("stage", stage=["early", "very late", "early", "early"])) == [
        "all",
        "late",
        "early",
        "very late",
    ]


def test_origins_are_those_of_the_patients():
    patients = example.patients(origin=["observed", None, "simulated", "observed"])
    group = split_outcomes(example.protocol(), patients, example.outcomes(), "response", None)[0]
    assert group.origin == "observed and simulated"
