import dataclasses

import pytest

from stromal.report.blocks import Fold
from stromal.report.content import Cohort
from stromal.report.sections import outcomes
from stromal.report.sections.outcomes import section
from stromal.tables.patients import Patients


def test_outcomes_are_folded_away(content):
    (fold,) = section(content).blocks
    assert isinstance(fold, Fold)
    assert fold.summary == "3 patients"


def test_too_many_patients_are_not_printed(content, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(outcomes, "_MOST", 2)
    (said,) = section(content).blocks
    assert said.spans == ("3 patients, too many to print here: `outcomes.csv` lists all of them.",)


def test_each_origin_is_listed_apart(two_origins):
    folds = [child.blocks[0] for child in section(two_origins).children]
    assert [fold.summary for fold in folds] == ["3 patients", "2 patients"]


def test_no_patients_have_no_outcomes(content):
    nobody = Cohort(Patients.of())
    (said,) = section(dataclasses.replace(content, cohorts=(nobody,))).blocks
    assert said.spans == ("No outcome was derived.",)
