import polars as pl
import pytest

from stromal.estimates.mixed_model import fit_mixed_model
from tests.reference.recorded import read_recorded

RECORDED = read_recorded("mixed_model")
WRITTEN = RECORDED["case"].unique(maintain_order=True)
CASES = [case for case in WRITTEN if case != "given" and not case.startswith("together")]
TOGETHER = [case for case in WRITTEN if case.startswith("together")]


def given(gaps):
    """Counts of 14 patients on five days, some of them missing."""
    each = [
        RECORDED.filter(case="given", quantity=name)["value"] for name in ("day", "patient", "y")
    ]
    rows = pl.DataFrame(each, schema=["day", "patient", "y"]).with_columns(
        pl.col("patient").cast(int)
    )
    even = pl.col("patient") % 2 == 0
    rows = rows.with_columns(arm=pl.when(even).then(pl.lit("msc")).otherwise(pl.lit("control")))
    there = ((pl.col("patient") * 3 + pl.col("day")) % 5 != 0) | (pl.col("patient") > 11)
    return rows.filter(there) if gaps else rows


def fitted(case):
    rows = given("gaps" in case or case == "values")
    return fit_mixed_model(
        rows["y"],
        rows.select("arm", "day"),
        rows["patient"],
        slopes=rows["day"] if "slopes" in case else None,
        scale="identity" if case == "values" else "log",
    )


@pytest.mark.parametrize("case", CASES)
def test_models_are_those_of_r(case):
    ours = fitted(case)
    effects = {"armmsc": ours.effects[0], "day": ours.effects[1]}
    assert not ours.reason
    for _, quantity, _, value in RECORDED.filter(case=case).rows():
        name, _, term = quantity.partition(" ")
        found = getattr(effects[term] if term else ours, name)
        # Both look for the maximum by steps, and degrees of freedom come from differences.
        assert found == pytest.approx(value, rel=1e-3 if name == "degrees" else 2e-5), quantity


def test_a_ratio_is_that_of_geometric_means():
    ours = fitted("balanced")
    rows = given(gaps=False)
    means = rows.group_by("arm").agg(pl.col("y").log().mean().exp()).sort("arm")["y"]
    assert ours.effects[0].estimate.value == pytest.approx(means[1] / means[0], rel=1e-9)


@pytest.mark.parametrize("case", TOGETHER)
def test_terms_together_are_those_of_lmertest(case):
    rows = given(gaps="balanced" not in case)
    dose = pl.Series("dose", [["high", "low", "none"][who % 3] for who in rows["patient"]])
    rows = rows.with_columns(dose)
    asked = ["dose"]
    covariates = rows.select("day", "dose")
    if "parting" in case:
        asked = ["low_by_day", "none_by_day"]
        parting = [
            ((dose == level).cast(float) * rows["day"]).alias(f"{level}_by_day")
            for level in ("low", "none")
        ]
        covariates = covariates.with_columns(parting)
    joint = fit_mixed_model(rows["y"], covariates, rows["patient"], together=asked).joint
    expected = {quantity: value for _, quantity, _, value in RECORDED.filter(case=case).rows()}
    assert joint.statistic == pytest.approx(expected["statistic"], rel=2e-5)
    assert joint.degrees[0] == expected["numerator"]
    assert joint.degrees[1] == pytest.approx(expected["denominator"], rel=1e-3)
    assert joint.p_value == pytest.approx(expected["p_value"], rel=1e-3)
