import polars as pl
import pytest

from stromal.analyses.bind import bind_analyses, read_bound
from stromal.analyses.kind import Setting
from stromal.analyses.render import render_findings
from stromal.analyses.run import run_analyses
from stromal.analyses.trends import list_trend
from stromal.estimates.proportion_trend import compare_trend_of_proportions
from stromal.estimates.rank_trend import compare_trend_of_numbers
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import Patients
from stromal.tables.statistics import SHARE_SLOPE
from tests.unit.analyses import example

SHARES = {"estimate": "proportion", "endpoint": "response", "by": "stage", "test": "trend"}


def answer(analysis, **parts):
    protocol = example.protocol(analysis, **parts)
    return [issue for issue in bind_analyses(protocol)[1] if "order" in issue.message]


def test_a_trend_that_cannot_be_tested_says_why_and_keeps_its_rows():
    found = compare_trend_of_proportions([(0, 5), (0, 6)])
    rows = list(list_trend(found, SHARE_SLOPE, "arm", ("a", "b")))
    assert [row["statistic"] for row in rows] == ["share slope", "p"]
    assert rows[1]["value"] is None
    assert rows[1]["method"].endswith("not estimable: nobody had the event")


@pytest.mark.parametrize("by", ["sex", "fever"])
def test_groups_without_an_order_are_an_issue(by):
    (issue,) = answer(SHARES | {"by": by})
    assert issue.column == "analyses[0].test"
    assert issue.message == f"the groups of `{by}` have no order"


def test_arms_and_declared_levels_have_the_order_of_the_protocol():
    assert answer(SHARES) == []
    assert answer(SHARES | {"by": "arm"}) == []


def test_a_trend_without_groups_is_an_issue():
    protocol = example.protocol({key: SHARES[key] for key in ("estimate", "endpoint", "test")})
    (issue,) = bind_analyses(protocol)[1]
    assert issue.message == "there are no groups for a trend"


# Through the kinds --------------------------------------------------------------------------------

N = 30
ARMS = {"none": {"label": "No MSC"}, "low": {"label": "1 × 10⁶"}, "high": {"label": "2 × 10⁶"}}


def ask(analysis):
    """The answer on 30 patients in three arms whose shares and numbers rise with the dose."""
    dose = [list(ARMS)[i % 3] for i in range(N)]
    subjects = pl.DataFrame({"subject": [str(i) for i in range(N)], "arm": dose})
    ill = [(i // 3) % 10 < 3 + 2 * (i % 3) for i in range(N)]
    frame = pl.DataFrame(
        [
            row
            for i in range(N)
            for row in (
                (str(i), "response", "response", "CR" if ill[i] else "NR", None),
                (str(i), "platelets", "value", None, float((i * 7) % 17 + 6 * (i % 3))),
            )
        ],
        schema=["subject", "endpoint", "kind", "label", "value"],
        orient="row",
    ).with_columns(origin=pl.lit("observed"), reason=pl.lit("r"))
    protocol = example.protocol(analysis, arms=ARMS)
    setting = Setting(
        protocol,
        Patients.of(subjects=subjects),
        OUTCOMES.conform(frame),
        {"response": example.RESPONSE},
    )
    (found,) = run_analyses(read_bound(protocol), setting)
    (shown,) = render_findings([found])
    return found.estimates, " ".join(shown.sentences).replace("\u00a0", " "), shown


@pytest.mark.parametrize(
    "analysis",
    [
        {"estimate": "proportion", "combine": {"response_at_all": ["CR", "R"]}},
        {"estimate": "proportion_comparison", "labels": ["CR"]},
        {"estimate": "proportions", "endpoints": ["response"], "combine": {"x": ["CR"]}},
    ],
)
def test_shares_have_one_slope_and_one_test_for_trend(analysis):
    own = {} if "endpoints" in analysis else {"endpoint": "response"}
    rows, words, _ = ask({**analysis, **own, "by": "arm", "test": "trend"})
    expected = compare_trend_of_proportions([(3, 10), (5, 10), (7, 10)])
    (slope,) = rows.filter(statistic="share slope").to_dicts()
    (test,) = rows.filter(statistic="p").to_dicts()
    assert (slope["reference"], slope["term"]) == ("none", "high")
    assert slope["value"] == pytest.approx(0.2)
    assert (slope["low"], slope["high"]) == (expected.effect.low, expected.effect.high)
    assert test["value"] == expected.p_value
    if "endpoints" not in analysis and "labels" not in analysis:
        told = "Change of the share from group to group, No MSC to 2 × 10⁶: 20.0 points"
        assert told in words
        assert "which rises. Cochran-Armitage test for trend: z = 1.79, P = 0.07" in words


def test_numbers_have_one_share_of_pairs_and_one_test_for_trend():
    keys = {"estimate": "median", "endpoint": "platelets", "by": "arm", "compare": "trend"}
    rows, words, shown = ask(keys)
    (pairs,) = rows.filter(statistic="ordered pairs").to_dicts()
    (test,) = rows.filter(statistic="p").to_dicts()
    expected = compare_trend_of_numbers(
        pl.Series([float((i * 7) % 17 + 6 * (i % 3)) for i in range(N)]),
        pl.Series([i % 3 for i in range(N)]),
    )
    assert pairs["value"] == expected.effect.value
    assert (pairs["low"], pairs["high"]) == (expected.effect.low, expected.effect.high)
    assert test["value"] == expected.p_value
    assert "No MSC to 2 × 10⁶: 0." in words
    assert "Jonckheere-Terpstra test" in words
    assert any("Ordered pairs" in line[0].text for line in shown.table.rows)
