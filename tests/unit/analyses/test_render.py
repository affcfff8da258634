from stromal.analyses.render import render_findings
from tests.unit.analyses.example import answer


def test_an_answer_is_words_table_and_figure():
    _, found = answer({"estimate": "proportion", "endpoint": "response", "note": "as printed"})
    (result,) = render_findings([found])
    assert (result.analysis, result.endpoints, result.note) == ("a0", ("response",), "as printed")
    assert result.sentences
    assert result.table
    assert result.figure.name == "figure-a0"
