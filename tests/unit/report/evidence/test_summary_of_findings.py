from stromal.report.evidence.shown import Answered
from stromal.report.evidence.summary_of_findings import (
    list_doubts,
    render_summary_of_findings,
    write_pooled,
)
from stromal.report.figures.forest import Forest, ForestPool
from stromal.report.figures.funnel import Funnel

SHARE = Forest("Response", (), (ForestPool("r", 0.68, 0.6, 0.75, prediction=(0.4, 0.88)),))
RATIO = Forest(
    "Risk ratio", (), (ForestPool("r", 0.6, 0.4, 0.9, prediction=(0.3, 1.2)),), scale="ratio"
)


def test_a_row_says_studies_patients_effect_and_prediction():
    answer = Answered("a", "Response", SHARE, 9, 668, "I² = 72 %", ("few", "wide"))
    row = [cell.text for cell in render_summary_of_findings([answer]).rows[0]]
    assert row == ["Response", "9 (668)", "68 % (60–75)", "40–88 %", "I² = 72 %", "few; wide"]


def test_it_claims_no_grade():
    view = render_summary_of_findings([Answered("a", "A", SHARE, 9)])
    assert "no GRADE judgement" in view.note
    assert view.rows[0][-1].text == "nothing that the numbers show"
    assert not render_summary_of_findings([])


def test_what_is_not_estimable_is_said():
    empty = Answered("a", "A", Forest("x", ()), 0)
    row = [cell.text for cell in render_summary_of_findings([empty]).rows[0]]
    assert row[2:4] == ["not estimable", "–"]
    assert list_doubts(empty) == ("no study",)
    assert list_doubts(Answered("a", "A", Forest("x", ()), 3)) == ("nothing could be pooled",)
    assert list_doubts(Answered("a", "A", SHARE, 1)) == ("one study",)


def test_units_stand_beside_differences_and_not_beside_ratios():
    days = Forest("Days", (), scale="difference", unit="days", digits=1)
    assert write_pooled(ForestPool("r", -2.0, -4.0, 0.5), days) == "−2.0 days (−4.0 to 0.5)"
    assert write_pooled(RATIO.pools[0], RATIO) == "0.60 (0.40–0.90)"


def test_doubts_follow_from_numbers():
    many = {"studies": 12, "patients": 800}
    assert list_doubts(Answered("a", "A", SHARE, **many)) == ()
    assert list_doubts(Answered("a", "A", RATIO, **many)) == (
        "a new study may show no effect or the reverse",
    )
    wide = Forest("x", (), (ForestPool("r", 0.5, 0.3, 0.7),))
    funnel = Funnel("x", (), 0.0, p=0.05)
    assert list_doubts(Answered("a", "A", wide, 12, 99, funnel=funnel), single_arms=12) == (
        "no study has a comparison", "the interval is wide", "99 patients in all",
        "small studies say something else",
    )  # fmt: skip
    assert list_doubts(Answered("a", "A", SHARE, **many), single_arms=3, i2=50.0) == (
        "3 of 12 studies without a comparison", "studies differ much (I²\u00a050\u00a0%)"
    )  # fmt: skip
