import polars as pl
import pytest

from stromal.analyses.kind import Answer, Setting
from stromal.analyses.kinds.proportion import ProportionUse
from stromal.analyses.shares import describe_shares
from stromal.endpoints.endpoint import Label
from stromal.protocol.protocol import EndpointUse, Protocol
from stromal.tables.estimates import ESTIMATES
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import Patients
from tests.unit.report.conftest import PROTOCOL, share

WORDS = {
    **{name: Label(name, f"grade {name}", rank, verb="were")
       for rank, name in enumerate(("0", "1", "I", "II", "III", "IV"))},
    **{name: Label(name, words, rank)
       for rank, (name, words) in enumerate(
           (("CR", "a complete response"), ("PR", "a partial response"), ("NR", "no response"))
       )},
    "alive": Label("alive", "alive", 0, verb="were"),
    "dead": Label("dead", "dead", 1, verb="were"),
    "yes": Label("yes", "the pattern", 1),
    "no": Label("no", "no such pattern", 0),
    "primary graft failure": Label("primary graft failure", "primary graft failure", 1),
    "engrafted": Label("engrafted", "engrafted", 0, verb="were"),
}  # fmt: skip


def say(kind, label, counts, *, n=4, groups=(None,), combine=None):
    """Sentences on an endpoint of a kind with so many patients under each label."""
    protocol = Protocol.model_validate(PROTOCOL).model_copy(
        update={"endpoints": (EndpointUse(name="x", rule="y", label=label),)}
    )
    use = ProportionUse(name="x", estimate="proportion", endpoint="x", combine=combine or {})
    outcomes = OUTCOMES.conform(
        pl.DataFrame({"subject": ["1"], "endpoint": ["x"], "kind": [kind], "reason": ["r"]})
    )
    rows = [share(group, name, events, n, "x", "x") for group in groups
            for name, events in counts.items()]  # fmt: skip
    labels = tuple(WORDS[name] for name in counts if name in WORDS)
    setting = Setting(protocol, Patients.of(), outcomes, {"x": labels})
    found = describe_shares(Answer(use, setting, ESTIMATES.conform(pl.DataFrame(rows))))
    return [text.replace(", 95 % CI 10 to 90", "").replace(", 10 to 90", "") for text in found]


@pytest.mark.parametrize(
    ("kind", "label", "counts", "said"),
    [
        ("grade", "Overall grade", {"0": 0, "III": 1, "IV": 3},
         "3 of 4 patients (75 %) were grade IV and 1 (25 %) grade III."),
        ("grade", "Neutropenia", {"0": 4, "1": 0}, "4 of 4 patients (100 %) were grade 0."),
        ("response", "Response", {"CR": 0, "PR": 1, "NR": 3},
         ("None of 4 patients (0 %) had a complete response, 1 (25 %) a partial response and "
         "3 (75 %) no response.")),
        ("response", "Response", {"deep": 1, "none": 3},
         ("Response: deep in 1 of 4 patients (25 %) "
         "and none in 3 (75 %).")),
        ("flag", "Alive at last follow-up", {"dead": 1, "alive": 3},
         "3 of 4 patients (75 %) were alive at last follow-up."),
        ("flag", "Prolonged neutropenia", {"yes": 1, "no": 3},
         "Prolonged neutropenia: yes in 1 of 4 patients (25 %)."),
        ("flag", "Primary graft failure", {"primary graft failure": 1, "engrafted": 3},
         "1 of 4 patients (25 %) had primary graft failure."),
        ("flag", "Vital status", {"dead": 1, "alive": 3},
         "Vital status: dead in 1 of 4 patients (25 %) and alive in 3 (75 %)."),
        ("time", "Relapse", {"relapse": 1, "censored": 3},
         "Relapse: relapse in 1 of 4 patients (25 %) and censored in 3 (75 %)."),
        ("value", "Count", {"high": 4}, "Count: high in 4 of 4 patients (100 %)."),
    ],
)  # fmt: skip
def test_every_kind_of_endpoint_has_its_words(kind, label, counts, said):
    assert say(kind, label, counts) == [said]


def test_groups_follow_with_the_combined_outcome():
    found = say("response", "Response", {"CR": 1, "NR": 3, "any_response": 1},
                groups=(None, "msc", "none"), combine={"any_response": ("CR", "PR")})  # fmt: skip
    assert found[1] == "1 of 4 patients (25 %) had an any response (CR or PR)."
    assert found[2].replace("\u00a0", " ") == (
        "Any response by group: 1 of 4 in MSC 2 × 10⁶/kg and 1 of 4 in No MSC."
    )


def test_worst_grade_is_told_by_group():
    found = say("grade", "Grade", {"I": 1, "II": 3}, groups=(None, "msc", "none"))
    assert found[1].startswith("Grade II by group: 3 of 4 in MSC")


def test_nobody_judged_is_nothing_said():
    assert say("grade", "Grade", {"I": 0}, n=0) == []
