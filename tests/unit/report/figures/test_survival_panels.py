import polars as pl

from stromal.report.figures.survival_panels import SurvivalPanel, plot_survival_panels


def frame(*groups, last=100.0):
    parts = [
        pl.DataFrame(
            {"group": [group] * 2, "label": [""] * 2, "n": [9, 9], "day": [0.0, last],
             "probability": [1.0, 0.5], "low": [1.0, 0.2], "high": [1.0, 0.8],
             "at_risk": [9, 8], "events": [0, 4], "censored": [0, 1]},
            schema_overrides={"group": pl.String},
        )
        for group in groups
    ]  # fmt: skip
    return pl.concat(parts)


def plot(*panels):
    return plot_survival_panels(panels, name="p", title="Survival", since="graft")


def test_groups_that_all_panels_share_are_named_once():
    panels = [SurvivalPanel(name, frame("a", "b"), labels={"a": "MSC"}) for name in ("OS", "PFS")]
    svg = plot(*panels)
    assert svg.count(">MSC</text>") == 1
    assert svg.count("Days from graft</text>") == 2


def test_a_panel_without_one_of_the_groups_keeps_their_colours():
    svg = plot(SurvivalPanel("OS", frame("a", "b")), SurvivalPanel("PFS", frame("b")))
    assert svg.count(">b</text>") == 1


def test_groups_that_differ_are_named_below_each_panel():
    svg = plot(SurvivalPanel("OS", frame("a", "b")), SurvivalPanel("PFS", frame("c", "d")))
    assert [svg.count(f">{name}</text>") for name in "abcd"] == [1, 1, 1, 1]


def test_rows_have_their_name_and_days_stand_below_the_last():
    panels = [
        SurvivalPanel(title, frame(None), row) for row in ("OS", "PFS") for title in ("x", "y")
    ]
    svg = plot(*panels)
    assert svg.count("Days from graft</text>") == 2
    assert ">OS</text>" in svg
    assert ">PFS</text>" in svg


def test_more_than_four_panels_go_on_in_a_further_line():
    five = plot(*[SurvivalPanel(f"P{i}", frame(None)) for i in range(5)])
    four = plot(*[SurvivalPanel(f"P{i}", frame(None)) for i in range(4)])

    def height(svg):
        return float(svg.split('viewBox="0 0 ')[1].split('"')[0].split()[1])

    assert height(five) > 1.7 * height(four)


def test_the_picture_is_told_in_words():
    svg = plot(SurvivalPanel("OS", frame("a"), "All", note="P = 0.3"))
    assert "All, OS: a: 9 patients, 4 events; P = 0.3." in svg
