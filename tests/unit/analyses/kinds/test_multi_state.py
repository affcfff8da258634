import polars as pl
import pytest
from tests.unit.analyses import example

from stromal.analyses.bind import bind_analyses, read_bound
from stromal.analyses.kind import Setting
from stromal.analyses.render import render_findings
from stromal.analyses.run import run_analyses
from stromal.estimates.state_occupation import estimate_state_occupation
from stromal.estimates.time_in_states import compare_time_in_state, estimate_time_in_states
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import Patients

KEYS = {
    "estimate": "multi_state",
    "start": "well",
    "states": {"GVHD": "gvhd", "death": "mortality"},
    "restricted_mean": 60,
    "days": [20, 60],
}
NAMES = ("gvhd", "mortality", "response")
N = 24


def outcomes(competing=False):
    """Every third has GVHD, every other dies, in arm msc later than in control."""
    rows = []
    for i in range(N):
        last = 30.0 + 4 * i + (20 if i % 2 else 0)
        dies = i % 4 < 2
        gvhd = i % 3 == 0
        rows += [
            (str(i), "gvhd", 10.0 + i if gvhd else last, 1 if gvhd else 2 if dies else 0),
            (str(i), "mortality", last, 2 if competing and i == 2 else int(dies)),
        ]
    frame = pl.DataFrame(rows, schema=["subject", "endpoint", "day", "status"], orient="row")
    return OUTCOMES.conform(
        frame.with_columns(kind=pl.lit("time"), origin=pl.lit("observed"), reason=pl.lit("r"))
    )


def answer(frame=None, arms=("control", "msc"), **keys):
    protocol = example.protocol(KEYS | keys, endpoints=NAMES)
    subjects = pl.DataFrame(
        {"subject": [str(i) for i in range(N)], "arm": [arms[i % len(arms)] for i in range(N)]}
    )
    setting = Setting(
        protocol, Patients.of(subjects=subjects), outcomes() if frame is None else frame
    )
    (found,) = run_analyses(read_bound(protocol), setting)
    (shown,) = render_findings([found])
    return found, shown


def own_stays(rows):
    """The stays of patients, written out apart from the package."""
    parts = []
    for i in rows:
        last, dies = 30.0 + 4 * i + (20 if i % 2 else 0), "death" if i % 4 < 2 else None
        if i % 3 == 0:
            parts += [(i, 0.0, 10.0 + i, "well", "GVHD"), (i, 10.0 + i, last, "GVHD", dies)]
        else:
            parts.append((i, 0.0, last, "well", dies))
    names = ["subject", "entry_day", "day", "state", "into"]
    return pl.DataFrame(parts, schema=names, orient="row")


def test_probabilities_and_times_are_those_of_the_estimators():
    rows = answer()[0].estimates
    expected = estimate_state_occupation(own_stays(range(N))).table
    times = estimate_time_in_states(own_stays(range(N)), 60)
    for state in ("well", "GVHD", "death"):
        for day in (20.0, 60.0):
            (row,) = rows.filter(statistic="state probability", label=state, day=day).to_dicts()
            last = expected.filter(pl.col("state") == state, pl.col("day") <= day).to_dicts()[-1]
            assert (row["value"], row["low"]) == (last["probability"], last["low"])
        (row,) = rows.filter(statistic="time in state", label=state).to_dicts()
        assert row["value"] == pytest.approx(times.times[state].value)
    at = rows.filter(statistic="state probability", day=60.0)
    assert at["value"].sum() == pytest.approx(1)


def test_groups_have_one_difference_and_one_test():
    found, shown = answer(by="arm", compare="GVHD")
    groups = [estimate_time_in_states(own_stays(range(k, N, 2)), 60) for k in (1, 0)]
    expected, _ = compare_time_in_state(*groups, "GVHD")
    (effect,) = found.estimates.filter(statistic="time in state difference").to_dicts()
    (test,) = found.estimates.filter(statistic="p").to_dicts()
    assert (effect["term"], effect["reference"], effect["label"]) == ("msc", "control", "GVHD")
    assert effect["value"] == pytest.approx(expected.value)
    assert effect["low"] == pytest.approx(expected.low)
    assert 0 < test["value"] < 1
    words = " ".join(shown.sentences)
    assert "Within 60 days, MSC spent" in words
    assert shown.figure is not None
    assert "well" in shown.figure.svg


def test_the_test_of_two_groups_is_that_of_their_difference():
    rows = answer(by="arm")[0].estimates
    (effect,) = rows.filter(statistic="time in state difference").to_dicts()
    (chi,) = rows.filter(statistic="chi-squared").to_dicts()
    error = (effect["high"] - effect["low"]) / 2 / 1.9599639845400545
    assert chi["value"] == pytest.approx((effect["value"] / error) ** 2)


def test_a_competing_event_that_is_no_state_leaves_nothing_estimable():
    found, shown = answer(outcomes(competing=True), by="arm")
    rows = found.estimates.filter(group="control")
    assert rows.filter(statistic="state probability")["value"].null_count() == 6
    assert rows["method"].str.contains("1 patient has a competing event that is no state").any()
    assert found.estimates.filter(statistic="p")["value"].to_list() == [None]
    assert not any("spent" in words for words in shown.sentences)


def test_one_group_and_a_time_that_nobody_reached_are_not_estimable():
    rows = answer(by="arm", arms=("msc",))[0].estimates
    assert rows.filter(statistic="time in state difference")["value"].to_list() == [None]
    assert rows.filter(statistic="p")["value"].to_list() == [None]
    late = answer(restricted_mean=6000)[0].estimates.filter(statistic="time in state")
    assert late["value"].null_count() == 3
    assert late["method"].str.contains("nobody was followed to its last day").all()


@pytest.mark.parametrize(
    ("keys", "column"),
    [
        ({"states": {"GVHD": "gvdh"}}, "states.GVHD"),
        ({"states": {"GVHD": "response"}}, "states.GVHD"),
        ({"start": "death"}, "start"),
        ({"final": ["GVDH"]}, "final[0]"),
        ({"compare": "ill"}, "compare"),
        ({"days": [60, 20]}, "days[1]"),
    ],
)
def test_wrong_keys_are_issues(keys, column):
    protocol = example.protocol(KEYS | keys, endpoints=NAMES)
    (issue,) = bind_analyses(protocol, {"response": "response"})[1]
    assert issue.column.endswith(column)
    assert issue.hint


@pytest.mark.parametrize(("by", "column"), [("arm", "restricted_mean"), (None, "days")])
def test_what_is_asked_for_is_asked_for(by, column):
    keys = {key: KEYS[key] for key in ("estimate", "start", "states")} | ({"by": by} if by else {})
    keys |= {"days": [20]} if by else {}
    (issue,) = bind_analyses(example.protocol(keys, endpoints=NAMES))[1]
    assert issue.column == f"analyses[0].{column}"
