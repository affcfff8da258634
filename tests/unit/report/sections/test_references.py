from stromal.report.cite import number_references
from stromal.report.sections.references import section


def test_references_are_listed():
    found = section(number_references(["harris2016"]))
    assert [item.number for item in found.blocks[0].references] == [1]


def test_without_references_there_is_no_section():
    assert section(()) is None
