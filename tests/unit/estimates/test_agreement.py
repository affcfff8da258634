import polars as pl

from stromal.estimates.agreement import compare_reported

OUTCOMES = pl.DataFrame(
    {
        "subject": ["2", "1", "3"],
        "label": ["III", "II", None],
        "day": [28.0, 0.0, None],
        "reason": ["a", "b", "no stages"],
    }
)


def reports(*rows):
    return pl.DataFrame(
        [(subject, day, "investigator", item, value) for subject, day, item, value in rows],
        schema=["subject", "day", "scale", "item", "value"],
        orient="row",
    )


def test_the_report_of_the_same_day_counts_and_else_the_last():
    assessments = reports(
        ("1", 5.0, "grade", "I"),
        ("2", 28.0, "grade", "III"),
        ("2", 60.0, "grade", "IV"),
        ("1", 2.0, "grade", "II"),
        ("1", 9.0, "response", "CR"),
    )
    found = compare_reported(OUTCOMES, assessments, "investigator", "grade")
    assert found.rows() == [
        ("2", "III", "III", "a"),
        ("1", "II", "I", "b"),
        ("3", None, None, "no stages"),
    ]


def test_nothing_reported_keeps_every_patient():
    found = compare_reported(OUTCOMES, reports(("9", 0.0, "grade", "I")), "investigator", "grade")
    assert found["subject"].to_list() == ["2", "1", "3"]
    assert found["reported"].null_count() == 3
