"""Every sign of the criteria is an item of its scale, with every value that it takes."""

from __future__ import annotations

import pytest

from stromal.endpoints.records.graded_signs import list_labels
from stromal.endpoints.records.sign_rules import list_needs, read_sign_rule
from stromal.tables.vocabulary.scales import SCALES

CRITERIA = ["crs_astct_2019", "icans_astct_2019"]


@pytest.mark.parametrize("criteria", CRITERIA)
def test_every_value_of_a_scale_has_a_grade(criteria):
    rule = read_sign_rule(criteria)
    for scale, items in rule.scales.items():
        for item, grades in items.items():
            assert set(SCALES[scale].items[item].labels) == set(grades)
    for scale, items in rule.ranges.items():
        assert set(items) <= set(SCALES[scale].items)


@pytest.mark.parametrize("criteria", CRITERIA)
def test_a_sign_nobody_records_when_absent_does_not_open_a_grade(criteria):
    rule = read_sign_rule(criteria)
    own = next(iter(rule.rarely_recorded))
    assert rule.most(own, "fatal") == 0
    assert all(rule.most(scale, item) in {0, 3, 4} for scale, item in rule.items())
    assert len(list_needs(criteria)[0].names) == len(rule.items())


def test_labels_are_ranked_by_grade():
    labels = list_labels("CRS")
    assert [label.rank for label in labels] == list(range(6))
    assert labels[5].tone == "dead"
