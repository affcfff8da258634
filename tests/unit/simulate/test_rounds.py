import numpy as np
import polars as pl

from stromal.endpoints.derive import derive_outcomes
from stromal.simulate.observe import read_measurements
from stromal.simulate.population import draw_people
from stromal.simulate.rounds import run_course
from stromal.simulate.schedule import derive_doses
from stromal.simulate.simulate import simulate_patients

REPEAT = (
    "repeat = { every_days = 7, count = 3, from_day = 28, "
    'rule = { endpoint = "early", labels = ["CR"] } }'
)
EARLY = """
[[endpoints]]
name = "early"
rule = "itp_response"
baseline = "before"
parameters = { from_day = 1, to_day = 28, confirmation_days = 0 }
"""
TRANSFUSE = """
[[simulation.actions]]
name = "platelet_transfusion"
analyte = "platelets"
below = 25
event = "transfusion_platelets"
adds = 40
{more}
"""


def by_subject(table):
    return table.group_by("subject", "replicate", maintain_order=True)


def test_doses_go_on_while_the_endpoint_has_the_label(trial_of):
    trial = trial_of(regimen=REPEAT, more=EARLY, simulation="switches = { hazard = 0 }")
    doses = simulate_patients(trial).patients.doses
    more = doses.filter(pl.col("day") >= 28)
    assert set(more["day"]) == {28.0, 35.0, 42.0}
    # The label is of days 1 to 28 and does not change later: all or none.
    assert set(by_subject(more).len()["len"]) == {3}
    assert 0 < by_subject(more).len().height < 7 * 8


def test_labels_that_decide_are_those_that_the_tables_give(trial_of):
    trial = trial_of(regimen=REPEAT, more=EARLY)
    patients = simulate_patients(trial).patients
    labels = derive_outcomes(patients, [trial.endpoints["early"]])
    responded = labels.filter(pl.col("label") == "CR", pl.col("subject").str.starts_with("msc"))
    given = patients.doses.filter(pl.col("day") == 28).select("subject", "replicate")
    alive = patients.subjects.filter(pl.col("last_day") >= 28).select("subject", "replicate")
    wanted = responded.join(alive, on=["subject", "replicate"]).select("subject", "replicate")
    assert 0 < given.height < 56
    assert given.sort(given.columns).equals(wanted.sort(wanted.columns))


def test_a_transfusion_is_given_below_its_threshold_and_raises_the_count(trial_of):
    trial = trial_of(after=TRANSFUSE.format(more=""))
    patients = simulate_patients(trial).patients
    labs = patients.labs.select("subject", "replicate", "day", "value")
    given = patients.events.filter(event="transfusion_platelets")
    low = labs.filter(pl.col("value") < 25, pl.col("day") < 56)
    keys = ["subject", "replicate", "day"]
    assert given.height > 5
    assert given.select(keys).sort(keys).equals(low.select(keys).sort(keys))
    first = given.filter(pl.col("day") == 0)
    plain = simulate_patients(trial_of()).patients.labs.select(
        "subject", "replicate", "day", "value"
    )
    after = labs.filter(pl.col("day") == 7).join(first, on=["subject", "replicate"])
    before = plain.filter(pl.col("day") == 7).join(first, on=["subject", "replicate"])
    assert after["value"].median() > before["value"].median() + 5


def test_a_rule_pauses_and_ends(trial_of):
    trial = trial_of(after=TRANSFUSE.format(more="pause_days = 14\nat_most = 2"))
    given = simulate_patients(trial).patients.events.filter(event="transfusion_platelets")
    days = by_subject(given).agg(pl.col("day"))
    assert days["day"].list.len().max() == 2
    apart = days["day"].list.diff().list.drop_nulls().explode().drop_nulls()
    assert apart.min() >= 14


def test_a_product_is_stopped_when_something_happened(trial_of):
    after = (
        TRANSFUSE.format(more="to_day = 0")
        + """
[[simulation.actions]]
name = "stop_after_transfusion"
happened = "transfusion_platelets"
from_day = 0
to_day = 0
stop = ["msc"]
"""
    )
    patients = simulate_patients(trial_of(after=after)).patients
    given = patients.events.filter(event="transfusion_platelets").select("subject", "replicate")
    treated = given.filter(pl.col("subject").str.starts_with("msc"))
    days = patients.doses.join(treated, on=["subject", "replicate"])["day"]
    assert treated.height > 0
    assert set(days) == {0.0}
    others = patients.doses.join(treated, on=["subject", "replicate"], how="anti")["day"]
    assert set(others) == {0.0, 7.0}


def test_a_rule_sets_a_parameter_from_then_on_in_those_it_concerns(trial_of):
    after = """
[[simulation.actions]]
name = "block_less"
analyte = "platelets"
below = 25
to_day = 0
event = "next_therapy"
sets = { turnover = 0.4 }
"""
    treated, plain = (simulate_patients(trial_of(after=each)).patients for each in (after, ""))
    given = treated.events.filter(event="next_therapy").select("subject", "replicate")
    labs = treated.labs.select("subject", "replicate", "day", "value")
    own = plain.labs.select("subject", "replicate", "day", "value")
    others = [table.join(given, on=["subject", "replicate"], how="anti") for table in (labs, own)]
    assert given.height > 5
    # A run that stops to ask differs within its tolerance, which a rounded count may show by one.
    assert (others[0]["value"] - others[1]["value"]).abs().max() <= 1
    changed = [
        table.join(given, on=["subject", "replicate"]).filter(
            pl.col("day") == 14, pl.col("subject").str.starts_with("msc")
        )["value"]
        for table in (labs, own)
    ]
    assert changed[0].median() > changed[1].median() + 10


def test_growth_is_asked_against_the_lowest_value_that_was_measured_before(trial_of):
    grown = """
[[simulation.actions]]
name = "grown"
analyte = "platelets"
above = 30
times_lowest = 1.6
event = "progression"
at_most = 1
"""
    patients = simulate_patients(trial_of(after=grown)).patients
    found = patients.events.filter(pl.col("event") == "progression")
    known = patients.labs.drop_nulls("value")
    keys = ["subject", "replicate"]
    first = []
    for key, own in known.sort("day").group_by(keys, maintain_order=True):
        lowest = own["value"].cum_min().shift(1)
        rise = own.filter((own["value"] > 30) & (own["value"] > 1.6 * lowest))
        if rise.height:
            first.append((*key, rise["day"][0]))
    assert 10 < len(first) < known.select(keys).n_unique()
    assert sorted(found.select(*keys, "day").rows()) == sorted(first)


def test_asking_every_day_changes_no_course_by_a_fiftieth_of_the_error_of_a_count(trial_of):
    asked = """
[[simulation.actions]]
name = "never"
analyte = "platelets"
below = -1
event = "bleeding"
"""
    whole, stopped = trial_of(), trial_of(after=asked)
    members = whole.numbering.members(0, 96)
    people = draw_people(whole.cohort, whole.protocol, whole.numbering, members)
    doses, _ = derive_doses(whole.protocol, people.subjects)
    one, many = (run_course(trial, people, doses, threads=1) for trial in (whole, stopped))
    days = np.intersect1d(one.times, many.times)
    places = [np.searchsorted(course.times, days) for course in (one, many)]
    first, second = (
        course.outputs["PLT"][:, at] for course, at in zip((one, many), places, strict=True)
    )
    spread = read_measurements()["platelets"]
    error = np.hypot(spread.within, spread.error)
    assert np.abs(second / first - 1).max() < error / 50
