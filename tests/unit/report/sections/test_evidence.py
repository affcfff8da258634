import dataclasses

import polars as pl
import pytest

from stromal.report.blocks import Fact, Picture
from stromal.report.evidence.shown import (
    Answered,
    ChangedNumber,
    Contradiction,
    LeftOut,
    ShownEvidence,
    Synthesis,
)
from stromal.report.figures.bubbles import Bubble, Bubbles
from stromal.report.figures.evidence_map import EvidenceMap, MapCell
from stromal.report.figures.forest import Forest, ForestPool, ForestRow
from stromal.report.figures.funnel import Funnel, FunnelPoint
from stromal.report.figures.study_flow import FlowStep
from stromal.report.report import list_sections, render_report
from stromal.report.sections.evidence import list_parts, section

BAD = '<script>alert("x")</script>'
ROWS = tuple(ForestRow(f"{BAD} 200{k}", (), 0.5, 0.4, 0.6, 1.0) for k in range(3))
POINTS = tuple(FunnelPoint(f"S{k}", 0.1 * k, 0.1 + 0.1 * k) for k in range(3))
DOSES = tuple(Bubble(f"S{k}", 1e6 * (k + 1), 0.1 * k, 2.0, BAD) for k in range(3))
WHOLE = ShownEvidence(
    question=(Fact("Population", f"children {BAD}"),),
    flow=(FlowStep(BAD, 75, reasons=((BAD, 2),)), FlowStep("Pooled", 3)),
    answers=(
        Answered(
            "overall_response", f"Response {BAD}",
            Forest(BAD, ROWS, (ForestPool(BAD, 0.5, 0.45, 0.55, prediction=(0.3, 0.7)),)), 3, 99,
            funnel=Funnel(BAD, POINTS, 0.1, p=0.5), bubbles=Bubbles(BAD, DOSES), method=BAD,
            sources=("knapp2003",), read_in=("lin2023",), left_out=(LeftOut(BAD, BAD, BAD),),
            notes=(BAD,),
        ),
    ),
    maps=(EvidenceMap("Source", "Indication", (MapCell(BAD, BAD, 1, 9),)),),
    contradictions=(Contradiction("C01", BAD, BAD, BAD, "GRIM test", found=True),),
    changed=(ChangedNumber("E1", BAD, BAD, BAD, BAD, BAD, BAD, ("lin2023",)),),
    syntheses=(Synthesis(BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, ("lin2023",)),),
)  # fmt: skip


def test_nothing_to_say_gives_no_section(content):
    assert section(content) is None
    assert list_parts(ShownEvidence()) == ()


@pytest.mark.parametrize(
    ("name", "anchor"),
    [
        ("question", "evidence-question"), ("flow", "evidence-question"),
        ("answers", "evidence-findings"), ("maps", "evidence-maps"),
        ("contradictions", "evidence-contradictions"), ("changed", "evidence-contradictions"),
        ("syntheses", "evidence-syntheses"),
    ],
)  # fmt: skip
def test_each_part_stands_alone(name, anchor):
    alone = ShownEvidence(**{name: getattr(WHOLE, name)})
    assert list_parts(alone)[0].id == anchor


def test_the_page_escapes_what_it_is_given_and_numbers_its_figures(content):
    shown = dataclasses.replace(content, evidence=WHOLE)
    page = render_report(shown)
    assert "<script" not in page
    part = next(part for part in list_sections(shown) if part.id == "evidence")
    pictures = [block.figure for block in part.walk() if isinstance(block, Picture)]
    assert len({figure.name for figure in pictures}) == len(pictures) == 5
    for figure in pictures:
        assert figure.title
        assert figure.caption
        assert figure.frame.height
    assert page == render_report(shown)


def test_published_numbers_stand_beside_those_of_the_patients(content):
    observed = content.cohorts[0].estimates
    row = observed.filter(pl.col("group").is_null() & (pl.col("statistic") == "proportion")).head(1)
    if row.is_empty():
        row = observed.filter(pl.col("statistic") == "proportion").head(1)
        row = row.with_columns(pl.lit(None, pl.String).alias("group"))
        observed = pl.concat([observed, row])
    published = row.with_columns(pl.lit("published").alias("origin"))
    evidence = ShownEvidence(estimates=pl.concat([published, observed]))
    found = section(dataclasses.replace(content, evidence=evidence))
    assert [part.id for part in found.children] == ["evidence-beside"]
