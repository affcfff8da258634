import pytest

from stromal.analyses.bind import bind_analyses
from stromal.analyses.panels import Panel, correct_rows, list_groupings, list_panels, rows_of
from stromal.analyses.render import render_findings
from stromal.tables.statistics import LOG_RANK_P
from tests.unit.analyses import many

FAMILY = {
    "estimate": "survival",
    "endpoints": ["survival"],
    "by": ["marker", "early_*"],
    "days": [100.0],
}
GROUPINGS = [
    {"name": "early_late", "of": "late", "combine": {"soon": ["no"], "later": ["yes"]}},
    {"name": "early_infection", "of": "infection", "landmark": 28},
]
OUTCOMES = many.outcomes()


def family(**keys):
    (found,) = many.answers(FAMILY | keys, groupings=GROUPINGS)
    return found


def test_panels_are_endpoints_with_every_grouping():
    found = family()
    assert list_panels(found.use, found.protocol) == (
        Panel("survival", "marker"),
        Panel("survival", "early_late"),
        Panel("survival", "early_infection"),
    )
    assert list_groupings("arm", found.protocol) == ("arm",)
    assert list_groupings(None, found.protocol) == ()


def test_a_panel_has_the_numbers_of_an_analysis_of_its_own():
    alone = {"estimate": "survival", "endpoint": "survival", "by": "marker", "days": [100.0]}
    (one,) = many.answers(alone)
    own = rows_of(family(), Panel("survival", "marker"))
    own = own.filter(own["statistic"] != "corrected p")
    numbers = ["group", "statistic", "day", "value", "low", "high", "n", "events"]
    assert own.select(numbers).rows() == one.estimates.select(numbers).rows()


def test_a_landmark_is_that_of_its_panel_alone():
    rows = family().estimates.filter(statistic="hazard ratio")
    told = dict(rows.select("by", "method").rows())
    assert "landmark" not in told["marker"]
    assert told["early_late"].count("landmark") == 0


def test_every_panel_has_one_test_and_p_is_corrected_for_their_number():
    rows = family().estimates
    plain = rows.filter(statistic="log-rank p")
    corrected = rows.filter(statistic="corrected p")
    assert plain["by"].to_list() == corrected["by"].to_list() == ["marker", "early_late"]
    assert (corrected["value"] >= plain["value"]).all()
    assert family(correction="none").estimates.filter(statistic="corrected p").is_empty()


def test_one_test_is_not_corrected():
    row = {"statistic": LOG_RANK_P.name, "value": 0.04}
    assert list(correct_rows([row], LOG_RANK_P, "holm")) == []


def test_it_is_one_finding_with_one_figure_one_table_and_every_estimate_below():
    (finding,) = render_findings([family()])
    assert finding.figure.svg.count("marker</text>".capitalize()) == 1
    assert finding.figure.frame["by"].unique(maintain_order=True).to_list() == [
        "marker",
        "early_late",
    ]
    first = [row[0].text for row in finding.table.rows]
    assert first == [
        "Marker: yes against no",
        "Early late: soon against later",
        "Early infection",
    ]
    headings = [heading.text for heading in finding.table.headings]
    assert headings[-3:] == ["Hazard ratio (95 %)", "P", "P, corrected"]
    assert finding.details.size > finding.table.size
    assert "Without a comparison, for want of events or of groups: early infection." in (
        finding.sentences
    )


def test_of_many_panels_those_that_stand_out_are_said():
    two = [f"survival_{i}" for i in range(2)]
    endpoints = [{"name": name, "rule": "x"} for name in ("infection", *two)]
    own = OUTCOMES.filter(endpoint="survival")
    frames = [own.with_columns(endpoint=own["endpoint"] + f"_{i}") for i in range(2)]
    frame = OUTCOMES.vstack(frames[0]).vstack(frames[1])
    (found,) = many.answers(
        FAMILY | {"endpoints": ["survival_*"], "by": ["marker", "late"]},
        frame=frame,
        endpoints=endpoints,
    )
    (finding,) = render_findings([found])
    assert finding.sentences[0].startswith("Of 4 comparisons, ")
    assert [row[0].tone for row in finding.table.rows].count("section") == 2


def test_without_groups_a_panel_says_its_median():
    (found,) = many.answers({"estimate": "survival", "endpoints": ["survival"]})
    (finding,) = render_findings([found])
    assert "median" in finding.sentences[0]
    assert [heading.text for heading in finding.table.headings] == ["", "Events/n", "Median, days"]


@pytest.mark.parametrize(
    ("keys", "column", "message"),
    [
        ({"endpoint": "survival"}, "endpoint", "both an endpoint and several"),
        ({"endpoints": ["survivl"]}, "endpoints[0]", "`survivl` is not known"),
        ({"by": ["latest_*"]}, "by[0]", "no grouping is named like"),
        ({"by": ["marker", "nobody"]}, "by[1]", "is a number and makes no groups"),
        ({"endpoints": ["infection"]}, "estimate", "needs a time"),
        ({"strata": ["nobody"]}, "strata[0]", "makes no strata"),
    ],
)
def test_a_fault_is_found_with_its_key(keys, column, message):
    kinds = {"infection": "flag", "survival": "time"}
    _, issues = bind_analyses(many.protocol(FAMILY | keys, groupings=GROUPINGS), kinds)
    found = [issue for issue in issues if issue.column == f"analyses[0].{column}"]
    assert message in found[0].message
