import polars as pl
import pytest
from tests.unit.simulate.conftest import write_study

from stromal.study.read import read_study
from stromal.study.simulated import simulate_trials
from stromal.study.simulated_figures import draw_figures
from stromal.tables.published import PUBLISHED

FIGURES = """
[[simulation.figures]]
name = "dose"
label = "Response by dose"
show = "dose_response"
analysis = "response"
category = "overall_response"
product = "msc"

[[simulation.figures]]
name = "change"
label = "Best change"
show = "best_change"
analytes = ["platelets"]
"""


@pytest.fixture
def found(tmp_path):
    return simulate_trials(read_study(write_study(tmp_path / "s", after=FIGURES)))


def draw(found, published=None):
    printed = (
        PUBLISHED.empty() if published is None else PUBLISHED.conform(pl.DataFrame([published]))
    )
    return draw_figures(found.trial, found.kept, found.predictions, printed)


def test_the_share_at_a_dose_is_that_of_all_trials_and_the_printed_count_stands_beside(found):
    row = {
        "analysis": "response", "by": "arm", "group": "msc", "statistic": "proportion",
        "label": "overall_response", "events": 2, "n": 3,
    }  # fmt: skip
    dose, _ = draw(found, row)
    chosen = {"analysis": "response", "group": "msc", "label": "overall_response"}
    own = found.predictions.filter(statistic="proportion", **chosen)
    drawn = dose.frame.row(0, named=True)
    assert (drawn["dose"], drawn["events"], drawn["n"]) == (2.0, 2, 3)
    assert drawn["value"] == own["value"][0]
    assert "Between doses nothing was simulated" in dose.caption


def test_an_arm_without_the_product_has_no_dose(found):
    dose, _ = draw(found)
    assert dose.frame["arm"].to_list() == ["MSC"]
    assert dose.frame["n"].to_list() == [None]


def test_the_best_change_is_that_of_each_patient_of_the_first_trial(found):
    _, change = draw(found)
    labs = found.first.patients.labs.filter(subject="msc-2").sort("day")
    base = labs.filter(pl.col("day") <= 0)["value"].last()
    best = labs.filter(pl.col("day") > 0)["value"].min()
    own = change.frame.filter(subject="msc-2").row(0, named=True)
    assert change.frame.height == 12
    assert own["change"] == (None if base is None else pytest.approx(100 * (best / base - 1)))
    assert "A volume is no response" in change.caption
