import dataclasses

import polars as pl

from stromal.report.flow import is_judged, render_flow, render_reasons


def texts(view):
    return [[cell.text for cell in row] for row in view.rows]


def test_flow_counts_who_can_be_judged(content):
    (cohort,) = content.cohorts
    view = render_flow(content.protocol, cohort)
    assert texts(view)[0] == ["Patients in the data", "2", "1", "0", "3"]
    assert texts(view)[1] == ["Evaluable: Response", "2", "0", "0", "2"]
    assert view.note == ""
    assert cohort.outcomes.filter(is_judged()).height == 4


def test_reasons_stand_below_their_endpoint(content):
    (cohort,) = content.cohorts
    assert texts(render_reasons(content.protocol, cohort)) == [
        ["Response", "1", "no count after day 0"],
        ["Grade (MAGIC)", "1", "no stages"],
    ]


def test_rare_reasons_are_counted_together(content):
    (cohort,) = content.cohorts
    one = cohort.outcomes.filter(~is_judged()).head(1)
    many = pl.concat([one.with_columns(pl.lit(f"reason {n}").alias("reason")) for n in range(10)])
    rows = texts(render_reasons(content.protocol, dataclasses.replace(cohort, outcomes=many)))
    assert len(rows) == 9
    assert rows[1] == ["", "1", "reason 1"]
    assert rows[-1] == ["", "2", "other reasons"]


def test_it_is_said_where_everybody_is_evaluable(content):
    (cohort,) = content.cohorts
    judged = dataclasses.replace(cohort, outcomes=cohort.outcomes.filter(is_judged()))
    assert render_flow(content.protocol, judged).note.startswith("Every patient")
    assert not render_reasons(content.protocol, judged)
