import dataclasses

import polars as pl
from tests.unit.report.conftest import bare_of

from stromal.report.blocks import Fold, Link, Picture, Prose
from stromal.report.sections.results import section
from stromal.report.simulation import ShownSimulation
from stromal.report.view import Cell


def kinds(section):
    return [type(block).__name__ for block in section.blocks]


def test_every_analysis_has_a_section_in_the_protocols_order(content):
    found = section(content)
    names = [analysis.name for analysis in content.protocol.analyses]
    assert [child.id for child in found.children] == [f"result-{name}" for name in names]
    assert [child.badge for child in found.children][:2] == ["primary endpoint", ""]


def test_sentences_come_before_picture_and_table(content):
    assert kinds(section(content).children[0])[:3] == ["Prose", "Picture", "Fold"]


def test_a_definition_stands_at_the_first_analysis_of_its_endpoint(content):
    folds = [
        (child.id, block.summary)
        for child in section(content).children
        for block in child.blocks
        if isinstance(block, Fold) and block.tone == "definition"
    ]
    assert folds == [("result-agreement", "Definition: Grade (MAGIC)")]


def test_a_long_table_below_a_picture_is_folded(content):
    (cohort,) = content.cohorts
    first = cohort.findings[0]
    long = dataclasses.replace(
        first, table=dataclasses.replace(first.table, rows=first.table.rows * 5)
    )
    changed = dataclasses.replace(cohort, findings=(long,))
    fold = section(dataclasses.replace(content, cohorts=(changed,))).children[0].blocks[2]
    assert fold.summary == f"All {len(long.table.rows)} estimates with their intervals"
    assert fold.blocks == (long.table,)


def test_headings_over_several_rows_make_no_table_long(content):
    (cohort,) = content.cohorts
    first = cohort.findings[0]
    width = len(first.table.headings)
    heading = (Cell("Part", "section"), *[Cell("")] * (width - 1))
    rows = (heading,) * 9 + first.table.rows[:2]
    short = dataclasses.replace(first, table=dataclasses.replace(first.table, rows=rows))
    changed = dataclasses.replace(cohort, findings=(short,))
    shown = section(dataclasses.replace(content, cohorts=(changed,))).children[0]
    assert kinds(shown)[:3] == ["Prose", "Picture", "View"]
    details = dataclasses.replace(short, details=first.table)
    changed = dataclasses.replace(cohort, findings=(details,))
    shown = section(dataclasses.replace(content, cohorts=(changed,))).children[0]
    assert kinds(shown)[2:4] == ["View", "Fold"]


def test_nothing_estimated_is_said(content):
    said = section(bare_of(content)).children[0].blocks[0]
    assert isinstance(said, Prose)
    assert said.spans == ("Nothing could be estimated.",)


def test_a_protocol_without_analyses_is_said(content):
    protocol = content.protocol.model_copy(update={"analyses": ()})
    (said,) = section(dataclasses.replace(content, protocol=protocol)).blocks
    assert said.spans == ("The protocol asks for no analysis.",)


def test_each_origin_has_results_of_its_own(two_origins):
    observed, simulated = section(two_origins).children
    assert observed.children[0].id == "result-response-observed"
    assert simulated.children[0].id == "result-response-simulated"
    assert "2 of 2 patients" in simulated.children[0].blocks[0].spans[0]
    assert not any(
        isinstance(block, Fold) and block.tone == "definition"
        for child in simulated.children
        for block in child.blocks
    )
    pictures = [block.figure.name for block in simulated.walk() if isinstance(block, Picture)]
    assert pictures == ["figure-response-simulated"]


def test_criteria_are_said_in_full_once(content):
    grade = content.endpoints[0]
    use = grade.use.model_copy(update={"name": "response"})
    both = (grade, dataclasses.replace(grade, use=use))
    found = section(dataclasses.replace(content, endpoints=both)).children
    first, second = found[0].blocks[-1], found[5].blocks[-1]
    assert first.summary == "Definition: Response"
    assert len(first.blocks) == 4
    assert Link("Response", "result-response") in second.blocks[0].spans
    assert [type(block).__name__ for block in second.blocks] == ["Prose", "Prose"]


def test_what_only_virtual_patients_answer_is_a_line(content):
    (cohort,) = content.cohorts
    first = cohort.findings[0]
    columns = ("value", "label", "status", "lowest", "highest")
    asked = pl.col("endpoint").is_in(first.endpoints)
    empty = [pl.when(~asked).then(pl.col(name)).alias(name) for name in columns]
    unjudged = dataclasses.replace(cohort, outcomes=cohort.outcomes.with_columns(empty))
    alone = dataclasses.replace(content, cohorts=(unjudged,))
    assert section(alone).children[0].title == first.title
    beside = dataclasses.replace(alone, simulation=ShownSimulation(replicates=2))
    found = section(beside).children
    assert first.title not in [child.title for child in found]
    assert found[-1].title == "Asked of virtual patients alone"
    assert first.title in "".join(found[-1].blocks[0].spans)
