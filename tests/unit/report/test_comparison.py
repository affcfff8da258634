import dataclasses

import polars as pl
import pytest

from stromal.estimates.compare import compare_published
from stromal.report.comparison import (
    SAME_COUNT,
    describe_comparison,
    find_verdict,
    render_comparison,
)


def compared(content, *cells):
    row = {
        "analysis": "response", "statistic": "proportion", "label": "CR",
        "value": None, "unit": "%", "events": None, "n": None, "source": "harris2016",
        "locator": "Table 2", "note": None,
    }  # fmt: skip
    printed = pl.DataFrame([row | cell for cell in cells], infer_schema_length=None)
    found = compare_published(printed, content.cohorts[0].estimates)
    return dataclasses.replace(content, published=printed, comparison=found)


AGREES = {"events": 1, "n": 3}
SAME = {"label": "NR", "events": 2, "n": 4, "note": "one is missing"}
OTHER = {"label": "overall_response", "value": 40.0, "note": "one is missing"}
NOBODY = {"label": "VGPR", "events": 1, "n": 3}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([], ""),
        ([AGREES], "The one published number agrees with ours."),
        ([AGREES, {**AGREES, "label": "NR", "events": 2}],
         "Both published numbers agree with ours."),
        ([SAME, OTHER],
         ("Of 2 published numbers, none agrees in full; in 1 the count is the same and only the "
         "denominator differs (4 printed, 3 in the data); 1 differs.")),
        ([AGREES, NOBODY],
         "Of 2 published numbers, 1 agrees with ours; 1 differs."),
        ([{**AGREES, "source": "kmsurv"}], "The one reference number agrees with ours."),
    ],
)  # fmt: skip
def test_one_sentence_says_how_much_agrees(content, cells, said):
    if cells == [AGREES, NOBODY]:
        said = said.replace("1 differs", "1 has no counterpart here")
    content = compared(content, *cells) if cells else dataclasses.replace(
        content, comparison=content.comparison.clear()
    )  # fmt: skip
    assert describe_comparison(content) == said


def test_verdicts_and_differences_in_words(content):
    content = compared(content, AGREES, SAME, OTHER, {**AGREES, "n": None, "events": 3, "day": 1.0})
    assert [find_verdict(row) for row in content.comparison.to_dicts()] == [
        "yes", SAME_COUNT, "differs", "not estimated",
    ]  # fmt: skip
    view = render_comparison(content)
    rows = [[cell.text.replace("\u00a0", " ") for cell in row] for row in view.rows]
    assert rows[0][0] == "Response"
    assert rows[1][:5] == ["CR", "1/3 (33 %)", "1/3 (33 %)", "same count", "agrees"]
    assert rows[2][3] == "same count, of 1 patient fewer"
    assert rows[3][1:4] == ["40 %", "33.3 % (n = 3)", "6.7 points lower"]


def test_reasons_that_repeat_are_said_once_below(content):
    view = render_comparison(compared(content, SAME, OTHER))
    assert view.footnotes == (("a", "one is missing"),)
    assert [row[0].mark for row in view.rows] == ["", "a", "a"]
    assert "Why" not in [heading.text for heading in view.headings]
    single = render_comparison(compared(content, SAME, AGREES))
    assert single.footnotes == ()
    assert "Why" in [heading.text for heading in single.headings]
