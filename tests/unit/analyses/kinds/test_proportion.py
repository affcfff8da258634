from tests.unit.analyses import example
from tests.unit.analyses.example import answer

from stromal.analyses.bind import bind_analyses


def texts(view):
    return [[cell.text for cell in row] for row in view.rows]


SHARES = {"estimate": "proportion", "endpoint": "response", "by": "arm",
          "combine": {"overall": ["CR", "R"]}}  # fmt: skip


def test_labels_that_nobody_has_are_named_under_the_table():
    kind, found = answer(SHARES)
    view = kind.tabulate(found)
    assert view.note.endswith("No patient had: NR.")
    assert ["", "overall", "100 %", "29 to 100 %", "3/3"] in texts(view)


def test_the_figure_shows_every_label_that_somebody_has_with_its_interval():
    kind, found = answer(SHARES)
    figure = kind.plot(found)
    assert ">overall<" in figure.svg
    assert ">NR<" not in figure.svg
    assert "Clopper-Pearson" in figure.caption


def test_nobody_with_a_label_is_no_figure():
    kind, found = answer(SHARES, outcomes=None)
    assert kind.plot(found) is None


# Groups -------------------------------------------------------------------------------------------

BY_FEVER = SHARES | {"by": "fever"}


def test_groups_have_one_effect_and_one_test_of_what_is_combined():
    _, found = answer(BY_FEVER)
    rows = found.estimates
    effects = rows.filter(rows["term"].is_not_null())
    assert effects.select("label", "term", "reference", "statistic").rows() == [
        ("overall", "yes", "no", "risk difference")
    ]


def test_without_combined_labels_the_best_response_is_compared():
    _, found = answer({"estimate": "proportion", "endpoint": "response", "by": "fever",
                       "effect": "odds_ratio", "test": "fisher"})  # fmt: skip
    rows = found.estimates
    assert rows.filter(rows["term"].is_not_null())["label"].to_list() == ["CR"]
    assert rows.filter(statistic="p").select("label", "by").rows() == [("CR", "fever")]


def test_the_effect_and_the_test_are_said_and_shown():
    kind, found = answer({"estimate": "proportion", "endpoint": "response", "by": "fever"})
    sentences = " ".join(kind.describe(found))
    assert "Difference of shares of yes against no" in sentences
    assert "Chi-squared test" in sentences
    cells = [cell.text for row in kind.tabulate(found).rows for cell in row]
    assert "difference of shares, CR" in cells


def test_a_reference_that_is_no_group_is_an_issue():
    protocol = example.protocol(SHARES | {"by": "arm", "reference": "placebo"})
    (issue,) = bind_analyses(protocol)[1]
    assert issue.column == "analyses[0].reference"
