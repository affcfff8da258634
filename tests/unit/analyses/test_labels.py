from stromal.analyses.labels import colour_names, find_label, order_names
from stromal.endpoints.endpoint import Label
from stromal.report.figures.palette import TONES

LABELS = (
    Label("PD", "progressive disease", rank=2, tone="worst"),
    Label("CR", "a complete response", rank=0, tone="best"),
    Label("NE", "not evaluable", rank=1),
)


def test_names_run_from_the_best_to_the_worst():
    assert order_names(["PD", "x", "CR", "CR"], LABELS) == ["CR", "PD", "x"]


def test_labels_with_a_tone_have_its_colour_best_first():
    assert colour_names(LABELS) == {"CR": TONES["best"], "PD": TONES["worst"]}


def test_an_undeclared_label_speaks_for_itself():
    assert find_label("CR", LABELS) is LABELS[1]
    assert find_label("very_deep", LABELS).words == "very deep"
