import numpy as np
import polars as pl
import pytest

from stromal.estimates.log_rank import compare_survival
from tests.reference.recorded import (
    enter_late,
    outcomes_of,
    read_data,
    read_recorded,
    split_at,
    transplants,
)

RECORDED = read_recorded("log_rank")


def compared(case):
    bmt, lung, veteran = transplants(), read_data("survival_lung"), read_data("survival_veteran")
    died = outcomes_of(veteran["time"], veteran["status"])
    years = np.ceil(bmt["day"].to_numpy() / 365.25)
    disease_free = outcomes_of(bmt["day"], bmt["free"])
    dead = outcomes_of(lung["time"], lung["status"] - 1)
    return {
        "strata: veteran by treatment": lambda: compare_survival(
            died, veteran["trt"], strata=veteran["celltype"]
        ),
        "strata: bmt by group": lambda: compare_survival(
            disease_free, bmt["group"], strata=read_data("KMsurv_bmt")["z10"]
        ),
        "strata: lung by sex": lambda: compare_survival(dead, lung["sex"], strata=lung["ph.ecog"]),
        "nobody late: bmt by group": lambda: compare_survival(disease_free, bmt["group"]),
        "late: bmt by group": lambda: compare_survival(enter_late(disease_free), bmt["group"]),
        "late: lung by sex": lambda: compare_survival(enter_late(dead), lung["sex"]),
        "late: twelve patients": lambda: compare_survival(
            outcomes_of(
                [3, 3, 5, 3, 5, 5, 6, 6, 6, 8, 8, 9],
                [1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1],
                [0, 0, 0, 2, 2, 3, 3, 3, 5, 5, 6, 6],
            ),
            pl.Series([1, 2, 1, 2, 2, 1, 1, 2, 1, 2, 1, 2]),
        ),
        "bmt by group": lambda: compare_survival(disease_free, bmt["group"]),
        "bmt by group in years": lambda: compare_survival(
            outcomes_of(years, bmt["free"]), bmt["group"]
        ),
        "lung by sex": lambda: compare_survival(dead, lung["sex"]),
        "veteran by celltype": lambda: compare_survival(died, veteran["celltype"]),
        "veteran by treatment": lambda: compare_survival(died, veteran["trt"]),
    }[case]()


@pytest.mark.parametrize("case", RECORDED["case"].unique(maintain_order=True))
def test_log_rank_is_that_of_r(case):
    ours = compared(case)
    rows = RECORDED.filter(case=case)
    recorded = dict(zip(rows["quantity"], rows["value"], strict=True))
    assert ours.statistic == pytest.approx(recorded["statistic"], rel=1e-10)
    assert ours.degrees == recorded["degrees_of_freedom"]
    assert ours.p_value == pytest.approx(recorded["p_value"], rel=1e-10)
    for index, group in enumerate(zip(ours.observed, ours.expected, strict=True), start=1):
        expected = (recorded[f"observed {index}"], recorded[f"expected {index}"])
        assert group == pytest.approx(expected, rel=1e-10)


def test_disease_free_survival_after_transplant_differs_between_the_three_groups():
    ours = compared("bmt by group")
    assert (round(ours.statistic, 4), ours.degrees) == (13.8037, 2)


@pytest.mark.parametrize("share", [0.2, 0.7])
def test_a_patient_seen_in_two_parts_counts_as_one(share):
    bmt = transplants()
    halves = split_at(outcomes_of(bmt["day"], bmt["free"]), share)
    ours = compare_survival(halves, pl.concat([bmt["group"], bmt["group"]]))
    assert (ours.statistic, ours.p_value) == pytest.approx((13.803721887222316, 0.0010059117411474))
