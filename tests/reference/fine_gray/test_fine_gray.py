import polars as pl
import pytest

from stromal.estimates.fine_gray import fit_fine_gray
from tests.reference.recorded import outcomes_of, read_data, read_recorded, transplants

RECORDED = read_recorded("fine_gray")


def fitted(case):
    bmt, timereg = transplants(), read_data("timereg_bmt")
    relapse = outcomes_of(bmt["day"], bmt["cause"])
    covariates = read_data("KMsurv_bmt").select("z1", pl.col("group").cast(pl.String))

    def in_days(days):
        return relapse.with_columns((pl.col("day") / days).ceil())

    return {
        "bmt: relapse": lambda: fit_fine_gray(relapse, covariates, 1),
        "bmt: death": lambda: fit_fine_gray(relapse, covariates, 2),
        "bmt: relapse 100 days": lambda: fit_fine_gray(in_days(100), covariates, 1),
        "bmt: death years": lambda: fit_fine_gray(in_days(365.25), covariates, 2),
        "timereg": lambda: fit_fine_gray(
            outcomes_of(timereg["time"], timereg["cause"]),
            timereg.select("platelet", "age", "tcell"),
        ),
    }[case]()


@pytest.mark.parametrize("case", RECORDED["case"].unique(maintain_order=True))
def test_ratios_and_errors_are_those_of_r(case):
    found, rows = fitted(case), RECORDED.filter(case=case)
    recorded = dict(zip(rows["quantity"], rows["value"], strict=True))
    for index, effect in enumerate(found.effects, start=1):
        assert effect.coefficient == pytest.approx(recorded[f"coefficient {index}"], rel=1e-6)
        assert effect.error == pytest.approx(recorded[f"error {index}"], rel=1e-6)
    values = [recorded["null log-likelihood"], recorded["log-likelihood"]]
    assert found.log_likelihood == pytest.approx(values, rel=1e-9)
