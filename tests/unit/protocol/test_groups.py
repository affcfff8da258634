import pytest
from tests.unit.analyses import example

from stromal.protocol.groups import list_levels, list_real_arms, list_virtual_arms, main_grouping


@pytest.mark.parametrize(
    ("by", "found", "levels"),
    [
        ("arm", ["control"], ("msc", "control")),
        ("stage", ["very late"], ("late", "early", "very late")),
        ("fever", ["no", "yes"], ("yes", "no")),
        ("fever", ["no"], ("no",)),
        ("sex", ["male", "female"], ("female", "male")),
        ("species", ["human"], ("human",)),
        ("undeclared", ["b", "a"], ("a", "b")),
    ],
)
def test_levels_are_as_declared_then_as_found(by, found, levels):
    assert list_levels(example.protocol(), by, found) == levels


def test_arms_of_virtual_patients_alone_are_there_where_somebody_is():
    apart = {"label": "Control", "simulated_only": True}
    protocol = example.protocol(arms={"msc": {"label": "MSC"}, "control": apart})
    assert (list_real_arms(protocol), list_virtual_arms(protocol)) == (("msc",), ("control",))
    assert list_levels(protocol, "arm", ["msc"]) == ("msc",)
    assert list_levels(protocol, "arm", ["control"]) == ("msc", "control")


def test_the_main_grouping_is_the_arm_where_there_are_several():
    assert main_grouping(example.protocol()) == "arm"
    grouped = {"estimate": "median", "endpoint": "platelets", "by": "stage"}
    one_arm = example.protocol(grouped, arms={"msc": {"label": "MSC"}})
    assert main_grouping(one_arm) == "stage"
