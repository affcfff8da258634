from stromal.analyses.render import render_findings
from tests.unit.analyses.example import answer


def test_an_answer_is_words_table_and_figure():
    _, found = answer({"estimate": "proportion", "endpoint": "response", "note": "as printed"})
    (result,) = render_findings([found])
    assert (result.analysis, result.endpoints, result.note) == ("a0", ("response",), "as printed")
    assert result.sentences
    assert result.table
    assert result.figure.name == "figure-a0"


def test_the_only_arm_is_not_told_beside_all_patients():
    asked = {"estimate": "proportion", "endpoint": "response", "by": "arm"}
    _, both = answer(asked)
    (told,) = render_findings([both])
    assert [row[0].text for row in told.table.rows if row[0].text] != ["All patients"]
    msc = {"label": "MSC"}
    alone = {"msc": msc, "control": {"label": "Control", "simulated_only": True}}
    _, found = answer(asked, arms=alone)
    (told,) = render_findings([found])
    assert [row[0].text for row in told.table.rows if row[0].text] == ["All patients"]
    assert set(found.estimates["group"]) == {None, "msc"}
