import dataclasses

import pytest

from stromal.protocol.protocol import Protocol
from stromal.report.sections.study import section


def facts_of(content, **population):
    raw = content.protocol.model_dump()
    raw["population"] |= population
    changed = dataclasses.replace(content, protocol=Protocol.model_validate(raw))
    return {fact.name: fact.text for fact in section(changed).blocks[0].rows}


def test_only_what_is_stated_is_listed(content):
    assert facts_of(content) == {"Population": "adults", "Day 0": "the first MSC dose"}


@pytest.mark.parametrize(
    ("ages", "said"),
    [((2, 18), "2–18 years"), ((18, None), "18 years or older"), ((None, 18), "up to 18 years")],
)
def test_ages_are_said_as_far_as_they_are_known(content, ages, said):
    low, high = ages
    assert facts_of(content, age_min_years=low, age_max_years=high)["Age"] == said


def test_notes_open_from_a_line(content):
    raw = content.protocol.model_dump()
    raw["study"] |= {"notes": ["one arm was lost"], "question": "who?", "sources": ["harris2016"]}
    found = section(dataclasses.replace(content, protocol=Protocol.model_validate(raw)))
    assert found.blocks[-1].summary == "Notes on the data (1)"
    assert found.blocks[-1].blocks[0].lines == ("One arm was lost.",)
    assert found.blocks[0].rows[0].sources == ("harris2016",)
    assert len(section(content).blocks) == 2
