from tests.unit.report.conftest import curve

from stromal.report.figures.curves import frame_curves
from stromal.report.figures.survival import plot_survival, shorten, wrap_label


def test_groups_numbers_at_risk_and_the_test_are_written():
    svg = plot_survival(
        frame_curves([curve("a"), curve("b", n=5)]), name="x", title="Survival",
        labels={"a": "first"}, test="Log-rank P = 0.02",
    )  # fmt: skip
    for text in ("first (n = 3)", "b (n = 5)", "Number at risk", "Log-rank P = 0.02"):
        assert text in svg
    assert "first: 3 patients, 1 events, 50% at the end" in svg


def test_a_group_without_patients_is_still_listed():
    frame = frame_curves([curve("a"), curve("b", n=0)])
    assert "(n = 0)" in plot_survival(frame, name="x", title="x")


def test_long_labels_are_cut():
    assert shorten("short", 9) == "short"
    assert len(shorten("a name that goes on", 9)) <= 9
    assert wrap_label("a name that goes on and on and on", 12) == "a name that\ngoes on …"
