import pytest
from tests.unit.analyses import example

from stromal.analyses.bind import bind_analyses, read_bound
from stromal.analyses.kind import Setting
from stromal.analyses.render import render_findings
from stromal.analyses.run import run_analyses

ANALYSIS = {
    "name": "family",
    "estimate": "proportions",
    "endpoints": ["response"],
    "combine": {"complete": ["CR"], "any": ["CR", "R"]},
}


def answer(**keys):
    protocol = example.protocol(ANALYSIS | keys)
    setting = Setting(
        protocol, example.patients(), example.outcomes(), {"response": example.RESPONSE}
    )
    (found,) = run_analyses(read_bound(protocol), setting)
    return found


def test_every_event_of_every_endpoint_has_its_share():
    rows = answer().estimates.filter(statistic="proportion")
    assert rows.select("endpoint", "label", "events", "n").rows() == [
        ("response", "complete", 2, 3),
        ("response", "any", 3, 3),
    ]
    missing = answer().estimates.filter(statistic="not evaluable")
    assert missing.select("endpoint", "value").rows() == [("response", 1.0)]


def test_groups_have_effects_tests_and_corrected_tests():
    rows = answer(by="fever").estimates
    assert rows.filter(statistic="risk difference")["term"].to_list() == ["yes", "yes"]
    plain = rows.filter(statistic="p")["value"].to_list()
    corrected = rows.filter(statistic="corrected p")["value"].to_list()
    # Everybody who can be judged has a response of some kind: one test alone can be done.
    assert len(plain) == 1
    assert corrected == []


def test_it_is_one_finding_with_one_table_and_one_figure():
    (finding,) = render_findings([answer(by="fever")])
    assert finding.table
    assert finding.figure is not None
    assert finding.endpoints == ("response",)
    assert finding.sentences[0].startswith("Most frequent, complete: response in yes, 0/1 ")


@pytest.mark.parametrize(
    ("keys", "column", "message"),
    [
        ({"endpoints": ["respnse"]}, "endpoints[0]", "`respnse` is not known"),
        ({"endpoints": ["late_*"]}, "endpoints[0]", "no endpoint is named like"),
        ({"combine": {"a": ["XR"]}}, "combine.a", "none of the endpoints gives"),
        ({"combine": {}}, "combine", "never gives `yes`"),
        ({"across": "grade"}, "across", "`grade` is not known"),
        ({"by": "arm", "reference": "placebo"}, "reference", "`placebo` is not known"),
    ],
)
def test_a_fault_is_found_with_its_key(keys, column, message):
    labels = {"response": tuple(label.name for label in example.RESPONSE)}
    _, issues = bind_analyses(example.protocol(ANALYSIS | keys), {"response": "response"}, labels)
    assert [issue.column for issue in issues] == [f"analyses[0].{column}"]
    assert message in issues[0].message
