import dataclasses

import polars as pl

from stromal.report.sections.patients import section


def test_baseline_flow_and_doses_follow_each_other(content):
    doses = pl.DataFrame(
        {"subject": ["p1"], "day": [0.0], "product": ["cells"], "amount": [2e6], "unit": "cell/kg"}
    )
    (cohort,) = content.cohorts
    patients = cohort.patients.of(subjects=cohort.patients.subjects, doses=doses)
    dosed = dataclasses.replace(cohort, patients=patients)
    views = section(dataclasses.replace(content, cohorts=(dosed,))).blocks
    assert [view.caption for view in views] == [
        "Patients at baseline", "Patient flow", "Not evaluable", "Doses given",
    ]  # fmt: skip


def test_without_doses_one_sentence_says_so(content):
    baseline, flow, _, given = section(content).blocks
    assert given.spans == ("Doses given are not recorded.",)
    assert (flow.caption, baseline.caption) == ("Patient flow", "Patients at baseline")


def test_each_origin_has_its_own_tables(two_origins):
    flows = [child.blocks[1] for child in section(two_origins).children]
    assert [flow.rows[0][1].text for flow in flows] == ["2", "2"]
