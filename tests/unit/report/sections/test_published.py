import dataclasses

from stromal.report.sections.published import section


def test_printed_numbers_stand_below_a_sentence(content):
    said, table = section(content).blocks
    assert "published number" in said.spans[0]
    assert table.rows


def test_without_printed_numbers_there_is_no_section(content):
    assert section(dataclasses.replace(content, comparison=content.comparison.clear())) is None
