import polars as pl
import pytest

from stromal.estimates.cox import fit_cox
from stromal.estimates.proportional_hazards import check_proportional_hazards
from tests.reference.recorded import enter_late, outcomes_of, read_data, read_recorded

RECORDED = read_recorded("cox")


def asked(case):
    """Outcomes, covariates and options of a case."""
    veteran, lung = read_data("survival_veteran"), read_data("survival_lung")
    died = outcomes_of(veteran["time"], veteran["status"])
    dead = outcomes_of(lung["time"], lung["status"] - 1)
    monthly = dead.with_columns((pl.col("day") / 30.4375).ceil())
    every = veteran.select("karno", "age", "celltype", "prior")
    two = veteran.select("karno", "age")
    groups = veteran["prior"] + 12 * veteran["trt"]
    return {
        "veteran": (died, every, {}),
        "veteran: breslow": (died, every, {"ties": "breslow"}),
        "veteran: robust": (died, every, {"robust": True}),
        "veteran: clusters": (died, two, {"clusters": groups}),
        "veteran: strata": (
            died,
            veteran.select("karno", "age", "celltype"),
            {"strata": veteran["trt"]},
        ),
        "veteran: late": (enter_late(died), two, {}),
        "veteran: late robust": (enter_late(died), two, {"robust": True}),
        "lung: missing": (dead, lung.select("age", "sex", "ph.ecog", "wt.loss"), {}),
        "lung: months": (monthly, lung.select("age", "sex"), {}),
        "lung: months robust": (monthly, lung.select("age", "sex"), {"robust": True}),
    }[case]


def recorded_of(case):
    rows = RECORDED.filter(case=case)
    return dict(zip(rows["quantity"], rows["value"], strict=True))


@pytest.mark.parametrize("case", RECORDED["case"].unique(maintain_order=True))
def test_hazard_ratios_are_those_of_r(case):
    outcomes, covariates, options = asked(case)
    found, recorded = fit_cox(outcomes, covariates, **options), recorded_of(case)
    for index, effect in enumerate(found.effects, start=1):
        assert effect.coefficient == pytest.approx(recorded[f"coefficient {index}"], rel=1e-7)
        assert effect.error == pytest.approx(recorded[f"error {index}"], rel=1e-7)
    values = [recorded["null log-likelihood"], recorded["log-likelihood"]]
    assert found.log_likelihood == pytest.approx(values, rel=1e-10)
    statistics = {test.name: test.statistic for test in found.tests}
    assert statistics["score"] == pytest.approx(recorded["score"], rel=1e-9)
    assert statistics["Wald"] == pytest.approx(recorded["Wald"], rel=1e-7)


@pytest.mark.parametrize("time", ["km", "identity", "log"])
@pytest.mark.parametrize(
    "case",
    RECORDED.filter(pl.col("quantity").str.starts_with("zph"))["case"].unique(maintain_order=True),
)
def test_the_check_of_proportional_hazards_is_that_of_r(case, time):
    outcomes, covariates, options = asked(case)
    tests = check_proportional_hazards(outcomes, covariates, time=time, **options).tests
    recorded = recorded_of(case)
    values = [recorded[f"zph {time} {index}"] for index in range(1, len(tests) + 1)]
    assert [test.statistic for test in tests] == pytest.approx(values, rel=1e-6)
