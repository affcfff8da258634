import numpy as np
import polars as pl

from stromal.models.ports import StagePort
from stromal.simulate.simulate import simulate_patients
from stromal.simulate.tables import stage

STAGES = """
[[simulation.observations]]
scales = ["acute_gvhd_stage"]
days = [0, 28]
"""


def test_a_cut_is_the_first_value_of_the_stage_above_it():
    port = StagePort(output="SKIN", cuts=[0.1, 0.2])
    assert stage(port, np.array([0.0, 0.0999, 0.1, 0.2, 1.0])).tolist() == [0, 0, 1, 2, 2]


def test_stages_are_rows_of_assessments(trial_of):
    found = simulate_patients(trial_of(after=STAGES)).patients.assessments
    first = found.filter(pl.col("day") == 0)
    assert set(first["value"]) == {"3"}
    treated = found.filter(pl.col("day") == 28, pl.col("subject").str.starts_with("msc"))
    assert treated["value"].cast(pl.Int64).mean() < 3


def test_nothing_is_recorded_after_death(trial_of):
    trial = trial_of(simulation="switches = { hazard = 0.02 }")
    patients = simulate_patients(trial).patients
    deaths = patients.events.filter(event="death").select("subject", "replicate", dead="day")
    assert deaths.height > 40
    last = patients.subjects.join(deaths, on=["subject", "replicate"])
    assert (last["last_day"] == last["dead"]).all()
    for name in ("labs", "doses"):
        rows = patients.table(name).join(deaths, on=["subject", "replicate"])
        assert (rows["day"] <= rows["dead"] + 1).all(), name


def test_samples_are_missing_as_often_as_asked(trial_of):
    patients = simulate_patients(
        trial_of({"patients": 200}, simulation="switches = { hazard = 0 }")
    )
    planned = patients.patients.subjects.height * 9
    assert abs(patients.patients.labs.height / planned - 0.9) < 0.01
