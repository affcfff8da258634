from stromal.analyses.factors import describe_factors, plot_factors, tabulate_factors
from tests.unit.analyses import many

FACTORS = {
    "estimate": "regression",
    "endpoints": ["infection"],
    "covariates": ["age_years", "marker", "certain"],
}


def answer(**keys):
    (found,) = many.answers(FACTORS | keys)
    return found


def test_the_table_has_a_row_for_each_term_and_a_column_for_each_model():
    view = tabulate_factors(answer(covariates=["age_years", "marker"]))
    assert [heading.text for heading in view.headings] == [
        "Factor", "n/N", "Odds ratio, univariable", "P", "Odds ratio, multivariable", "P",
    ]  # fmt: skip
    assert [row[0].text for row in view.rows] == ["Age, per year", "Marker"]
    assert "Events for each term of the multivariable regression: 9" in view.note


def test_a_term_that_separates_says_so_in_table_and_figure():
    found = answer(models=["univariable"])
    cells = [cell.text for row in tabulate_factors(found).rows for cell in row]
    assert any("separates those with the event" in text for text in cells)
    assert "not estimable" in plot_factors(found).svg


def test_the_sentence_names_who_stands_out_and_is_careful():
    (sentence,) = describe_factors(answer(covariates=["marker"], models=["univariable"]))
    assert sentence.startswith("Infection: of 1 covariate, ")
    assert "not corrected" in sentence


def test_the_figure_is_a_forest_and_claims_no_cause():
    figure = plot_factors(answer(covariates=["age_years", "marker"]))
    assert "Multivariable" in figure.svg
    assert "need not be its cause" in figure.caption


def test_several_endpoints_are_sections():
    two = answer(endpoints=["infection"], models=["univariable"])
    assert not [row for row in tabulate_factors(two).rows if row[0].tone == "section"]


def test_without_outcomes_there_is_no_table_and_no_figure():
    (found,) = many.answers(FACTORS, frame=many.outcomes().clear())
    assert not tabulate_factors(found)
    assert plot_factors(found) is None
    assert describe_factors(found) == []
