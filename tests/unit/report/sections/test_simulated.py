import dataclasses

import polars as pl
from tests.shared import ROOT

from stromal.protocol.read import read_protocol
from stromal.report.blocks import Items, Prose
from stromal.report.content import Content
from stromal.report.figures.figure import Figure
from stromal.report.sections.simulated import section
from stromal.report.simulation import ShownSimulation
from stromal.tables.predictions import PREDICTIONS

ROW = {
    "analysis": "response",
    "statistic": "proportion",
    "label": "CR",
    "unit": "1",
    "value": 0.5,
    "replicates": 9,
}
SHOWN = ShownSimulation(
    PREDICTIONS.conform(pl.DataFrame([ROW])),
    model="physiology, itp",
    version="abc",
    replicates=9,
    patients=13,
    failures={"a step too small": 2},
    assumed=("doses are assumed",),
    unknown=("potency has no scale",),
)


def content_of(shown):
    return Content(read_protocol(ROOT / "studies" / "itp-dose"), (), simulation=shown)


def words(found):
    spans = [span for block in found.walk() if isinstance(block, Prose) for span in block.spans]
    return " ".join(str(getattr(span, "text", span)) for span in spans)


def test_without_a_simulation_there_is_no_section():
    assert section(content_of(ShownSimulation())) is None


def test_the_section_says_what_it_is_and_is_not():
    text = words(section(content_of(SHOWN)))
    assert "Research software, not for treating patients" in text
    assert "9 trials of 13 patients" in text
    assert "physiology, itp (version abc)" in text
    assert "2 patients of 117 give no number (2: a step too small)" in text


def test_what_was_assumed_and_what_cannot_be_known_open_from_lines_of_their_own():
    (rests,) = section(content_of(SHOWN)).children
    assert [fold.summary for fold in rests.blocks] == [
        "What was assumed (1)",
        "What cannot be known from the data that exist (1)",
    ]
    assert rests.blocks[0].blocks == (Items(("Doses are assumed.",)),)


def test_figures_stand_side_by_side_behind_one_line():
    figure = Figure("simulated-x", "<svg></svg>", "X", "What.", pl.DataFrame())
    found = section(content_of(dataclasses.replace(SHOWN, figures=(figure, figure))))
    (fold,) = found.children[0].blocks
    assert fold.summary == "2 figures of simulated patients"
    assert [picture.figure for picture in fold.blocks[0].pictures] == [figure, figure]


def test_nobody_who_failed_is_no_sentence():
    text = words(section(content_of(dataclasses.replace(SHOWN, failures={}))))
    assert "no number" not in text
