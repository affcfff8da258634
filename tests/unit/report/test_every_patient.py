import dataclasses

import polars as pl

from stromal.report.every_patient import render_outcomes


def texts(view):
    return [[cell.text for cell in row] for row in view.rows]


def test_outcomes_have_one_row_per_patient(content):
    rows = texts(render_outcomes(content.protocol, content.cohorts[0]))
    assert [cell.replace("\u00a0", " ") for cell in rows[0]] == ["p1", "MSC 2 × 10⁶/kg", "CR", "IV"]
    assert rows[2] == ["p3", "No MSC", "–", "–"]


def test_a_time_is_a_day_with_a_mark_that_is_explained(content):
    times = (
        content.cohorts[0]
        .outcomes.head(2)
        .with_columns(
            pl.lit("time").alias("kind"),
            pl.Series("status", [0, 2]),
            pl.Series("day", [90.0, 12.0]),
        )
    )
    view = render_outcomes(
        content.protocol, dataclasses.replace(content.cohorts[0], outcomes=times)
    )
    assert [row[2] for row in texts(view)] == ["90+", "12†", "–"]
    assert view.headings[2].text == "Response, day"
    assert "+ no event" in view.note
    assert "† a competing event" in view.note


def test_values_have_their_unit(content):
    values = content.cohorts[0].outcomes.head(1).with_columns(
        pl.lit("value").alias("kind"), pl.lit(None, pl.String).alias("label"),
        pl.lit(51.0).alias("value"), pl.lit("10^9/L").alias("unit"),
    )  # fmt: skip
    rows = texts(
        render_outcomes(content.protocol, dataclasses.replace(content.cohorts[0], outcomes=values))
    )
    assert rows[0][2].replace("\u00a0", " ") == "51 × 10⁹/L"
