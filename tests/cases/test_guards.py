"""What a statistician would ask about a study, asked of a small one from the command line."""

import polars as pl
import pytest
from typer.testing import CliRunner

from stromal.cli.main import app

N = 48
PROTOCOL = """
format = 2

[study]
name = "small"
title = "A small study"
day_zero = "graft"

[population]
description = "adults"

[arms]
msc = { label = "MSC" }
control = { label = "Control" }

[covariates]
responder = { label = "response on day 28", type = "flag", baseline = false }
marker = { label = "marker", type = "flag" }
risk = { label = "risk", type = "category", levels = ["low", "middle", "high"] }
certain = { label = "a sign of those who died", type = "flag" }

[endpoints]
survival = { rule = "overall_survival", primary = true }
relapse = { rule = "relapse" }
dead = { rule = "time_to_event", parameters = { events = ["death"] } }
thrombocytopenia = { rule = "cytopenia_grade", parameters = { lineage = "thrombocytopenia" } }
infected = { rule = "recorded_event", parameters = { events = ["infection"] } }
gvhd = { rule = "time_to_event", parameters = { events = ["acute_gvhd"], competing = ["death"] } }

"""


@pytest.fixture
def study(tmp_path):
    """Two arms of 24: hazards cross, counts stop on day 20, an infection in all who die."""
    folder = tmp_path / "small"
    (folder / "patients").mkdir(parents=True)
    who = range(1, N + 1)
    arm = {i: "msc" if i % 2 else "control" for i in who}
    # Deaths of one arm come early, of the other late: hazards are not proportional.
    dead = {i for i in who if i % 6 < 4}
    day = {i: (25 + 4 * i if arm[i] == "msc" else 300 + i) if i in dead else 400 for i in who}
    pl.DataFrame(
        {
            "subject": list(who),
            "arm": [arm[i] for i in who],
            "responder": ["yes" if day[i] > 150 else "no" for i in who],
            "marker": ["yes" if i % 5 < 2 else "no" for i in who],
            "risk": [("low", "middle", "high")[i % 3] for i in who],
            "certain": ["yes" if i in dead else "no" for i in who],
        }
    ).write_csv(folder / "patients" / "subjects.csv")
    events = [(i, day[i], "death" if i in dead else "last_follow_up") for i in who]
    events += [(i, 5, "infection") for i in dead]
    events += [(i, 30, "relapse") for i in who if i % 7 == 0 and day[i] > 30]
    events += [(i, 25, "acute_gvhd") for i in who if i % 4 == 0 and day[i] > 25]
    pl.DataFrame(events, schema=["subject", "day", "event"], orient="row").write_csv(
        folder / "patients" / "events.csv"
    )
    labs = [
        (i, d, "platelets", 20 + 9 * (i % 12) + (i * d) % 7, "10^9/L")
        for i in who
        for d in (0, 10, 20)
    ]
    pl.DataFrame(
        labs, schema=["subject", "day", "analyte", "value", "unit"], orient="row"
    ).write_csv(folder / "patients" / "labs.csv")
    return folder


def analyse(study, *analyses):
    """What is said of analyses on the command line, and the estimates that are printed."""
    lines = [f"a{place} = {{ {keys} }}" for place, keys in enumerate(analyses)]
    (study / "protocol.toml").write_text(PROTOCOL + "[analyses]\n" + "\n".join(lines) + "\n")
    found = CliRunner().invoke(app, ["analyse", str(study), "-o", str(study.parent / "out")])
    assert "Traceback" not in found.stderr
    return found


GUARDS = {
    "groups that form after day 0": (
        'estimate = "survival", endpoint = "survival", by = "responder"',
        "`responder` is decided after day 0",
    ),
    "an endpoint that makes groups later": (
        'estimate = "survival", endpoint = "survival", by = "infected"',
        "`infected` is decided after day 0",
    ),
    "counts that stop": (
        'estimate = "survival", endpoint = "survival", by = "thrombocytopenia"',
        "counts behind `thrombocytopenia` stop more than 60 days before",
    ),
    "hazards": (
        'estimate = "survival", endpoint = "survival", by = "arm"',
        "hazards do not look proportional in `a0`",
    ),
    "few events": (
        'estimate = "regression", endpoints = ["relapse"], covariates = ["marker", "risk", "arm"]',
        "fewer than 10 events for each term",
    ),
    "separation": (
        'estimate = "regression", endpoints = ["infected"], covariates = ["certain"]',
        "complete separation by `certain`",
    ),
    "separation of a time": (
        'estimate = "regression", endpoints = ["dead"], covariates = ["certain"]',
        "complete separation by `certain`",
    ),
    "a course that is compared": (
        'estimate = "survival", endpoint = "survival", by = "gvhd"',
        "`gvhd` gives a time and makes no groups",
    ),
}


@pytest.mark.parametrize(("keys", "said"), GUARDS.values(), ids=list(GUARDS))
def test_a_guard_speaks_from_the_command_line(study, keys, said):
    assert said in analyse(study, keys).stderr


def test_a_survival_curve_with_a_competing_event_is_questioned(study):
    found = analyse(study, 'estimate = "survival", endpoint = "gvhd"')
    assert "endpoint `gvhd` has a competing event, which a survival curve" in found.stderr


def test_several_tests_without_correction_are_counted(study):
    comparisons = ['estimate = "proportion", endpoint = "infected", by = "risk"',
                   'estimate = "trajectory", analyte = "platelets", by = "arm"']  # fmt: skip
    assert "2 tests are not corrected for their number" in analyse(study, *comparisons).stderr


def test_what_is_offered_can_be_asked_for(study):
    """The guard on later groups names keys; a protocol with them runs, and is not questioned."""
    found = analyse(
        study,
        'estimate = "regression", endpoints = ["survival"], covariates = ["marker"], '
        'time_dependent = ["gvhd"]',
    )
    assert found.exit_code == 0, found.stderr
    assert "decided after day 0" not in found.stderr
    assert "covariates that change with time" in found.stdout


def test_a_sound_comparison_is_not_questioned(study):
    found = analyse(study, 'estimate = "survival", endpoint = "survival", by = "marker"')
    assert found.exit_code == 0
    assert "warning" not in found.stderr


def test_every_missing_key_is_told_at_once(study):
    found = analyse(
        study,
        'estimate = "survival", by = "arm"',
        'estimate = "median", endpoint = 5',
        'estimate = "regression", endpoints = ["survival"]',
    )
    assert found.exit_code == 1
    assert "no endpoint is named" in found.stderr
    assert "no covariate is named" in found.stderr
    assert "analyses.a1.endpoint" in found.stderr


def test_a_missing_endpoint_is_told_where_the_protocol_is_not_right(study):
    (study / "protocol.toml").write_text(
        PROTOCOL.replace('day_zero = "graft"', 'day_zero = "birth"')
        + '[analyses]\na0 = { estimate = "survival", by = "arm" }\n'
    )
    found = CliRunner().invoke(app, ["check", str(study)])
    assert found.exit_code == 1
    assert "no endpoint is named" in found.stdout + found.stderr
