"""Events that the model tells are as frequent as where their rates come from."""

from __future__ import annotations

import polars as pl

from stromal.calibrate.trials import prepare
from stromal.simulate.simulate import simulate_patients


def test_first_infections_after_car_t_cells_are_as_frequent_as_observed():
    """30 of 133 patients by day 28: exact 95 % interval 16 to 31 % (Hill 2018)."""
    trial = prepare("car-t-26", 20, 1, uncertain=False)
    patients = simulate_patients(trial, 0, trial.numbering.total, threads=1).patients
    days = patients.events.filter(pl.col("event") == "infection")["day"]
    # who was infected in the days of chemotherapy before is not among those at risk
    share = days.is_between(0, 28).sum() / (patients.subjects.height - (days < 0).sum())
    assert 0.158 < share < 0.306


def test_a_relapse_of_leukaemia_kills():
    trial = prepare("prophylaxis", 8, 1, uncertain=False)
    events = simulate_patients(trial, 0, trial.numbering.total, threads=1).patients.events
    keys = ["subject", "replicate"]
    relapse = events.filter(pl.col("event") == "relapse", pl.col("day") <= 365)
    death = events.filter(pl.col("event") == "death").select(*keys, died="day")
    both = relapse.join(death, on=keys, how="left")
    year = (both["died"] - both["day"] <= 365).fill_null(value=False).mean()
    # 23 % of 1788 were alive a year after a relapse (Bejanyan 2015)
    assert both.height > 50
    assert 0.6 < year < 0.95
