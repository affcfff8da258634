from tests.unit.report.conftest import bare_of

from stromal.report.sections.reproduce import section


def test_command_seed_versions_and_hashes_are_given(content):
    command, seed, fold = section(content).blocks
    versions, inputs = fold.blocks
    assert command.spans == ("Command: `stromal run two-arms`.",)
    assert seed.spans[0].startswith("Seed 7.")
    assert versions.rows[0][0].text == "stromal"
    assert inputs.rows[0][1].text == "ab" * 32


def test_without_facts_only_the_promise_stands(content):
    said = section(bare_of(content)).blocks
    assert said[0].spans == ("The same inputs and versions give the same page, byte for byte.",)
