import polars as pl
import pytest

from stromal.analyses.groups import count_left_out, read_levels, split_outcomes
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


def test_an_arm_of_virtual_patients_alone_is_in_no_number_of_all_together():
    arms = {"msc": {"label": "MSC"}, "control": {"label": "Control", "simulated_only": True}}
    asked = example.protocol(arms=arms)
    people = example.patients(arm=["msc", "control", "msc", "control"])
    setting = Setting(asked, people, example.outcomes())
    assert members(setting, "response", None) == {None: ["1", "3"]}
    assert members(setting, "response", "stage")["early"] == ["1", "3"]
    assert members(setting, "response", "stage")["late"] == []
    by_arm = {None: ["1", "3"], "msc": ["1", "3"], "control": ["2", "4"]}
    assert members(setting, "response", "arm") == by_arm


def test_groups_carry_what_makes_them():
    setting = Setting(example.protocol(), example.patients(), example.outcomes())
    whole, late, _ = split_outcomes(setting, "response", "stage")
    assert whole.key == {"by": None, "group": None}
    assert late.key == {"by": "stage", "group": "late"}


# Groups by an endpoint, and a landmark ------------------------------------------------------------


def landmark_setting(**grouping):
    """Relapse on days 10 (event), 20 (competing), 30 (event), 40 (censored); response by then."""
    known = example.outcomes().filter(pl.col("endpoint") == "response")
    known = known.with_columns(endpoint=pl.lit("response_by_day_20"))
    asked = example.protocol(groupings=[{"name": "g", "of": "response", **grouping}])
    outcomes = pl.concat([example.outcomes(), known])
    return Setting(asked, example.patients(), outcomes, {"response": example.RESPONSE})


def members(setting, endpoint, by):
    groups = split_outcomes(setting, endpoint, by)
    return {group.name: group.outcomes["subject"].to_list() for group in groups}


def test_an_endpoint_makes_groups_in_the_order_of_its_labels():
    found = members(landmark_setting(), "relapse", "response")
    assert found == {None: ["1", "2", "3", "4"], "CR": ["1", "4"], "R": ["2"]}


def test_labels_are_put_together_in_the_order_of_the_protocol():
    setting = landmark_setting(combine={"less": ["R", "NR"], "complete": ["CR"]})
    found = members(setting, "relapse", "g")
    assert found == {None: ["1", "2", "3", "4"], "less": ["2"], "complete": ["1", "4"]}


def test_whose_label_is_in_no_group_has_no_level():
    setting = landmark_setting(combine={"less": ["R", "NR"]})
    assert read_levels(setting, "g")["group"].to_list() == [None, "less", None, None]


def test_a_landmark_begins_the_comparison_and_drops_who_did_not_reach_it():
    whole, *groups = split_outcomes(landmark_setting(landmark=20.0), "relapse", "g")
    assert whole.outcomes["subject"].to_list() == ["4"]
    assert whole.outcomes["entry_day"].to_list() == [20.0]
    assert [(group.name, group.outcomes.height) for group in groups] == [("CR", 1)]


def test_who_is_dropped_at_a_landmark_is_counted_with_the_reason():
    rows = list(count_left_out(landmark_setting(landmark=20.0), "relapse", "g"))
    assert [(row["label"], row["value"], row["n"]) for row in rows] == [
        ("group not known on day 20", 1.0, 4),
        ("had the event, or a competing one, by day 20", 2.0, 4),
    ]


def test_without_a_landmark_nobody_is_left_out():
    assert list(count_left_out(landmark_setting(), "relapse", "g")) == []


def test_an_outcome_without_a_time_needs_follow_up_to_the_landmark():
    setting = landmark_setting(landmark=20.0)
    people = example.patients(last_day=[19.0, 20.0, 90.0, 90.0])
    setting = Setting(setting.protocol, people, setting.outcomes, setting.labels)
    (_, short) = count_left_out(setting, "platelets", "g")
    assert (short["label"], short["value"]) == ("not followed beyond day 20", 1.0)
