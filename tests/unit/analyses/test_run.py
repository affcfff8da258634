from dataclasses import dataclass

import polars as pl
import pytest

from stromal.analyses.bind import read_bound
from stromal.analyses.kind import Setting
from stromal.analyses.run import gather_estimates, run_analyses
from stromal.sources import read_sources
from stromal.tables.estimates import ESTIMATES
from stromal.tables.statistics import STATISTICS
from tests.unit.analyses import example

LABELS = {"response": example.RESPONSE}


@dataclass
class Results:
    """Rows, curves and disagreements of several analyses together."""

    estimates: pl.DataFrame
    curves: list
    disagreements: pl.DataFrame


def analysed(*analyses, outcomes=None, **cohort):
    protocol = example.protocol(*analyses)
    outcomes = example.outcomes() if outcomes is None else outcomes
    setting = Setting(protocol, example.patients(), outcomes, LABELS, **cohort)
    answers = run_analyses(read_bound(protocol), setting)
    return Results(
        gather_estimates(answers),
        [curve for answer in answers for curve in answer.curves],
        pl.concat([answer.disagreements for answer in answers]),
    )


def of_group(results, group=None):
    return results.estimates.filter(pl.col("group").eq_missing(pl.lit(group, pl.String)))


def rows(results, group=None, *columns):
    return (
        of_group(results, group).select("statistic", "label", *(columns or ("value", "n"))).rows()
    )


PROPORTION = {
    "estimate": "proportion",
    "endpoint": "response",
    "by": "arm",
    "combine": {"overall_response": ["CR", "R"]},
}
SURVIVAL = {"estimate": "survival", "endpoint": "relapse", "by": "stage", "days": [15, 100]}
INCIDENCE = {"estimate": "cumulative_incidence", "endpoint": "relapse", "days": [30]}
MEDIAN = {"estimate": "median", "endpoint": "platelets"}
AGREEMENT = {
    "estimate": "agreement",
    "endpoint": "response",
    "scale": "investigator",
    "item": "itp_response",
}


def test_proportions_show_every_label_and_who_could_not_be_judged():
    results = analysed(PROPORTION)
    assert rows(results) == [
        ("proportion", "CR", pytest.approx(2 / 3), 3),
        ("proportion", "R", pytest.approx(1 / 3), 3),
        ("proportion", "NR", 0.0, 3),
        ("proportion", "overall_response", 1.0, 3),
        ("not evaluable", None, 1.0, 4),
    ]
    assert rows(results, "control") == [
        ("proportion", label, None, 0) for label in ("CR", "R", "NR", "overall_response")
    ]


def test_survival_gives_curves_days_median_and_log_rank():
    results = analysed(SURVIVAL)
    assert [(curve.group, curve.analysis, curve.n) for curve in results.curves] == [
        (None, "a0", 4),
        ("late", "a0", 1),
        ("early", "a0", 2),
    ]
    found = of_group(results).select("statistic", "day", "value", "unit")
    assert found.rows()[:3] == [
        ("survival probability", 15, 0.75, "1"),
        ("survival probability", 100, None, "1"),
        ("median time", None, 25, "day"),
    ]
    tests = results.estimates.filter(pl.col("statistic").str.starts_with("log-rank"))
    assert tests["statistic"].to_list() == ["log-rank chi-squared", "log-rank p"]
    assert tests.select("method", "by", "group", "degrees").unique().rows() == [
        ("log-rank test", "stage", None, 1.0)
    ]
    assert tests["n"].to_list() == [3, 3]


def test_incidence_names_causes_by_their_labels():
    results = analysed(INCIDENCE)
    assert [curve.label for curve in results.curves] == ["relapse", "death without relapse"]
    assert rows(results, None, "day", "value") == [
        ("cumulative incidence", "relapse", 30, 0.5),
        ("cumulative incidence", "death without relapse", 30, 0.25),
    ]


def test_a_group_without_the_event_has_incidence_0():
    results = analysed({**INCIDENCE, "by": "stage"})
    assert rows(results, "late", "value")[0] == ("cumulative incidence", "relapse", 0.0)


def test_medians_have_the_unit_of_the_endpoint():
    results = analysed(MEDIAN)
    assert rows(results, None, "value", "unit", "n") == [
        ("median", None, 18, "10^9/L", 3),
        ("lower quartile", None, 15, "10^9/L", 3),
        ("upper quartile", None, 24, "10^9/L", 3),
        ("minimum", None, 12, "10^9/L", 3),
        ("maximum", None, 30, "10^9/L", 3),
        ("not evaluable", None, 1, "patient", 4),
    ]


def test_the_median_of_a_time_is_that_of_patients_with_the_event():
    results = analysed({**MEDIAN, "endpoint": "relapse"})
    assert rows(results, None, "value", "unit", "n")[0] == ("median", None, 20, "day", 2)
    assert "not evaluable" not in results.estimates["statistic"]


def test_agreement_counts_those_with_both_labels_and_lists_the_others():
    results = analysed(AGREEMENT)
    assert rows(results, None, "value", "n", "events") == [
        ("agreement", None, 0.5, 2, 1),
        ("not evaluable", None, 2, 4, None),
    ]
    assert results.disagreements.rows() == [("a0", "2", "R", "NR", "rose to 60")]


def test_figures_without_estimates_give_no_rows():
    results = analysed({"estimate": "trajectory", "analyte": "platelets"})
    assert (results.estimates.height, results.curves) == (0, [])


def test_the_table_is_complete_keyed_and_cited():
    results = analysed(PROPORTION, SURVIVAL, INCIDENCE, MEDIAN, AGREEMENT)
    table = results.estimates
    assert table.schema == ESTIMATES.empty().schema
    assert not table.select(ESTIMATES.key).is_duplicated().any()
    assert table["origin"].unique().to_list() == ["observed"]
    assert not (table["group"] == "all").any()
    keys = {key for cell in table["sources"] for key in cell.split()}
    assert keys
    assert keys <= set(read_sources())


def test_the_order_of_outcomes_changes_nothing():
    analyses = (PROPORTION, SURVIVAL, INCIDENCE, MEDIAN, AGREEMENT)
    one = analysed(*analyses)
    other = analysed(*analyses, outcomes=example.outcomes().reverse())
    assert one.estimates.equals(other.estimates)


def test_no_outcomes_give_rows_that_say_so():
    analyses = (PROPORTION, SURVIVAL, INCIDENCE, MEDIAN, AGREEMENT)
    results = analysed(*analyses, outcomes=example.outcomes().clear())
    assert results.curves == []
    assert results.estimates["n"].unique().to_list() == [0]
    assert results.estimates["value"].null_count() == results.estimates.height


def test_rows_say_of_which_origin_and_replicate_they_are():
    results = analysed(PROPORTION, origin="simulated", replicate=3)
    assert results.estimates.select("origin", "replicate").unique().rows() == [("simulated", 3)]


def test_every_statistic_is_listed():
    results = analysed(PROPORTION, SURVIVAL, INCIDENCE, MEDIAN, AGREEMENT)
    assert set(results.estimates["statistic"]) <= set(STATISTICS)
