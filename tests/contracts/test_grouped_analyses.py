"""Every analysis of groups gives one effect with its interval, and one test.

Where nothing can be compared, the rows are there and say why.
"""

from __future__ import annotations

import polars as pl
import pytest

from stromal.analyses.bind import read_bound
from stromal.analyses.kind import Setting
from stromal.analyses.registry import list_kinds
from stromal.analyses.run import run_analyses
from stromal.analyses.tests import is_test
from stromal.protocol.protocol import Protocol
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import Patients
from stromal.tables.statistics import CHI_SQUARED, GRAY_P, LOG_RANK_P, STATISTICS, TEST_P
from tests.unit.analyses import example

N = 60
TESTS = (TEST_P.name, LOG_RANK_P.name, GRAY_P.name)

# What an analysis asks beside its endpoint and its groups, and how often it compares.
ASKED: dict[str, dict[str, object]] = {
    "cumulative_incidence": {"endpoint": "relapse", "days": [40]},
    "median": {"endpoint": "platelets"},
    "multi_state": {
        "start": "well",
        "states": {"relapse": "relapse", "death": "mortality"},
        "final": ["relapse", "death"],
        "restricted_mean": 40,
        "days": [40],
    },
    "proportion": {"endpoint": "response"},
    "proportion_comparison": {"endpoint": "response", "labels": ["CR"]},
    "proportions": {"endpoints": ["response"], "combine": {"any": ["CR", "R"]}},
    "survival": {"endpoint": "survival", "days": [40]},
    "trajectory": {"analyte": "platelets"},
}
TREND: dict[str, dict[str, object]] = {
    "median": {"compare": "trend"},
    "proportion": {"test": "trend"},
    "proportions": {"test": "trend"},
}

SEVERAL_EFFECTS = {
    "proportion_comparison": "it was asked for: difference, risk ratio and odds ratio of one share"
}
"""Kinds with more than one effect for each contrast, each with the reason."""

OWN_TESTS = {
    "survival": "a restricted mean, where one is asked for, has the test of its own difference"
}
"""Kinds whose effects may have tests of their own beside that of all groups."""

GROUPED = sorted(name for name, kind in list_kinds().items() if "by" in kind.use.model_fields)


def patients(arms):
    """Patients in arms in turn, with platelets on three days."""
    who = [str(i) for i in range(N)]
    subjects = pl.DataFrame({"subject": who, "arm": [arms[i % len(arms)] for i in range(N)]})
    labs = pl.DataFrame(
        [
            (who[i], day, "platelets", 20.0 + (i * 7) % 23 + day * (1 + i % 3), "10^9/L")
            for i in range(N)
            for day in (0.0, 7.0, 14.0)
        ],
        schema=["subject", "day", "analyte", "value", "unit"],
        orient="row",
    )
    return Patients.of(subjects=subjects, labs=labs)


def outcomes():
    rows = []
    for i in range(N):
        day, status = 10.0 + (i * 13) % 50, (i * 7) % 3
        rows += [
            (str(i), "response", "response", None, ("CR", "R", "NR")[(i * 5) % 7 % 3], None, None),
            (str(i), "platelets", "value", 12.0 + (i * 11) % 31, None, None, None),
            (str(i), "survival", "time", None, None, day, min(status, 1)),
            (str(i), "relapse", "time", None, None, day, status),
            (str(i), "mortality", "time", None, None, day, (0, 2, 1)[status]),
        ]
    names = ["subject", "endpoint", "kind", "value", "label", "day", "status"]
    frame = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
    return OUTCOMES.conform(frame.with_columns(origin=pl.lit("observed"), reason=pl.lit("r")))


def protocol(analysis, arms) -> Protocol:
    return example.protocol(
        analysis,
        arms={name: {"label": name.title()} for name in arms},
        endpoints=("response", "platelets", "survival", "relapse", "mortality"),
    )


def rows_of(name, arms=("high", "low"), frame=None, declared=None, **keys):
    asked = protocol({"estimate": name, "by": "arm", **ASKED[name], **keys}, declared or arms)
    setting = Setting(
        asked,
        patients(arms),
        outcomes() if frame is None else frame,
        {"response": example.RESPONSE},
    )
    (found,) = run_analyses(read_bound(asked), setting)
    return found.estimates


def list_effects(rows):
    return rows.filter(pl.col("term").is_not_null() & ~is_test())


def list_tests(rows):
    return rows.filter(pl.col("statistic").is_in(TESTS), pl.col("term").is_null())


def test_every_kind_with_groups_is_here():
    assert sorted(ASKED) == GROUPED
    assert {*SEVERAL_EFFECTS, *OWN_TESTS, *TREND} <= set(GROUPED)


@pytest.mark.parametrize("name", GROUPED)
def test_two_groups_have_one_effect_with_its_interval_and_one_test(name):
    rows = rows_of(name)
    effects = list_effects(rows).to_dicts()
    assert len(effects) == 1 or name in SEVERAL_EFFECTS
    for row in effects:
        assert (row["term"], row["reference"], row["by"]) == ("high", "low", "arm")
        assert row["low"] < row["value"] < row["high"]
        assert STATISTICS[row["statistic"]].scale not in ("P", "test")
    (test,) = list_tests(rows).to_dicts()
    assert 0 <= test["value"] <= 1
    assert test["by"] == "arm"


@pytest.mark.parametrize("name", GROUPED)
def test_more_groups_have_an_effect_for_each_but_the_reference_and_one_test(name):
    rows = rows_of(name, arms=("high", "low", "none"), reference="low")
    effects = list_effects(rows)
    assert effects["term"].unique(maintain_order=True).to_list() == ["high", "none"]
    assert set(effects["reference"]) == {"low"}
    assert effects.height == 2 or name in SEVERAL_EFFECTS
    assert list_tests(rows).height == 1


@pytest.mark.parametrize("name", sorted(TREND))
def test_a_trend_has_one_effect_over_all_groups_and_one_test(name):
    rows = rows_of(name, arms=("high", "low", "none"), **TREND[name])
    (effect,) = list_effects(rows).to_dicts()
    assert (effect["reference"], effect["term"]) == ("high", "none")
    assert effect["low"] < effect["value"] < effect["high"]
    assert list_tests(rows).height == 1


@pytest.mark.parametrize("name", GROUPED)
def test_the_test_does_not_change_with_the_reference_and_the_effect_turns_round(name):
    one, other = (rows_of(name, reference=reference) for reference in ("low", "high"))
    assert list_tests(one)["value"].to_list() == pytest.approx(list_tests(other)["value"].to_list())
    for first, second in zip(
        list_effects(one).to_dicts(), list_effects(other).to_dicts(), strict=True
    ):
        ratio = STATISTICS[first["statistic"]].scale == "ratio"
        turned = 1 / second["value"] if ratio else -second["value"]
        assert first["value"] == pytest.approx(turned, rel=1e-5)


@pytest.mark.parametrize("name", GROUPED)
def test_one_group_claims_nothing(name):
    rows = rows_of(name, arms=("high",), declared=("high", "low"))
    for found in (list_effects(rows), list_tests(rows)):
        assert found["value"].null_count() == found.height


@pytest.mark.parametrize("name", GROUPED)
def test_an_arm_without_patients_is_no_reference(name):
    rows = list_effects(rows_of(name, declared=("high", "low", "none")))
    told = rows.drop_nulls("value")
    assert told["term"].unique().to_list() == ["high"]
    assert set(rows["reference"]) == {"low"}


@pytest.mark.parametrize("name", GROUPED)
def test_nobody_in_one_group_with_an_outcome_claims_nothing(name):
    """All of an arm are without outcomes and values: no number stands beside its name."""
    kept = [str(i) for i in range(0, N, 2)]
    frame = outcomes().filter(pl.col("subject").is_in(kept))
    rows = rows_of(
        name, frame=frame, **({"analyte": "neutrophils"} if name == "trajectory" else {})
    )
    found = list_effects(rows)
    assert found["value"].null_count() == found.height
    assert list_tests(rows)["value"].null_count() == list_tests(rows).height


@pytest.mark.parametrize("name", GROUPED)
def test_a_chi_squared_stands_beside_a_test_and_never_alone(name):
    rows = rows_of(name)
    chi = rows.filter(statistic=CHI_SQUARED.name).height
    assert chi <= rows.filter(statistic=TEST_P.name).height
