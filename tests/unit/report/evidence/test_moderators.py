import dataclasses

import numpy as np
import pytest

from stromal.evidence.library.reader import read_library
from stromal.evidence.pool.effects import Effects
from stromal.evidence.pool.inverse_variance import regress_effects
from stromal.evidence.question.answer import answer_question
from stromal.evidence.question.sensitivity import Moderated
from stromal.protocol.evidence import Evidence
from stromal.report.evidence.moderators import (
    describe_sensitivity,
    list_moderators,
    render_moderators,
)
from stromal.report.figures.forest import Forest

SHARE = Forest("Share", ())
EFFECTS = Effects(np.array([0.0, 0.4, 1.1, 1.4]), np.full(4, 0.1), "log odds", "logit")
FIT = regress_effects(EFFECTS, np.array([[1.0], [2.0], [3.0], [4.0]]), ["umbilical_cord"])


def test_a_line_is_a_coefficient_with_its_interval():
    (line,) = list_moderators([Moderated("source", FIT)])
    assert (line.value, line.low) == pytest.approx((FIT.values[1], FIT.low[1]))
    view = render_moderators([line], SHARE)
    said = [cell.text for cell in view.rows[0]]
    assert said[0] == "Source of the cells: umbilical cord"
    assert said[4] == "4"
    assert "Change of the log odds" in [heading.text for heading in view.headings]
    assert "not patients" in view.note


def test_what_is_not_estimable_says_why_and_nothing_estimable_is_no_table():
    lines = list_moderators([Moderated("dose", None, "few"), Moderated("year", FIT)])
    said = [cell.text for cell in render_moderators(lines, SHARE).rows[0]]
    assert said[0] == "Dose"
    assert said[-1] == "not estimable: few"
    assert not render_moderators(lines[:1], SHARE)
    assert not render_moderators((), SHARE)


def test_sensitivity_is_said_in_sentences():
    table = {
        "population": {"indications": ("acute_gvhd_treatment",)},
        "questions": ({"name": "cr", "outcomes": ("complete_response",)},),
    }
    evidence = Evidence.model_validate(table)
    answer = answer_question(read_library(), evidence, evidence.questions[0])
    labels = {study: f"<{study}>" for study in answer.rows["study"]}
    said = describe_sensitivity(answer, SHARE, labels)
    assert len(said) == 3
    assert said[0].startswith("Without the numbers that bear a note: ")
    assert "(without <" in said[1]
    assert said[2].startswith("Bayesian random effects predict")
    assert "in a new study, as much as" in said[2]
    bare = dataclasses.replace(answer, sensitivity=type(answer.sensitivity)(None), predictive=None)
    assert describe_sensitivity(bare, SHARE, labels) == ()
