import pytest

from stromal.errors import InvalidInput, Severity
from stromal.protocol.read import locate_issues
from tests.unit.simulate.conftest import MODEL, PORTS, PROTOCOL

ACTION = '\n[[simulation.actions]]\nname = "rule"\n'
ASKED = ACTION + 'analyte = "platelets"\nbelow = 900\n'
LATE = MODEL.replace("age = 50\n", "age = 50; SW = 0\n  at 3 after (time > 20): SW = 1\n").replace(
    "0.01*drug*PLT", "0.01*drug*PLT*(1 + SW)"
)
DECIDED = (
    LATE.replace("at 3 after (time > 20): SW = 1", "at (time > 20): MB = 0; at (MB > 1): SW = 1")
).replace("  MB' = -2*MB\n", "")
IRON = """
[[endpoints]]
name = "iron"
rule = "lab_value"
visit = "before"
parameters = { analyte = "ferritin" }
"""
CASES = {
    "product without a port": (
        {"ports": PORTS.replace("[products.msc]", "[products.graft]")},
        "no port for `msc`",
    ),
    "mouse dose for a human model": (
        {"protocol": PROTOCOL.replace("seed = 11", 'seed = 11\nspecies = "mouse"')},
        "what makes one in a mouse",
    ),
    "usual dose of a mouse for a human": (
        {
            "ports": PORTS.replace("{ human = 1 }", "{ human = 1, mouse = 100 }"),
            "protocol": PROTOCOL.replace("dose = 2\n", "dose = 100\n"),
        },
        "100 reference doses of a human, and a usual dose of a mouse",
    ),
    "correlation that no numbers can have": (
        {
            "simulation": "correlations = ["
            + ", ".join(
                f'{{ first = "{one}", second = "{other}", correlation = {size} }}'
                for one, other, size in (
                    ("PLT0", "loss", 0.9),
                    ("PLT0", "half", 0.9),
                    ("loss", "half", -0.9),
                )
            )
            + "]"
        },
        "correlation",
    ),
    "arm without doses": (
        {"protocol": PROTOCOL.replace("dose = 2\n", 'note = "not printed"\n')},
        "an arm without doses cannot be run",
    ),
    "visit before the start": (
        {"after": '\n[[simulation.observations]]\nanalytes = ["platelets"]\ndays = [-9]\n'},
        "before the start",
    ),
    "dose before the start": (
        {"protocol": PROTOCOL.replace("days = [0, 7]", "days = [-4, 7]")},
        "given on day -4, before the start",
    ),
    "analyte without an output": (
        {"after": '\n[[simulation.observations]]\nanalytes = ["ferritin"]\ndays = [0]\n'},
        "no output for `ferritin`",
    ),
    "scale without stages": (
        {"after": '\n[[simulation.observations]]\nscales = ["bleeding"]\ndays = [0]\n'},
        "no stages of `bleeding`",
    ),
    "rule that asks for what the model lacks": (
        {
            "more": IRON,
            "after": ACTION + 'endpoint = "iron"\nlabels = ["x"]\nevent = "bleeding"\n',
        },
        "endpoint `iron` reads `ferritin`",
    ),
    "rule of an analyte that is not measured": (
        {"after": ACTION + 'analyte = "neutrophils"\nbelow = 0.5\nevent = "g_csf"\n'},
        "which is not measured",
    ),
    "rule that asks two things": (
        {"after": ACTION + 'happened = "death"\nanalyte = "platelets"\nbelow = 9\n'},
        "asks more than one thing",
    ),
    "rule without a threshold": (
        {"after": ACTION + 'analyte = "platelets"\nevent = "g_csf"\n'},
        "no threshold",
    ),
    "rule that gives an unknown product": (
        {"after": ACTION + 'analyte = "platelets"\nbelow = 9\nproduct = "blood"\n'},
        "no product `blood`",
    ),
    "event of no vocabulary": (
        {"after": ACTION + 'analyte = "platelets"\nbelow = 9\nevent = "party"\n'},
        "`party` is no event",
    ),
    "end before the start": (
        {"protocol": PROTOCOL.replace("end_day = 56", "end_day = -1")},
        "begins on day -1 and ends on day -1",
    ),
    "unknown model": (
        {"protocol": PROTOCOL.replace('model = "small"', 'model = "physics"')},
        "no model `physics`",
    ),
    "port into no state": (
        {
            "after": '\n[simulation.ports.msc]\nstate = "lung"\nunit = "cell/kg"\namount = 1\n'
            'note = "none"\n'
        },
        "no state `lung`",
    ),
    "parameter set that there is not": (
        {"after": ACTION + 'analyte = "platelets"\nbelow = 9\nsets = { speed = 1 }\n'},
        "no parameter `speed`",
    ),
    "parameter set that the model works out": (
        {
            "model": MODEL.replace("half = 1;", "half := PLT0/250;"),
            "after": ASKED + "sets = { half = 5 }\n",
        },
        "sets `half`, which the model works out itself",
    ),
    "event with a delay beside a rule": (
        {"model": LATE, "after": ASKED + "sets = { half = 5 }\n"},
        "has a delay, and a run that stops to ask forgets it",
    ),
    "product that feeds what decides an event": (
        {"model": DECIDED},
        "`msc` feeds `MB`, which decides when something happens",
    ),
    "rule that adds to what decides an event": (
        {
            "model": DECIDED,
            "ports": PORTS.replace('output = "PLT"', 'output = "MB"'),
            "after": ASKED + "adds = 20\n",
        },
        "adds to `MB`, which decides when something happens",
    ),
    "arm of nobody": (
        {"protocol": PROTOCOL.replace("planned_n = 7\n", "")},
        "how many patients arm `msc` has",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_an_issue_before_anything_is_run(trial_of, tmp_path, case):
    parts, said = CASES[case]
    with pytest.raises(InvalidInput) as caught:
        trial_of(**parts)
    found = [issue for issue in caught.value.issues if said in issue.message]
    assert found, [issue.message for issue in caught.value.issues]
    assert found[0].hint
    assert locate_issues(found[:1], tmp_path)[0].row


def test_every_issue_comes_at_once(trial_of):
    after = (
        ACTION
        + 'event = "party"\nsets = { speed = 1 }\n'
        + CASES["scale without stages"][0]["after"]
    )
    with pytest.raises(InvalidInput) as caught:
        trial_of(after=after)
    assert len(caught.value.issues) >= 3


def test_a_covariate_that_feeds_no_parameter_is_told_with_its_line(trial_of, tmp_path):
    declared = '\n[covariates.stage]\nlabel = "stage"\ntype = "category"\nlevels = ["I"]\n'
    drawn = "\n[simulation.covariates.stage]\nshares = { I = 1 }\n"
    issues = trial_of(more=declared, after=drawn).issues
    (told,) = [one for one in issues if "feeds no parameter" in one.message]
    assert "ports.toml" in (told.hint or "")
    assert locate_issues([told], tmp_path)[0].row


def test_a_large_dose_of_this_species_is_no_dose_of_another(trial_of):
    ports = PORTS.replace("{ human = 1 }", "{ human = 1, mouse = 100 }")
    large = PROTOCOL.replace("dose = 2\n", "dose = 30\n")
    assert not [
        one for one in trial_of(ports=ports, protocol=large).issues if "mouse" in one.message
    ]


def test_an_arm_that_is_given_nothing_is_noted(trial_of, tmp_path):
    found = [issue for issue in trial_of().issues if "given nothing" in issue.message]
    assert [(issue.column, issue.severity) for issue in found] == [("arms.control", Severity.NOTE)]
    assert locate_issues(found, tmp_path)[0].row
    assert found[0].hint


def test_a_visit_before_the_start_is_a_warning(trial_of, tmp_path):
    early = '[[visits]]\nname = "early"\nday = -9\nafter = 2\n\n[[visits]]'
    protocol = PROTOCOL.replace("[[visits]]", early, 1)
    found = [issue for issue in trial_of(protocol=protocol).issues if "`early`" in issue.message]
    assert [(issue.column, issue.severity) for issue in found] == [("visits[0]", Severity.WARNING)]
    assert locate_issues(found, tmp_path)[0].row
    reaching = protocol.replace("after = 2", "after = 8")
    assert not [one for one in trial_of(protocol=reaching).issues if "`early`" in one.message]


def test_endpoints_that_the_model_cannot_feed_are_noted(trial_of):
    said = [issue.message for issue in trial_of(more=IRON).issues]
    assert any("endpoint `iron` reads `ferritin`" in message for message in said)
