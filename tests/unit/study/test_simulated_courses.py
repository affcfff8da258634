import dataclasses
import re

import polars as pl
import pytest
from tests.unit.simulate.conftest import PORTS, write_study

from stromal.study.read import read_study
from stromal.study.simulated import simulate_trials
from stromal.study.simulated_courses import draw_course, find_bands

COURSES = '\n[courses.blood]\noutput = "MB"\nlabel = "MSC in blood"\nunit = "doses"\n'
FIGURES = """
[[simulation.figures]]
name = "platelets"
label = "Platelets"
analytes = ["platelets"]
events = ["transfusion_platelets"]
thresholds = [30]

[[simulation.figures]]
name = "in_blood"
label = "MSC in blood"
outputs = ["blood"]
from_day = 0
to_day = 2

[[simulation.actions]]
name = "transfusion"
analyte = "platelets"
below = 60
event = "transfusion_platelets"
"""


@pytest.fixture
def found(tmp_path):
    return simulate_trials(
        read_study(write_study(tmp_path / "s", ports=PORTS + COURSES, after=FIGURES))
    )


def draw(found, place):
    return draw_course(found.trial, found.trial.simulation.figures[place], found.kept)


def test_bands_are_those_of_the_tables(found):
    figure = draw(found, 0)
    labs = found.kept.tables["labs"].filter(day=28.0)
    own = labs.filter(pl.col("subject").str.starts_with("msc"))["value"].drop_nulls()
    band = figure.frame.filter(panel="msc", day=28.0).row(0, named=True)
    assert band["n"] == len(own)
    assert band["median"] == own.median()
    assert band["high"] == own.quantile(0.95, "linear")


def test_shares_of_a_week_are_of_who_was_there(found):
    figure = draw(found, 0)
    events, people = found.kept.tables["events"], found.kept.tables["subjects"]
    first = events.filter(pl.col("event") == "transfusion_platelets", pl.col("day") < 7)
    own = first.filter(pl.col("subject").str.starts_with("control")).unique(
        ["subject", "replicate"]
    )
    there = people.filter(pl.col("arm") == "control", pl.col("last_day") >= 0).height
    shares = [int(one) for one in re.findall(r"platelet transfusion, \u2264 (\d+) %", figure.svg)]
    assert len(shares) == 2
    assert max(shares) >= round(100 * own.height / there)


def test_the_caption_says_what_it_is_and_what_it_is_not(found):
    measured, model = draw(found, 0).caption, draw(found, 1).caption
    assert "96 of 8 trials" in measured
    assert "not how well the median is known" in measured
    assert "drawn anew for every 8 trials" in measured
    assert "without error of measurement" in model
    assert "No quantity here was compared with measurements" in model


def test_parameters_that_are_held_are_owned(found):
    held = dataclasses.replace(found.trial.cohort, uncertain={})
    trial = dataclasses.replace(found.trial, cohort=held)
    caption = draw_course(trial, trial.simulation.figures[0], found.kept).caption
    assert "bands are too narrow" in caption


def test_a_quantity_of_the_model_is_shown_by_the_hour(found):
    figure = draw(found, 1)
    assert "Hours from" in figure.svg
    start = figure.frame.filter(panel="msc", day=0.0)["median"][0]
    end = figure.frame.filter(panel="msc", day=2.0)["median"][0]
    assert 0 < end < 0.05 * start
    assert figure.frame.filter(panel="control")["high"].max() == 0


def test_days_without_a_value_have_no_band():
    rows = pl.DataFrame(
        {"panel": ["p"] * 2, "arm": ["a"] * 2, "day": [0.0, 7.0], "value": [None, 3.0]}
    )
    assert find_bands(rows)["day"].to_list() == [7.0]
