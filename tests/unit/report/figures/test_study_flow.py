import pytest
from tests.unit.report.figures.drawn import find_outside, find_overlaps, read_texts

from stromal.report.figures.study_flow import FlowStep, describe_flow, frame_flow, plot_flow

REASONS = (
    (
        "other indications than the treatment of steroid-refractory acute graft-versus-host",
        38,
    ),
    ("animals", 2),
)
STEPS = (
    FlowStep("In the record", 75, detail="359 numbers", reasons=REASONS),
    FlowStep("For the population of the protocol, as its table of evidence says it", 35),
    FlowStep("Pooled", 1, reasons=(("no count", 1),)),
)


@pytest.mark.parametrize("steps", [STEPS, STEPS[:1], STEPS[1:]])
def test_no_text_overlaps_another_or_leaves_the_picture(steps):
    svg = plot_flow(steps, name="x", title="x")
    assert find_overlaps(svg) == []
    assert find_outside(svg) == []


def test_counts_and_reasons_are_written():
    said = [text.what for text in read_texts(plot_flow(STEPS, name="x", title="x"))]
    for text in ("75 studies", "359 numbers", "38", "animals", "2", "1 study", "Left out"):
        assert text in said


def test_what_is_left_out_stands_with_its_reason():
    assert describe_flow(STEPS).endswith("Pooled: 1 study; left out: no count (1).")
    assert frame_flow(STEPS)["kind"].to_list() == [
        "kept", "left out", "left out", "kept", "kept", "left out"
    ]  # fmt: skip
    assert frame_flow(()).is_empty()


def test_other_things_than_studies_are_counted_by_their_name():
    step = FlowStep("Arms", 1, "arm", "arms")
    assert describe_flow((step,)) == "Arms: 1 arm."


def test_the_same_flow_gives_the_same_text():
    assert len({plot_flow(STEPS, name="x", title="x") for _ in range(2)}) == 1
