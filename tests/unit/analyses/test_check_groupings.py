import pytest

from stromal.analyses.check_groupings import check_groupings
from tests.unit.analyses import example

KINDS = {"response": "response", "relapse": "time"}
LABELS = {"response": ("CR", "R", "NR")}


def issues(**grouping):
    protocol = example.protocol(groupings=[{"name": "g", "of": "response", **grouping}])
    return list(check_groupings(protocol, KINDS, LABELS))


@pytest.mark.parametrize(
    "grouping",
    [
        {},
        {"of": "stage", "combine": {"any": ["late", "early"]}},
        {"combine": {"good": ["CR", "R"], "poor": ["NR"]}, "landmark": 28.0},
    ],
)
def test_what_can_be_grouped_is_not_questioned(grouping):
    assert issues(**grouping) == []


@pytest.mark.parametrize(
    ("grouping", "column", "message"),
    [
        ({"of": "stge"}, "groupings[0].of", "`stge` is not known"),
        ({"of": "relapse"}, "groupings[0].of", "gives a time"),
        ({"name": "stage"}, "groupings[0].name", "name of something else"),
        ({"combine": {"a": ["XR"]}}, "groupings[0].combine.a", "never gives the label `XR`"),
        ({"combine": {"a": ["CR"], "b": ["CR"]}}, "groupings[0].combine.b", "in the groups"),
        ({"combine": {"a": []}}, "groupings[0].combine.a", "no labels"),
        ({"of": "stage", "combine": {"a": ["x"]}}, "groupings[0].combine.a", "label `x`"),
    ],
)
def test_a_fault_is_found_with_its_key(grouping, column, message):
    (issue,) = issues(**grouping)
    assert issue.column == column
    assert message in issue.message
    assert issue.hint


def test_a_number_makes_no_groups():
    protocol = example.protocol(
        covariates={"age": {"label": "age", "type": "number"}},
        groupings=[{"name": "g", "of": "age"}],
    )
    (issue,) = check_groupings(protocol, {}, {})
    assert "is a number" in issue.message


def test_a_label_of_another_endpoint_of_the_rule_may_stand_in_a_family():
    labels = {"response": ("CR", "R"), "relapse": ("CR", "PR")}
    protocol = example.protocol(
        groupings=[{"name": "g", "of": "response", "combine": {"good": ["CR", "PR"]}}]
    )
    assert list(check_groupings(protocol, KINDS, labels)) == []
