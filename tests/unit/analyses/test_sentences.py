import polars as pl

from stromal.analyses.kind import Answer, Setting
from stromal.analyses.kinds.survival import SurvivalUse
from stromal.analyses.sentences import describe_at_day, in_group, render_with_interval
from stromal.tables.estimates import ESTIMATES
from tests.unit.analyses import example


def answer(*rows):
    use = SurvivalUse(name="s", estimate="survival", endpoint="relapse")
    setting = Setting(example.protocol(), example.patients(), example.outcomes())
    frame = pl.DataFrame(
        [{"statistic": "survival probability", "unit": "1", "n": 9} | row for row in rows],
        infer_schema_length=None,
    )
    return Answer(use, setting, ESTIMATES.conform(frame))


def test_a_year_is_told_where_it_was_asked_for_else_the_last_day():
    values = {100.0: 0.9, 365.0: 0.8, 730.0: 0.7}
    rows = [{"day": day, "value": value} for day, value in values.items()]
    assert describe_at_day(answer(*rows), "Survival") == ["Survival at day 365 was 80 %."]
    later = answer(rows[0], rows[2])
    assert describe_at_day(later, "Survival") == ["Survival at day 730 was 70 %."]


def test_every_group_is_told_and_all_patients_are_words():
    rows = [{"day": 9.0, "value": 0.5}, {"day": 9.0, "value": 0.25, "by": "arm", "group": "msc"}]
    assert describe_at_day(answer(*rows), "Survival") == [
        "Survival at day 9 was 50 % in all patients and 25 % in MSC."
    ]


def test_nothing_dated_is_nothing_said():
    assert describe_at_day(answer({"day": None, "value": 0.5}), "Survival") == []


def test_an_interval_stands_with_its_level():
    row = {"value": 25.0, "low": 10.0, "high": None, "unit": "day", "level": 0.9, "n": 9}
    assert render_with_interval(row).replace("\u00a0", " ") == (
        "25 days (90 % CI 10 to not reached)"
    )


def test_one_row_needs_no_group():
    row = {"group": "msc", "by": "arm"}
    assert in_group(answer({"day": 1.0}), row, [row]) == ""
