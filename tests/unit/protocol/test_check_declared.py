import pytest
from tests.unit.patients.folders import PROTOCOL

from stromal.protocol.check_declared import check_analytes, check_events, check_scales

CASES = [
    ({"analytes": {"treg": {"label": "Treg", "unit": "/uL", "low": 0, "high": 900}}}, None),
    (
        {"analytes": {"platelets": {"label": "platelets", "unit": "/uL"}}},
        ("analytes.platelets", "known to every study: platelets, in 10^9/L"),
    ),
    (
        {"analytes": {"luck": {"label": "luck", "unit": "handfuls"}}},
        ("analytes.luck.unit", "unit `handfuls` is not known"),
    ),
    (
        {"analytes": {"luck": {"label": "luck", "unit": "1", "low": 9, "high": 2}}},
        ("analytes.luck", "low 9 is not below high 2"),
    ),
    ({"events": {"fall": {"label": "a fall"}}}, None),
    ({"events": {"death": {"label": "death"}}}, ("events.death", "known to every study")),
    (
        {"scales": {"pain": {"items": {"now": {"label": "pain", "low": 0, "high": 10}}}}},
        None,
    ),
    ({"scales": {"chimerism": {"items": {"t_cells": {"label": "T cells", "low": 0}}}}}, None),
    (
        {"scales": {"chimerism": {"items": {"myeloid": {"label": "myeloid", "low": 0}}}}},
        ("scales.chimerism.items.myeloid", "is known to every study"),
    ),
    (
        {"scales": {"pain": {"items": {"now": {"label": "x", "low": 0, "labels": ["a"]}}}}},
        ("scales.pain.items.now", "both labels and a range are given"),
    ),
    (
        {"scales": {"pain": {"items": {"now": {"label": "x", "labels": ["a", "A"]}}}}},
        ("scales.pain.items.now.labels", "labels are not words of their own"),
    ),
]


@pytest.mark.parametrize(("change", "said"), CASES)
def test_what_is_declared_is_new_and_in_order(change, said):
    protocol = type(PROTOCOL).model_validate({**PROTOCOL.model_dump(), "events": {}, **change})
    issues = [
        issue for check in (check_events, check_analytes, check_scales) for issue in check(protocol)
    ]
    if said is None:
        assert issues == []
    else:
        (issue,) = issues
        assert issue.column == said[0]
        assert said[1] in issue.message
