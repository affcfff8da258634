import polars as pl

from stromal.report.evidence.beside import render_beside
from stromal.tables.estimates import ESTIMATES


def rows(*given):
    plain = dict.fromkeys(ESTIMATES.empty().columns)
    plain |= {
        "endpoint": "response", "statistic": "proportion", "label": "CR", "unit": "1",
        "low": 0.4, "high": 0.6, "level": 0.95, "n": 99, "origin": "published",
    }  # fmt: skip
    return pl.DataFrame([plain | row for row in given], schema=ESTIMATES.empty().schema)


def test_a_published_number_stands_beside_observed_and_simulated_ones():
    view = render_beside(
        rows(
            {"value": 0.7, "origin": "simulated", "replicate": 1},
            {"value": 0.9, "origin": "simulated", "replicate": 2},
            {"value": 0.5, "sources": "lin2023"},
            {"value": 0.6, "origin": "observed"},
        ),
        {"response": "Best response"},
    )
    assert [heading.text for heading in view.headings] == [
        "Endpoint", "What", "Published", "Observed", "Simulated"
    ]  # fmt: skip
    said = [cell.text.replace("\u00a0", " ") for cell in view.rows[0]]
    assert said == [
        "Best response", "CR", "50 % (40 to 60), n = 99", "60 % (40 to 60), n = 99",
        "80 % (71 to 89), n = 99",
    ]  # fmt: skip
    assert "mean of all" in view.note
    assert view.rows[0][2].sources == ("lin2023",)


def test_numbers_without_a_counterpart_and_of_groups_are_left_out():
    assert not render_beside(rows({"value": 0.5}))
    assert not render_beside(rows({"value": 0.5, "origin": "observed"}))
    assert not render_beside(
        rows({"value": 0.5, "group": "a"}, {"value": 0.6, "group": "a", "origin": "observed"})
    )
    assert not render_beside(
        rows({"value": 0.5, "day": 28.0}, {"value": 0.6, "day": 100.0, "origin": "observed"})
    )
    assert not render_beside(ESTIMATES.empty())


def test_a_missing_number_is_not_zero():
    view = render_beside(rows({"value": 0.5}, {"value": None, "origin": "observed"}))
    assert view.rows[0][3].text == "–"


def test_a_day_stands_beside_the_same_day_or_beside_none():
    view = render_beside(
        rows(
            {"value": 0.5, "day": 28.0},
            {"value": 0.6, "origin": "observed"},
            {"value": 0.7, "origin": "observed", "day": 28.0},
            {"value": 0.8, "origin": "simulated", "day": 100.0},
        )
    )
    assert [heading.text for heading in view.headings][2:] == ["Published", "Observed"]
    assert view.rows[0][1].text == "CR, day 28"
    assert view.rows[0][3].text.startswith("70")


def test_two_published_numbers_of_one_endpoint_have_a_row_each():
    view = render_beside(
        rows({"value": 0.5, "day": 28.0}, {"value": 0.4}, {"value": 0.6, "origin": "observed"})
    )
    assert [row[1].text for row in view.rows] == ["CR, day 28", "CR"]
