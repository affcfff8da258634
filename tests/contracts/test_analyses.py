"""Every kind of analysis passes the same test of manners."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from stromal.analyses.bind import bind_analyses, read_bound
from stromal.analyses.kind import Setting
from stromal.analyses.registry import list_kinds
from stromal.analyses.render import render_findings
from stromal.analyses.run import run_analyses
from stromal.sources import read_sources
from stromal.tables.estimates import ESTIMATES
from stromal.tables.gathered import GatheredOutcomes
from stromal.tables.statistics import STATISTICS
from tests.unit.analyses import example

# The keys that a kind cannot do without beside its endpoint; all others have defaults.
REQUIRED = {
    "agreement": {"scale": "investigator", "item": "itp_response"},
    "trajectory": {"analyte": "platelets"},
    "proportion_comparison": {"labels": ["CR"]},
    "multi_state": {"start": "well", "states": {"relapse": "relapse"}, "restricted_mean": 20},
    "proportions": {"endpoints": ["response"], "combine": {"any": ["CR", "R"]}},
    "regression": {"endpoints": ["response"], "labels": ["CR"], "covariates": ["fever"]},
    "stage_map": {"scale": "acute_gvhd_stage", "visit": "start"},
}
ENDPOINTS = {"response": "response", "time": "relapse", "value": "platelets"}
LABELS = {"response": example.RESPONSE}
NAMES = sorted(list_kinds())


def _analysis(name: str, **keys: object) -> dict[str, object]:
    kind = list_kinds()[name]
    endpoint = next((ENDPOINTS[fit] for fit in kind.fits if fit in ENDPOINTS), None)
    own = {} if endpoint is None else {"endpoint": endpoint}
    groups = {"by": "stage"} if "by" in kind.use.model_fields else {}
    return {"estimate": name, **own, **groups, **REQUIRED.get(name, {}), **keys}


def _answer(name: str, outcomes: pl.DataFrame | GatheredOutcomes | None = None, **keys: object):
    protocol = example.protocol(_analysis(name, **keys), visits=[{"name": "start", "day": 0}])
    frame = example.outcomes() if outcomes is None else outcomes
    setting = Setting(protocol, example.patients(), frame, LABELS)
    (answer,) = run_analyses(read_bound(protocol), setting)
    return answer


@pytest.mark.parametrize("name", NAMES)
def test_its_keys_are_described_and_a_wrong_one_is_an_issue(name):
    kind = list_kinds()[name]
    assert kind.use.__doc__
    assert kind.title
    fields = set(kind.use.model_fields)
    assert {"name", "label", "note", "estimate"} <= fields
    protocol = example.protocol(_analysis(name, unheard_of=1))
    (issue,) = [i for i in bind_analyses(protocol)[1] if i.column.endswith("unheard_of")]
    assert issue.hint


@pytest.mark.parametrize("name", NAMES)
def test_rows_have_listed_statistics_unique_keys_methods_and_known_sources(name):
    rows = _answer(name).estimates
    assert set(rows["statistic"]) <= set(STATISTICS)
    assert not rows.select(ESTIMATES.key).is_duplicated().any()
    assert rows["method"].null_count() == 0
    keys = {key for cell in rows["sources"].drop_nulls() for key in cell.split()}
    assert keys <= set(read_sources())
    # A group says what groups it; an effect or a test of groups has `by` and no group.
    assert rows.filter(pl.col("group").is_not_null() & pl.col("by").is_null()).is_empty()


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_outcomes_changes_nothing(name):
    assert _answer(name).estimates.equals(_answer(name, example.outcomes().reverse()).estimates)


RENAMED = {"early": "an early stage", "late": "0"}


def _renamed(value: str) -> str:
    """The name of a level in its other spelling; all else as it was."""
    for old, new in RENAMED.items():
        value = new if value == old else value.replace(f": {old}", f": {new}")
    return value


@pytest.mark.parametrize("name", NAMES)
def test_the_names_of_levels_change_no_estimate(name):
    covariates = {
        "stage": {"label": "stage", "type": "category", "levels": ["0", "an early stage"]},
        "fever": {"label": "fever", "type": "flag"},
    }
    own = {"covariates": ["stage"]} if name == "regression" else {}
    protocol = example.protocol(
        _analysis(name, **own), visits=[{"name": "start", "day": 0}], covariates=covariates
    )
    stages = ["an early stage", "0", "an early stage", None]
    setting = Setting(protocol, example.patients(stage=stages), example.outcomes(), LABELS)
    (other,) = run_analyses(read_bound(protocol), setting)
    columns = ["group", "term", "reference"]
    before = _answer(name, **own).estimates.with_columns(
        pl.col(columns).map_elements(_renamed, pl.String)
    )
    # groups are added up in the order of their names, which may show in the last digit
    assert_frame_equal(other.estimates.drop("method"), before.drop("method"), rel_tol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_without_outcomes_nothing_is_claimed(name):
    answer = _answer(name, example.outcomes().clear())
    rows = answer.estimates
    assert rows["value"].null_count() == rows.height
    assert answer.curves == ()
    (result,) = render_findings([answer])
    assert result.sentences == ()


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_shown_and_shows_the_same_twice(name):
    first, second = (render_findings([_answer(name)])[0] for _ in range(2))
    assert first == second
    assert first.title


@pytest.mark.parametrize("name", NAMES)
def test_outcomes_that_were_gathered_part_by_part_answer_alike(name):
    table, gathered = example.outcomes(), GatheredOutcomes(plain=1)
    for subject in table["subject"].unique(maintain_order=True):
        gathered.add(table.filter(pl.col("subject") == subject))
    one, other = _answer(name), _answer(name, gathered)
    assert one.estimates.equals(other.estimates)
    assert one.disagreements.equals(other.disagreements)
    assert render_findings([one]) == render_findings([other])
