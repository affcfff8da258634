"""What is told of questions of the shipped studies, beside metafor and lme4."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.evidence.library.reader import read_library
from stromal.evidence.question.answer import answer_protocol
from stromal.protocol.read import read_protocol
from tests.reference.recorded import read_data, read_recorded
from tests.shared import ROOT

RECORDED = read_recorded("evidence_answers")
COUNTS = read_data("evidence_answers")
NAMES = ["events", "total", "reference_events", "reference_total"]


@pytest.fixture(scope="module")
def answers():
    library = read_library()
    found = {}
    for study in ("agvhd-children", "hsct-engraftment"):
        answered = answer_protocol(read_protocol(ROOT / "studies" / study), library)
        found |= {answer.question.name: answer for answer in answered.answers}
    return found


def recorded(case):
    rows = RECORDED.filter(case=case)
    assert rows.height, case
    return dict(zip(rows["quantity"], rows["value"], strict=True))


@pytest.mark.parametrize("question", COUNTS["question"].unique(maintain_order=True).to_list())
def test_the_studies_that_answer_are_those_that_were_pooled_again(answers, question):
    own = COUNTS.filter(question=question)
    rows = answers[question].rows.filter(pl.col("why").is_null())
    assert rows["study"].to_list() == own["study"].to_list()
    given = own.select("events", "n", "reference_events", "reference_n")
    assert rows.select(NAMES).rows() == given.rows()


@pytest.mark.parametrize(
    ("question", "case"),
    [
        ("chronic_gvhd", "chronic_gvhd knha"),
        ("acute_gvhd", "acute_gvhd z"),  # where Wald's interval is the wider
        ("relapse_with_and_without", "relapse_with_and_without knha"),
        ("chronic_gvhd_with_and_without", "chronic_gvhd_with_and_without"),
    ],
)
def test_what_is_told(answers, question, case):
    told, found = answers[question].pooled.told, recorded(case)
    for name in ("value", "low", "high"):
        assert getattr(told, name) == pytest.approx(found[name], rel=1e-6), name


@pytest.mark.parametrize("question", ["chronic_gvhd", "acute_gvhd", "relapse_with_and_without"])
def test_how_studies_differ(answers, question):
    pooled, found = answers[question].pooled.random, recorded(f"{question} knha")
    value, low, high = pooled.shown()
    names = ("value", "low", "high")
    assert (value, low, high) == pytest.approx([found[name] for name in names], rel=1e-6)
    differ = pooled.heterogeneity
    assert differ.tau2 == pytest.approx(found["tau2"], rel=1e-6, abs=1e-9)
    assert differ.i2 == pytest.approx(found["i2"], rel=1e-6, abs=1e-6)
    assert differ.low == pytest.approx(found["tau2 low"], rel=1e-4, abs=1e-6)


def test_full_cells_are_told_by_their_counts(answers):
    told, found = answers["complete_response"].pooled, recorded("complete_response")
    assert told.told.model == "counts"
    # lme4 integrates with 25 points and stops earlier
    assert told.told.value == pytest.approx(found["value"], rel=2e-3)
    assert told.binomial.tau2 == pytest.approx(found["tau2"], rel=2e-2)
