import polars as pl
import pytest

from stromal.analyses.bind import read_bound
from stromal.analyses.courses import read_compared
from stromal.analyses.kind import Setting
from stromal.analyses.run import run_analyses
from stromal.estimates.course_comparison import compare_courses
from stromal.tables.patients import Patients
from tests.unit.analyses import example

KEYS = {"estimate": "trajectory", "analyte": "platelets", "by": "arm"}
WHO = [str(number) for number in range(1, 9)]
DAYS = (0.0, 7.0, 14.0, 28.0)


def labs(**columns):
    rows = [
        (who, day, 20.0 + 3 * int(who) + day * (int(who) % 2) + (int(who) * day) % 5)
        for who in WHO
        for day in DAYS
    ]
    frame = pl.DataFrame(rows, schema=["subject", "day", "value"], orient="row")
    given = {"analyte": pl.lit("platelets"), "unit": pl.lit("10^9/L")}
    return frame.with_columns(**(given | columns))


def setting(table=None, events=None, arms=("msc", "control")):
    subjects = pl.DataFrame({"subject": WHO, "arm": [arms[int(who) % len(arms)] for who in WHO]})
    given = {} if events is None else {"events": events}
    return Patients.of(subjects=subjects, labs=labs() if table is None else table, **given)


def answer(people, **keys):
    protocol = example.protocol({**KEYS, **keys})
    (bound,) = read_bound(protocol)
    (found,) = run_analyses([bound], Setting(protocol, people, example.outcomes().clear()))
    return bound.kind, found


def rows_of(found, statistic):
    return found.estimates.filter(statistic=statistic).to_dicts()


def test_one_effect_one_test_and_one_check_stand_beside_the_figure():
    kind, found = answer(setting())
    (effect,) = rows_of(found, "geometric mean ratio")
    (test,) = rows_of(found, "p")
    (check,) = rows_of(found, "parallel courses p")
    assert (effect["term"], effect["reference"], effect["n"]) == ("msc", "control", 8)
    assert effect["low"] < effect["value"] < effect["high"]
    assert set(found.estimates["endpoint"]) == {"platelets"}
    assert test["value"] is not None
    assert check["value"] is not None
    words = " ".join(kind.describe(found)).replace("\u00a0", " ")
    assert words.startswith("Ratio of geometric means of MSC against Control: ")
    assert "F test of the mixed model: P" in words
    assert kind.remark(found) == "Compared are the values of day 7 to 28."


def test_what_is_compared_is_what_the_estimator_is_given():
    _, found = answer(setting())
    compared = read_compared(found.use, found.setting)
    assert compared.rows["day"].min() == 7
    assert compared.rows.filter(subject="3")["baseline"].unique().to_list() == [29.0]
    own = compare_courses(compared.rows, reference="control")
    assert rows_of(found, "p")[0]["value"] == own.test.p_value


def test_days_and_the_scale_are_those_asked_for():
    _, found = answer(setting(), scale="identity", from_day=10.0, to_day=20.0, baseline=False)
    compared = read_compared(found.use, found.setting)
    assert compared.rows["day"].unique().to_list() == [14.0]
    assert "baseline" not in compared.rows.columns
    (effect,) = rows_of(found, "mean difference")
    assert effect["method"].endswith("not estimable: no patient has two measurements")


def test_a_patient_without_a_value_before_is_told_and_nobody_is_left_out():
    kind, found = answer(setting(labs().filter((pl.col("subject") != "2") | (pl.col("day") > 0))))
    assert rows_of(found, "p")[0]["n"] == 8
    assert "not adjusted for the value before day 0, which 1 patient has not" in kind.remark(found)


def test_values_near_support_are_told_or_left_out():
    events = pl.DataFrame({"subject": ["1"], "event": ["transfusion_platelets"], "day": [6.0]})
    kind, found = answer(setting(events=events))
    assert "1 value lies within 7 days after a transfusion" in kind.remark(found)
    _, without = answer(setting(events=events), support_days=7.0)
    assert read_compared(without.use, without.setting).rows.height == 8 * 3 - 1


def test_deaths_are_told_by_group():
    events = pl.DataFrame({"subject": ["1", "3"], "event": ["death"] * 2, "day": [20.0, 90.0]})
    kind, found = answer(setting(events=events))
    assert "By day 28 had died: 0 of 4 in MSC and 1 of 4 in Control." in kind.remark(found)


@pytest.mark.parametrize(
    ("table", "arms", "reason"),
    [
        (labs(value=pl.lit(5.0)), ("msc", "control"), "all values are the same"),
        (labs().filter(subject="1"), ("msc", "control"), "there are no two groups with values"),
        (labs(), ("msc",), "there are no two groups with values"),
        (labs(bound=pl.lit("below")), ("msc", "control"), "of 24 values only a limit is known"),
        (labs(value=pl.col("value") * 0), ("msc", "control"), "a value before is 0 or below"),
    ],
)
def test_what_cannot_be_compared_is_named(table, arms, reason):
    kind, found = answer(setting(table, arms=arms))
    (test,) = rows_of(found, "p")
    assert test["value"] is None
    assert f"not estimable: {reason}" in test["method"]
    assert kind.describe(found)[0].startswith(f"Groups are not compared: {reason}")
    assert kind.remark(found) == ""
    assert not any("F test" in cell.text for line in kind.tabulate(found).rows for cell in line)


def test_wrong_keys_are_issues():
    protocol = example.protocol({**KEYS, "reference": "other", "from_day": 9.0, "to_day": 3.0})
    with pytest.raises(Exception, match="reference") as caught:
        read_bound(protocol)
    assert "to_day" in str(caught.value)
