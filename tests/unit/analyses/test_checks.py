from stromal.analyses.checks import (
    check_days,
    check_known,
    check_label,
    check_reference,
    check_times,
)
from stromal.analyses.kinds.survival import SurvivalUse
from tests.unit.analyses import example


def test_a_near_name_is_suggested():
    (issue,) = check_known("scale", "bleedin", "scale", ["bleeding", "ice"])
    assert issue.hint == "did you mean `bleeding`?"
    assert list(check_known("scale", "ice", "scale", ["ice"])) == []


def test_labels_are_those_of_the_endpoint_where_it_has_any():
    (issue,) = check_label("response", "VGPR", "labels[0]", ("CR", "PR"))
    assert (issue.column, issue.hint) == ("labels[0]", "its labels are CR, PR")
    assert list(check_label("response", "VGPR", "labels[0]", ())) == []


def test_a_reference_is_a_group_and_needs_groups():
    protocol = example.protocol()
    (alone,) = check_reference("late", None, protocol)
    assert alone.hint == "name the groups with `by`"
    (unknown,) = check_reference("yes", "stage", protocol)
    assert unknown.hint == "known here: `early`, `late`"
    assert list(check_reference("", "stage", protocol)) == []


def test_times_have_days_and_a_reference():
    use = SurvivalUse(
        name="s", estimate="survival", endpoint="e", days=(9.0, 3.0), reference="late"
    )
    columns = [issue.column for issue in check_times(use, example.protocol(), {})]
    assert columns == ["days[1]", "reference"]


def test_days_go_upwards():
    use = SurvivalUse(name="s", estimate="survival", endpoint="e", days=(9.0, 3.0))
    assert [issue.column for issue in check_days(use, example.protocol(), {})] == ["days[1]"]
