import numpy as np
import pytest

from stromal.errors import InvalidInput, Severity
from stromal.protocol.read import locate_issues
from stromal.simulate.population import draw_people
from tests.unit.simulate.conftest import PROTOCOL

VARY = """
[simulation.parameters.PLT0]
value = 100
distribution = "lognormal"
sd = 0.1
note = "a study of its own"
"""


def people_of(trial, last=None):
    members = trial.numbering.members(0, last or trial.numbering.total)
    return draw_people(trial.cohort, trial.protocol, trial.numbering, members)


def test_covariates_lie_within_their_limits_and_feed_their_ports(trial_of):
    people = people_of(trial_of({"patients": 500, "replicates": 1}))
    ages = people.subjects["age_years"].to_numpy()
    assert ages.min() >= 18
    assert ages.max() <= 80
    assert np.abs(people.parameters["age"] - ages).max() <= 0.5


def test_a_study_says_its_own_distribution(trial_of):
    trial = trial_of(
        {"patients": 2000, "replicates": 1}, after=VARY, simulation="uncertain = false"
    )
    drawn = people_of(trial).parameters["PLT0"]
    assert np.median(drawn) == pytest.approx(100, rel=0.01)
    assert np.log(drawn).std() == pytest.approx(0.1, rel=0.05)


def test_only_what_is_asked_for_varies(trial_of):
    trial = trial_of(simulation='vary = ["PLT0"]')
    assert set(people_of(trial).parameters) == {"PLT0", "age"}


def test_replicates_of_a_draw_share_what_is_not_known(trial_of):
    trial = trial_of({"patients": 1, "replicates": 16}, simulation='vary = ["loss"]')
    shared = trial_of(
        {"patients": 1, "replicates": 16}, simulation='vary = ["loss"]\nuncertain = false'
    )
    factor = people_of(trial).parameters["loss"] / people_of(shared).parameters["loss"]
    by_draw = factor.reshape(2, 16)
    assert np.ptp(by_draw, axis=1).max() < 1e-12
    assert by_draw[0, 0] != by_draw[1, 0]


def test_correlations_are_drawn(trial_of):
    after = """
[[simulation.correlations]]
first = "PLT0"
second = "loss"
correlation = -0.8
"""
    trial = trial_of(
        {"patients": 2000, "replicates": 1}, after=after, simulation="uncertain = false"
    )
    drawn = people_of(trial).parameters
    found = np.corrcoef(np.log(drawn["PLT0"]), np.log(drawn["loss"]))[0, 1]
    assert found == pytest.approx(-0.8, abs=0.03)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ("[simulation.parameters.PLT]\nvalue = 1\n", "no parameter `PLT`"),
        ("[simulation.switches]\nnothing = 1\n", "no parameter `nothing`"),
        ("[simulation.covariates.height]\nvalue = 1\n", "no column of this study"),
        ("[simulation.covariates.sex]\nshares = { male = 1, none = 1 }\n", "never none"),
        ("[simulation.covariates.sex]\nvalue = 1\n", "no shares"),
        (
            '[simulation.parameters.loss]\ndistribution = "lognormal"\nvalue = -1\nsd = 1\n',
            "positive",
        ),
        (
            '[[simulation.correlations]]\nfirst = "PLT0"\nsecond = "speed"\ncorrelation = 0.5\n',
            "speed",
        ),
    ],
)
def test_a_population_that_cannot_be_drawn_is_an_issue_of_the_protocol(trial_of, after, said):
    with pytest.raises(InvalidInput, match=said) as caught:
        trial_of(after=after)
    for issue in caught.value.issues:
        if issue.severity is Severity.ERROR:
            assert issue.table == "protocol.toml"
            assert issue.hint


def test_a_value_that_cannot_be_drawn_is_told_at_its_own_line(trial_of, tmp_path):
    parts = {
        "simulation.parameters.loss.value": '{ distribution = "lognormal", value = -1, sd = 1 }',
        "simulation.parameters.PLT0.low": '{ value = 6, distribution = "normal", sd = 1, '
        "low = 9, high = 4 }",
        "simulation.covariates.weight_kg.value": '{ value = 65, distribution = "normal", sd = 1, '
        "low = 70, high = 90 }",
        "simulation.covariates.age_years.low": '{ value = 8, distribution = "normal", sd = 1, '
        "low = 9, high = 4 }",
    }
    after = ""
    for column, text in parts.items():
        _, table, name, _ = column.split(".")
        after += f"[simulation.{table}]\n" if f"[simulation.{table}]" not in after else ""
        after += f"{name} = {text}\n"
    after += '[[simulation.observations]]\nanalytes = ["platelets"]\ndays = [0, 28]\n'
    protocol = PROTOCOL.partition("[simulation.covariates.age_years]")[0] + "{after}"
    with pytest.raises(InvalidInput) as caught:
        trial_of(protocol=protocol, after=after)
    errors = [one for one in caught.value.issues if one.severity is Severity.ERROR]
    issues = locate_issues(errors, tmp_path)
    assert {issue.column for issue in issues} == parts.keys()
    lines = (tmp_path / "protocol.toml").read_text("utf-8").splitlines()
    for issue in issues:
        name = issue.column.split(".")[2]
        assert lines[issue.row - 1].startswith(f"{name} = ")
        assert f"`{name}`" in issue.message
        assert issue.hint


def test_what_does_not_vary_may_be_turned_off(trial_of):
    off = "[simulation.parameters.loss]\nvalue = 0\n"
    trial = trial_of(simulation='vary = ["PLT0"]', after=off)
    assert "loss" not in trial.cohort.parameters.names


def test_a_covariate_that_feeds_nothing_is_a_warning(trial_of):
    declared = '[covariates.tissue]\nlabel = "tissue"\ntype = "category"\nlevels = ["a", "b"]\n'
    text = PROTOCOL.replace("[products.msc]", declared + "\n[products.msc]")
    trial = trial_of(
        protocol=text, after="[simulation.covariates.tissue]\nshares = { a = 1, b = 3 }\n"
    )
    (found,) = [one for one in trial.issues if one.severity is Severity.WARNING]
    assert "feeds no parameter" in found.message
    assert set(people_of(trial).subjects["tissue"]) == {"a", "b"}
