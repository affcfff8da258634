"""Patients reconstructed from the printed curve of real patients, beside what R makes of the real.

The curve is digitised with two or three digits and the printed numbers at risk. Goals are those of
Guyot et al.: no matter for survival and medians, a few percent for hazard ratio and interval where
numbers at risk or the events are printed.
"""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from stromal.estimates.cox import fit_cox
from stromal.estimates.kaplan_meier import estimate_survival, median_time, survival_at
from stromal.estimates.log_rank import compare_survival
from stromal.evidence.reconstruct.digitised import digitise
from stromal.evidence.reconstruct.patients import reconstruct_patients, repeat_outcomes
from stromal.evidence.reconstruct.repeat import join_arms, repeat_hazard_ratio, repeat_median
from tests.reference.recorded import read_recorded

RECORDED = read_recorded("reconstruct")
CASES = RECORDED["case"].unique(maintain_order=True).to_list()


def told(case, quantity):
    return RECORDED.filter(case=case, quantity=quantity)


def digitised(case, arm, digits, *, numbers=True, events=True):
    curve = told(case, f"survival {arm}").select(time="day", survival=pl.col("value").round(digits))
    risk = told(case, f"at risk {arm}").select(time="day", at_risk=pl.col("value").cast(int))
    happened = int(told(case, f"events {arm}")["value"][0])
    return digitise(curve, risk if numbers else risk[:1], events=happened if events else None)


def reconstructed(case, digits, **known):
    return [reconstruct_patients(digitised(case, arm, digits, **known), str(arm)) for arm in (1, 2)]


def joined(arms):
    return pl.concat(
        arm.outcomes.select("day", "status", arm=pl.lit(str(at)))
        for at, arm in enumerate(arms, start=1)
    )


@pytest.mark.parametrize("digits", [3, 2])
@pytest.mark.parametrize("case", CASES)
def test_survival_and_medians_are_those_of_the_patients(case, digits):
    for number, arm in enumerate(reconstructed(case, digits), start=1):
        curve = estimate_survival(arm.outcomes)
        truth = told(case, f"survival {number}")
        ours = np.array([survival_at(curve, day).value for day in truth["day"]], float)
        away = np.abs(ours - truth["value"].to_numpy())
        assert np.nanmean(away) < 0.007
        assert np.nanmax(away) < 0.03
        median = told(case, f"median {number}")["value"][0]
        assert median_time(curve).value == pytest.approx(median, rel=0.02)


@pytest.mark.parametrize("case", CASES)
def test_printed_numbers_are_kept(case):
    for number, arm in enumerate(reconstructed(case, 2), start=1):
        risk = told(case, f"at risk {number}")
        held = [(arm.outcomes["day"] >= day).sum() for day in risk["day"]]
        assert held == risk["value"].to_list()
        events = told(case, f"events {number}")["value"][0]
        assert events * 0.95 - 1 <= arm.events <= events


@pytest.mark.parametrize("digits", [3, 2])
@pytest.mark.parametrize(("known", "slack"), [("both", 0.03), ("numbers", 0.05), ("events", 0.1)])
@pytest.mark.parametrize("case", CASES)
def test_hazard_ratio_and_interval_are_within_a_few_percent(case, known, slack, digits):
    asked = {"numbers": known != "events", "events": known != "numbers"}
    outcomes = joined(reconstructed(case, digits, **asked))
    second = outcomes.select((pl.col("arm") == "2").cast(pl.Int64).alias("second"))
    ours = fit_cox(outcomes, second).effects[0].ratio
    value, error = (told(case, name)["value"][0] for name in ("log hazard ratio", "error"))
    for number, away in ((ours.value, 0), (ours.low, -1.959964), (ours.high, 1.959964)):
        assert number == pytest.approx(math.exp(value + away * error), rel=slack)


def log_rank(outcomes):
    test = compare_survival(outcomes, outcomes["arm"])
    return test.p_value


@pytest.mark.parametrize("digits", [3, 2])
@pytest.mark.parametrize("known", ["both", "numbers", "events"])
@pytest.mark.parametrize("case", CASES)
def test_log_rank_leads_to_the_same_end(case, known, digits):
    asked = {"numbers": known != "events", "events": known != "numbers"}
    ours = log_rank(joined(reconstructed(case, digits, **asked)))
    truth = told(case, "p")["value"][0]
    assert math.log(ours) == pytest.approx(math.log(truth), rel=0.25, abs=0.3)


def test_repetitions_hold_the_truth():
    case = "high risk beside low risk"
    arms = [repeat_outcomes(digitised(case, arm, 2), str(arm), repetitions=100) for arm in (1, 2)]
    central = joined(reconstructed(case, 2))
    ratio = repeat_hazard_ratio(central, join_arms(*arms), "1")
    assert ratio.high / ratio.low < 1.2
    median = repeat_median(central.filter(arm="2"), arms[1])
    assert median.low <= told(case, "median 2")["value"][0] <= median.high
