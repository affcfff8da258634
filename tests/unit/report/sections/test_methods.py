import dataclasses

from tests.unit.report.conftest import bare_of

from stromal.report.blocks import Cite, Link
from stromal.report.sections.methods import section


def test_conventions_name_day_zero_and_lead_to_the_reasons(content):
    conventions = section(content).blocks[0]
    assert conventions.spans[0].startswith("Day 0 is the day of the first MSC dose.")
    assert Link("Patients", "patients") in conventions.spans


def test_methods_are_listed_once_with_their_sources(content):
    methods = section(content).blocks[1]
    assert methods.spans[0].count("Clopper-Pearson") == 1
    assert methods.spans[1] == Cite(("clopper1934",))


def test_without_estimates_there_are_no_methods(content):
    assert len(section(bare_of(content)).blocks) == 2


def test_endpoints_without_an_analysis_are_defined_here(content):
    assert section(content).children == ()
    other = dataclasses.replace(
        content.endpoints[0],
        use=content.endpoints[0].use.model_copy(update={"name": "other_grade"}),
    )
    found = section(dataclasses.replace(content, endpoints=(*content.endpoints, other)))
    assert [child.id for child in found.children] == ["endpoint-other-grade"]
    assert found.children[0].blocks[0].spans == ("Overall grade of acute GVHD.",)
