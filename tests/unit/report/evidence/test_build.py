import numpy as np
import pytest

from stromal.evidence.pool.binomial import pool_binomial
from stromal.evidence.pool.effects import log_risk_ratios, logit_proportions, risk_differences
from stromal.evidence.pool.heterogeneity import Heterogeneity
from stromal.evidence.pool.inverse_variance import pool_effects, regress_effects
from stromal.evidence.pool.small_studies import assess_asymmetry, trim_and_fill
from stromal.report.evidence.build import (
    StudyArm,
    build_bubbles,
    build_forest,
    build_funnel,
    describe_heterogeneity,
    find_dose,
    show_pooled,
    show_share,
)

EVENTS, N = [18, 25, 30, 9, 40], [33, 33, 60, 20, 50]
EFFECTS = logit_proportions(EVENTS, N)
POOLED = pool_effects(EFFECTS)
ARMS = [
    StudyArm(f"S{k} 200{k}", "bone_marrow", (None, dose, None), (1, 4), n, events, value=events / n)
    for k, (events, n, dose) in enumerate(zip(EVENTS, N, [1e6, 2e6, 4e6, 1e6, None], strict=True))
]


def test_columns_are_those_that_some_study_fills():
    headings = [column.heading for column in build_forest("Response", ARMS, ()).columns]
    plain = [heading.replace("\u00a0", " ") for heading in headings]
    assert plain == ["Source", "Dose, 10⁶ cells/kg", "Infusions", "Events / n"]
    bare = build_forest("Response", [StudyArm("A")], ())
    assert bare.columns == ()
    assert bare.rows[0].value is None


def test_controlled_studies_show_both_arms():
    arms = [StudyArm("A", n=10, events=2, reference_n=9, reference_events=None)]
    forest = build_forest("Risk ratio", arms, (), "ratio")
    assert forest.rows[0].cells == ("2 / 10", "– / 9")


def test_pooled_effects_are_shown_as_readers_know_them():
    pool = show_pooled(POOLED)
    assert (pool.value, pool.low, pool.high) == pytest.approx(POOLED.shown())
    low, high = pool.prediction
    assert 0 < low < pool.low < pool.value < pool.high < high < 1
    assert "I² =" in pool.note
    assert show_pooled(pool_effects(EFFECTS, "common"), group="all").kind == "common"


def test_what_cannot_be_pooled_says_why():
    nothing = pool_effects(logit_proportions([0], [9]))
    assert show_pooled(nothing).value is None
    assert "no study" in show_pooled(nothing).reason
    alone = show_pooled(pool_effects(logit_proportions([3], [9])))
    assert alone.prediction is None
    assert not alone.note


def test_shares_by_their_likelihood_are_diamonds_too():
    pool = show_share(pool_binomial(EVENTS, N))
    assert pool.low < pool.value < pool.high
    assert "of log odds" in pool.note
    assert show_share(pool_binomial([0, 0], [5, 6])).reason


def test_heterogeneity_without_an_interval_or_a_p_value_is_said_as_far_as_it_goes():
    found = Heterogeneity(0.0004, None, None, 1.5, 1, None, None, None, "DL")
    assert describe_heterogeneity(found) == "τ² = 0.0004, Q = 1.5 on 1 degree of freedom"


def test_a_funnel_holds_the_studies_and_those_filled_in():
    filled = trim_and_fill(EFFECTS)
    funnel = build_funnel(
        "Response", [arm.label for arm in ARMS], EFFECTS, POOLED, assess_asymmetry(EFFECTS), filled
    )
    assert funnel.studies == 5
    assert len(funnel.points) == 5 + filled.missing
    assert funnel.points[0].error == pytest.approx(np.sqrt(EFFECTS.variances[0]))
    assert funnel.scale == "log-odds"
    two = logit_proportions(EVENTS[:2], N[:2])
    assert build_funnel("x", "ab", two, pool_effects(two), assess_asymmetry(two)) is None


def test_scales_of_ratios_and_differences():
    for effects, scale in (
        (log_risk_ratios([5, 6, 7], [9, 9, 9], [2, 3, 4], [9, 9, 9]), "ratio"),
        (risk_differences([5, 6, 7], [9, 9, 9], [2, 3, 4], [9, 9, 9]), "difference"),
    ):
        pooled = pool_effects(effects)
        funnel = build_funnel("x", "abc", effects, pooled, assess_asymmetry(effects))
        assert funnel.scale == scale


def test_the_line_of_doses_is_that_of_the_regression():
    logs = np.array([np.log(find_dose(arm)) if find_dose(arm) else np.nan for arm in ARMS])
    found = regress_effects(EFFECTS, logs[:, None], ["log dose"])
    bubbles = build_bubbles("Response", ARMS, EFFECTS, found)
    assert len(bubbles.points) == 4
    assert bubbles.left_out == 1
    first, last = bubbles.line[0], bubbles.line[-1]
    assert (first.dose, last.dose) == pytest.approx((1e6, 4e6))
    slope = (last.effect - first.effect) / np.log(4)
    assert slope == pytest.approx(found.values[1])
    assert first.low < first.effect < first.high
    assert bubbles.points[0].precision == pytest.approx(1 / EFFECTS.variances[0])


def test_the_band_at_dose_zero_of_the_logarithm_is_the_interval_of_the_intercept():
    logs = np.array([0.0, 1.0, -1.0, 0.5, 0.2])
    arms = [StudyArm("S", dose=(None, float(np.exp(log)), None)) for log in logs]
    found = regress_effects(EFFECTS, logs[:, None], ["log dose"])
    line = build_bubbles("Response", arms, EFFECTS, found, points=3).line
    middle = line[1]
    assert middle.dose == pytest.approx(1.0)
    assert (middle.low, middle.high) == pytest.approx((found.low[0], found.high[0]))


def test_few_studies_with_doses_have_no_bubbles():
    assert build_bubbles("x", ARMS[3:], logit_proportions(EVENTS[3:], N[3:])) is None


def test_the_dose_of_a_range_is_its_middle():
    assert find_dose(StudyArm("A", dose=(None, None, 3e6))) == 3e6
    assert find_dose(StudyArm("A", dose=(None, None, None))) is None
    assert find_dose(StudyArm("A", dose=(1e6, 3e6, 9e6))) == 3e6
