import dataclasses

import pytest

from stromal.evidence.library.reader import read_library
from stromal.evidence.library.syntheses import read_syntheses
from stromal.report.evidence.shown import Answered
from stromal.report.evidence.syntheses import explain_differences, list_syntheses, render_syntheses
from stromal.report.figures.forest import Forest, ForestPool

ANSWER = Answered(
    "a", "Overall response", Forest("Response", (), (ForestPool("r", 0.71, 0.61, 0.79),)), 9, 668
)  # fmt: skip


@pytest.fixture(scope="module")
def listed():
    return list_syntheses(read_library(), read_syntheses())


def find(items, label, start):
    return next(item for item in items if item.label == label and item.what.startswith(start))


def test_printed_numbers_are_those_of_the_record(listed):
    chen = find(listed, "Chen 2015", "Overall response")
    assert chen.printed.replace("\u00a0", " ") == "68.1 % (205/301)"
    assert chen.printed_of == "13 studies, 301 patients"
    morata = find(listed, "Morata-Tarifa 2020", "Complete response (acute")
    assert morata.printed.startswith("39")
    assert "887 patients" in morata.printed_of
    assert find(listed, "Fisher 2019", "Chronic GVHD").printed == "risk ratio 0.66"
    assert find(listed, "Li 2021", "Overall survival").printed == "no difference (words)"


def test_ours_stands_beside_the_same_outcome_alone():
    pairs = [("E0097", ANSWER), ("E0100", ANSWER), ("E0001", ANSWER)]
    found = list_syntheses(read_library(), read_syntheses(), pairs)
    assert [item.label for item in found] == ["Chen 2015", "Hashmi 2016"]
    chen, hashmi = found
    assert chen.ours == "71 % (61–79)"
    assert chen.ours_of == "Overall response: 9 studies, 668 patients"
    assert hashmi.ours == "–"
    assert "(acute GVHD treatment)" not in chen.what


def test_every_difference_has_its_reason(listed):
    facts = explain_differences(listed)
    assert {fact.name for fact in facts} == {item.label for item in listed}
    assert all("pools" in fact.text for fact in facts)
    assert len(render_syntheses(listed).rows) == len(listed)
    assert not render_syntheses(())


def test_a_ratio_stands_beside_a_ratio_alone():
    ratio = dataclasses.replace(
        ANSWER, forest=Forest("x", (), (ForestPool("r", 0.6, 0.4, 0.9),), scale="ratio")
    )
    pairs = [("E0211", ANSWER), ("E0211", ratio)]
    (fisher,) = list_syntheses(read_library(), read_syntheses(), pairs)
    assert fisher.ours == "0.60 (0.40–0.90)"
    (alone,) = list_syntheses(read_library(), read_syntheses(), pairs[:1])
    assert alone.ours == "–"


def test_columns_of_ours_are_there_only_where_there_is_a_number_of_ours(listed):
    found = list_syntheses(read_library(), read_syntheses(), [("E0097", ANSWER)])
    assert "Ours" in [heading.text for heading in render_syntheses(found).headings]
    assert "Ours" not in [heading.text for heading in render_syntheses(listed).headings]
