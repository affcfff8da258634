"""Parameters of patterns: defaults of the paper, and what does not fit."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.rules.cytopenia.pattern_parameters import CytopeniaPatternParameters


def _parameters(**given: object) -> CytopeniaPatternParameters:
    usual = {"pattern": "prolonged", "lineages": ["thrombocytopenia"], "threshold_grade": 3}
    return CytopeniaPatternParameters.model_validate(usual | given)


def test_numbers_of_the_paper_are_the_defaults():
    rules = read_criteria("cytopenia_pattern_xia_2024").rules
    assert (_parameters().min_duration, _parameters().late_day) == (
        rules["min_duration"],
        rules["late_day"],
    )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"lineages": ["lymphopenia"], "criteria": "ctcae_v6"}, "CTCAE 6.0 has no term for lymph"),
        ({"lineages": ["anaemia"], "threshold_grade": 4}, "grade 3 at most"),
        ({"lineages": []}, "lineages"),
        ({"pattern": "early"}, "pattern"),
        ({"late_day": 0}, "late_day"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(parameters, message):
    with pytest.raises(ValidationError, match=message):
        _parameters(**parameters)
