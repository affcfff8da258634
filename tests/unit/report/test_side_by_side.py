import polars as pl
from tests.shared import ROOT

from stromal.protocol.read import read_protocol
from stromal.report.side_by_side import render_side_by_side
from stromal.report.simulation import ShownSimulation
from stromal.tables.estimates import ESTIMATES
from stromal.tables.predictions import PREDICTIONS
from stromal.tables.published import PUBLISHED

KEY = {"analysis": "response", "by": "arm", "group": "cord_1", "statistic": "proportion"}
CR = KEY | {"endpoint": "response", "label": "CR", "unit": "1"}
NUMBERS = {"value": 0.25, "low": 0.0, "high": 0.5, "error": 0.0125, "sd_patients": 0.2}


def rows_of(predictions, published=(), observed=()):
    shown = ShownSimulation(PREDICTIONS.conform(pl.DataFrame(predictions)), replicates=9)
    view = render_side_by_side(
        read_protocol(ROOT / "studies" / "itp-dose"),
        shown,
        PUBLISHED.conform(pl.DataFrame(list(published))) if published else PUBLISHED.empty(),
        ESTIMATES.conform(pl.DataFrame(list(observed))) if observed else ESTIMATES.empty(),
    )
    return [[cell.text for cell in row] for row in view.rows]


def test_published_observed_and_simulated_stand_in_one_row():
    printed = KEY | {
        "label": "CR",
        "events": 4,
        "n": 4,
        "source": "wang2017",
        "locator": "abstract",
    }
    own = CR | {
        "value": 0.25,
        "low": 0.01,
        "high": 0.81,
        "n": 4,
        "method": "m",
    }
    title, row = rows_of([CR | NUMBERS | {"replicates": 9}], [printed], [own])
    assert title[0] == "Response"
    told = [text.replace("\u00a0", " ") for text in row[1:5]]
    assert told == ["4/4", "25 % (1 to 81)", "25 %", "0 to 50"]
    assert row[5:] == ["1.2", "20.0", "–", "–"]


def test_a_number_that_no_trial_has_is_left_out():
    assert rows_of([CR | {"replicates": 0}]) == []


def test_quartiles_are_shown_only_where_they_were_printed():
    quartile = CR | NUMBERS | {"statistic": "lower quartile", "label": None, "replicates": 9}
    assert rows_of([quartile]) == []
    printed = {name: quartile[name] for name in ("analysis", "by", "group", "statistic")}
    printed |= {"value": 3.0, "unit": "1", "source": "wang2017", "locator": "abstract"}
    assert len(rows_of([quartile], [printed])) == 2


def test_printed_numbers_can_stand_apart_from_all_others():
    printed = KEY | {"label": "CR", "events": 4, "n": 4, "source": "wang2017", "locator": "x"}
    numbers = [CR | NUMBERS | {"replicates": 9}, CR | NUMBERS | {"label": "R", "replicates": 9}]
    shown = ShownSimulation(PREDICTIONS.conform(pl.DataFrame(numbers)), replicates=9)
    protocol = read_protocol(ROOT / "studies" / "itp-dose")
    given = (protocol, shown, PUBLISHED.conform(pl.DataFrame([printed])), ESTIMATES.empty())
    apart = {
        flag: [row[0].text for row in render_side_by_side(*given, printed=flag).rows][1:]
        for flag in (True, False)
    }
    assert len(apart[True]) == len(apart[False]) == 1
    assert apart[True] != apart[False]
