import polars as pl
import pytest

from stromal.endpoints.derive import derive_outcomes
from stromal.errors import InvalidInput
from stromal.simulate.enrol import check_enrolment
from stromal.simulate.simulate import simulate_patients
from stromal.study.read import read_study
from stromal.study.simulate import prepare_study
from tests.unit.simulate.conftest import PARAMETERS

LOW = """
[simulation.eligible]
endpoint = "before_grade"
labels = ["4"]
day = 0
"""
GRADE = """
[[endpoints]]
name = "before_grade"
rule = "cytopenia_grade"
parameters = { lineage = "thrombocytopenia", from_day = 0, to_day = 0 }
"""


def test_only_the_eligible_are_enrolled(trial_of):
    trial = trial_of(more=GRADE, after=LOW)
    patients = simulate_patients(trial).patients
    assert patients.subjects.height == 96
    labels = derive_outcomes(patients, [trial.endpoints["before_grade"]])["label"]
    assert set(labels) == {"4"}


def test_the_third_enrolled_is_the_same_in_any_part_and_among_more(trial_of):
    trial = trial_of(more=GRADE, after=LOW)
    whole = simulate_patients(trial).patients.labs
    parts = [simulate_patients(trial, at, at + 31).patients.labs for at in range(0, 96, 31)]
    assert pl.concat(parts).equals(whole)
    more = simulate_patients(trial_of({"patients": 12}, more=GRADE, after=LOW)).patients.labs
    own = pl.col("subject") == "msc-3"
    assert more.filter(own).equals(whole.filter(own))


def test_a_population_that_cannot_be_drawn_is_an_issue_before_anything_is_run(study_of):
    after = LOW.replace('"4"', '"5"')
    with pytest.raises(InvalidInput, match="none has `before_grade` 5 on day 0") as caught:
        prepare_study(read_study(study_of(more=GRADE, after=after)), patients=1)
    (first, *_) = caught.value.issues
    assert first.row is not None
    assert "such a population cannot be drawn" in (first.hint or "")


def test_somebody_eligible_is_enough(trial_of):
    assert check_enrolment(trial_of(more=GRADE, after=LOW)) == ()
    assert check_enrolment(trial_of()) == ()


def test_a_trial_that_finds_too_few_stays_with_its_reason_in_whatever_parts(trial_of):
    # The middle of `block` differs by study, so that some trials find grade 4 and others do not.
    rare = PARAMETERS.replace(
        "lost,assumed,test,logitnormal,0.4,study,0.3", "lost,assumed,test,logitnormal,0.1,study,1.5"
    )
    assert rare != PARAMETERS
    trial = trial_of(more=GRADE, after=LOW, parameters=rare)
    whole = simulate_patients(trial)
    lost = whole.failures["replicate"].unique().to_list()
    assert 0 < len(lost) < 8
    assert set(whole.failures["reason"]) == {
        "too few candidates were eligible under this draw of parameters"
    }
    assert whole.patients.subjects.height == 96
    assert not set(whole.patients.labs["replicate"]) & set(lost)
    parts = [simulate_patients(trial, at, at + 31) for at in range(0, 96, 31)]
    assert pl.concat([part.patients.labs for part in parts]).equals(whole.patients.labs)
    assert pl.concat([part.failures for part in parts]).equals(whole.failures)
