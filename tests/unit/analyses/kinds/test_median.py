import polars as pl
from tests.unit.analyses import example, many
from tests.unit.analyses.example import answer

from stromal.analyses.render import render_findings
from stromal.tables.outcomes import OUTCOMES

MEDIAN = {"estimate": "median", "endpoint": "platelets"}


def test_one_line_per_group():
    kind, found = answer(MEDIAN)
    (line,) = kind.tabulate(found).rows
    assert [cell.text for cell in line] == ["All patients", "3", "18", "15–24", "12–30"]


def test_median_and_range_are_told():
    kind, found = answer(MEDIAN)
    (said,) = kind.describe(found)
    assert "median 18" in said
    assert "range 12 to 30" in said


def test_a_value_below_a_limit_counts(monkeypatch):
    """Patient 3 has `<10`: lowest of all, so that the median is known and the minimum is not."""
    below = (pl.col("subject") == "3") & (pl.col("endpoint") == "platelets")
    frame = example.outcomes().with_columns(
        lowest=pl.when(below).then(0.0), highest=pl.when(below).then(10.0)
    )
    monkeypatch.setattr(example, "_outcomes", lambda: frame)
    kind, found = answer(MEDIAN)
    (line,) = kind.tabulate(found).rows
    assert [cell.text for cell in line][:3] == ["All patients", "4", "15"]
    assert line[4].text == "– to 30"
    assert "not evaluable" not in found.estimates["statistic"]


# Comparison of groups -----------------------------------------------------------------------------


def compared(**keys):
    own = [float((i * 7) % 23 + (5 if i % 2 else 0)) for i in range(many.N)]
    rows = [
        {"subject": str(i), "endpoint": "infection", "kind": "value", "value": value,
         "origin": "observed", "unit": "10^9/L", "reason": "r"}
        for i, value in enumerate(own)
    ]  # fmt: skip
    asked = {"estimate": "median", "endpoint": "infection", "by": "marker"} | keys
    (found,) = many.answers(asked, frame=OUTCOMES.conform(pl.DataFrame(rows)))
    return found


def test_groups_have_one_difference_with_its_interval_and_one_test():
    rows = compared(compare="ranks").estimates
    (effect,) = rows.filter(statistic="location shift").to_dicts()
    assert (effect["term"], effect["reference"], effect["unit"]) == ("yes", "no", "10^9/L")
    assert effect["low"] < effect["value"] < effect["high"]
    (test,) = rows.filter(statistic="p").to_dicts()
    assert (test["by"], test["n"]) == ("marker", many.N)


def test_the_comparison_is_said_and_stands_in_the_table():
    (finding,) = render_findings([compared(compare="means", reference="yes")])
    said = " ".join(finding.sentences)
    assert "Difference of means of no against yes: " in said
    assert "t test" in said
    headings = [heading.text for heading in finding.table.headings]
    assert headings[-1] == "Difference from yes (95 %)"
    assert finding.table.rows[-1][0].text == "Between groups"
    assert [row[-1].text == "" for row in finding.table.rows] == [True, False, True, True]


def test_what_was_not_planned_is_not_compared():
    assert set(compared(compare="none").estimates["statistic"]) == {
        "median", "lower quartile", "upper quartile", "minimum", "maximum",
    }  # fmt: skip


def test_times_are_compared_among_patients_with_the_event():
    asked = {"estimate": "median", "endpoint": "survival", "by": "marker"}
    (found,) = many.answers(asked)
    events = many.outcomes().filter(endpoint="survival", status=1).height
    assert found.estimates.filter(statistic="p")["n"].to_list() == [events]


def test_many_groups_have_their_medians_in_words_and_the_rest_in_the_table(monkeypatch):
    people = example.patients(arm=["a", "a", "b", "c"])
    frame = example.outcomes().with_columns(
        value=pl.when(pl.col("kind") == "value").then(pl.col("value").fill_null(21.0))
    )
    monkeypatch.setattr(example, "patients", lambda: people)
    monkeypatch.setattr(example, "_outcomes", lambda: frame)
    arms = {name: {"label": name.upper()} for name in "abc"}
    kind, found = answer(MEDIAN | {"by": "arm", "compare": "ranks"}, arms=arms)
    said = " ".join(kind.describe(found))
    assert "in B (1 patient)" in said
    assert not any(word in said for word in ("all patients", "range", "Difference"))
    assert "Kruskal-Wallis test: P" in said
    assert kind.tabulate(found).headings[-1].text == "Difference from C (95 %)"
