import polars as pl
import pytest

from stromal.endpoints.derive import derive_outcomes
from stromal.errors import InvalidInput
from stromal.simulate.simulate import simulate_patients

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


def test_a_population_that_cannot_be_drawn_is_an_issue(trial_of):
    after = LOW.replace('"4"', '"5"')
    with pytest.raises(InvalidInput, match="too few have `before_grade` 5 on day 0"):
        simulate_patients(trial_of({"patients": 1, "replicates": 1}, more=GRADE, after=after))
