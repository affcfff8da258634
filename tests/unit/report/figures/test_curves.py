from tests.unit.report.conftest import curve

from stromal.report.figures.curves import frame_curves, name_group, split_steps


def test_curves_come_back_in_order_with_their_steps():
    curves = [curve("b", "relapse"), curve("a", "relapse"), curve("a", "death")]
    found = split_steps(frame_curves(curves))
    assert [(steps.group, steps.label) for steps in found] == [
        ("b", "relapse"), ("a", "relapse"), ("a", "death"),
    ]  # fmt: skip
    assert found[0].table["at_risk"].to_list() == [3, 3, 1]
    assert found[0].last_day == 90


def test_a_curve_without_patients_keeps_its_row():
    frame = frame_curves([curve("a", n=0)])
    assert frame.select("group", "n", "day").rows() == [("a", 0, None)]
    (steps,) = split_steps(frame)
    assert steps.table.is_empty()
    assert steps.last_day == 0


def test_no_curves_give_an_empty_frame():
    assert split_steps(frame_curves([])) == ()


def test_a_group_without_a_name_is_all_patients():
    assert name_group(None, {"msc": "MSC"}) == "All patients"
    assert name_group("x", {}) == "x"
