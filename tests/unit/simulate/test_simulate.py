import polars as pl
import pytest

from stromal.patients.check.check import check_patients
from stromal.simulate.simulate import simulate_patients
from stromal.tables.patients import PATIENT_TABLES
from tests.unit.simulate.conftest import MODEL, PROTOCOL


def tables(batch):
    return {name: batch.patients.table(name) for name in PATIENT_TABLES}


def joined(trial, size, threads=None):
    parts = [
        simulate_patients(trial, first, first + size, threads=threads)
        for first in range(0, trial.numbering.total, size)
    ]
    return {
        name: pl.concat([part.patients.table(name) for part in parts]) for name in PATIENT_TABLES
    }


@pytest.mark.parametrize(("size", "threads"), [(5, 1), (29, 2), (96, None)])
def test_patients_are_the_same_to_the_bit_in_any_parts_on_any_threads(trial_of, size, threads):
    trial = trial_of()
    whole = tables(simulate_patients(trial))
    for name, table in joined(trial, size, threads).items():
        assert table.equals(whole[name]), name


def test_patient_3_is_patient_3_among_more_patients(trial_of):
    few = tables(simulate_patients(trial_of()))
    many = tables(simulate_patients(trial_of({"patients": 9, "replicates": 3})))
    own = (pl.col("replicate") == 2) & (pl.col("subject") == "msc-3")
    for name, table in few.items():
        assert table.filter(own).equals(many[name].filter(own)), name


def test_another_seed_gives_other_patients(trial_of):
    one, other = (simulate_patients(trial_of({"seed": seed})).patients for seed in (1, 2))
    assert not one.labs.equals(other.labs)


def test_a_dose_that_is_worth_nothing_is_the_arm_without_it_to_the_bit(trial_of):
    nothing = trial_of(
        simulation="same_patients = true\npatients = 7",
        protocol=_dead_cells(),
    )
    labs = simulate_patients(nothing).patients.labs
    arms = [
        labs.filter(pl.col("subject").str.starts_with(arm)).select("replicate", "day", "value")
        for arm in ("control", "msc")
    ]
    assert arms[0].height > 100
    assert arms[0].equals(arms[1])


def _dead_cells():
    return PROTOCOL.replace('preparation = "thawed"', "viability_percent = 0")


def test_living_cells_are_not_the_arm_without_them(trial_of):
    labs = simulate_patients(
        trial_of(simulation="same_patients = true\npatients = 7")
    ).patients.labs
    late = labs.filter(pl.col("day") == 28)
    middle = late.group_by(pl.col("subject").str.slice(0, 3)).agg(pl.col("value").median())
    found = dict(middle.iter_rows())
    assert found["msc"] > 1.5 * found["con"]


def test_tables_pass_the_checks_of_real_patients(trial_of):
    trial = trial_of()
    patients = simulate_patients(trial).patients
    assert check_patients(patients, trial.protocol) == ()
    assert set(patients.subjects["origin"]) == {"simulated"}
    assert patients.doses["lot"].null_count() == 0


def test_a_patient_who_fails_stays_with_the_reason_and_gives_no_number(trial_of):
    # Whoever has many platelets has a state that blows up.
    bad = MODEL.replace("HAZ' = hazard", "HAZ' = hazard + piecewise(HAZ*HAZ*1e6+1, PLT0 > 280, 0)")
    batch = simulate_patients(trial_of(model=bad))
    assert 0 < batch.failures.height < 60
    assert batch.failures["reason"].str.contains("step|finite").all()
    lost = batch.failures.select("subject", "replicate")
    assert batch.patients.subjects.join(lost, on=["subject", "replicate"]).height == lost.height
    for name in ("labs", "doses", "events"):
        assert batch.patients.table(name).join(lost, on=["subject", "replicate"]).is_empty(), name
