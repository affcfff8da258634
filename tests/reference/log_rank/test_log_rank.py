import numpy as np
import pytest

from stromal.estimates.log_rank import compare_survival
from tests.reference.recorded import outcomes_of, read_data, read_recorded, transplants

RECORDED = read_recorded("log_rank")


def compared(case):
    bmt, lung, veteran = transplants(), read_data("survival_lung"), read_data("survival_veteran")
    died = outcomes_of(veteran["time"], veteran["status"])
    years = np.ceil(bmt["day"].to_numpy() / 365.25)
    return {
        "bmt by group": lambda: compare_survival(
            outcomes_of(bmt["day"], bmt["free"]), bmt["group"]
        ),
        "bmt by group in years": lambda: compare_survival(
            outcomes_of(years, bmt["free"]), bmt["group"]
        ),
        "lung by sex": lambda: compare_survival(
            outcomes_of(lung["time"], lung["status"] - 1), lung["sex"]
        ),
        "veteran by celltype": lambda: compare_survival(died, veteran["celltype"]),
        "veteran by treatment": lambda: compare_survival(died, veteran["trt"]),
    }[case]()


@pytest.mark.parametrize("case", RECORDED["case"].unique(maintain_order=True))
def test_log_rank_is_that_of_r(case):
    ours = compared(case)
    rows = RECORDED.filter(case=case)
    recorded = dict(zip(rows["quantity"], rows["value"], strict=True))
    assert ours.statistic == pytest.approx(recorded["statistic"], rel=1e-10)
    assert ours.degrees_of_freedom == recorded["degrees_of_freedom"]
    assert ours.p_value == pytest.approx(recorded["p_value"], rel=1e-10)
    for index, group in enumerate(zip(ours.observed, ours.expected, strict=True), start=1):
        expected = (recorded[f"observed {index}"], recorded[f"expected {index}"])
        assert group == pytest.approx(expected, rel=1e-10)


def test_disease_free_survival_after_transplant_differs_between_the_three_groups():
    ours = compared("bmt by group")
    assert (round(ours.statistic, 4), ours.degrees_of_freedom) == (13.8037, 2)
