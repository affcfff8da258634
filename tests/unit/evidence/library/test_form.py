"""A form becomes rows of the record, and its issues are told at its lines."""

from __future__ import annotations

import pytest

from stromal.errors import InvalidInput, Issue
from stromal.evidence.library.form import read_form
from stromal.evidence.library.reader import read_library
from stromal.evidence.library.schemas import ARMS, OUTCOMES, STUDIES

STUDIES_KNOWN = read_library().studies

FORM = """\
[study]
study = "Jones2026"
read_in = "jones2026"
year = 2026
reference = "J 2026;1:1"
design = "single_arm"

[[arms]]
n = 40
dose_median = 2e6

[[outcomes]]
indication = "itp"
outcome = "overall_response"
scale = "proportion"
printed_events = 30
printed_total = 40
locator = "Table 2"

[[outcomes]]
indication = "itp"
outcome = "complete_response"
scale = "proportion"
printed_value = "12.50"
events = 5
total = 40
value = 12.5
locator = "Table 2"
"""


@pytest.fixture
def written(tmp_path):
    def write(text=FORM):
        path = tmp_path / "form.toml"
        path.write_text(text, "utf-8")
        return path

    return write


def test_rows_have_the_columns_of_the_record(written):
    frames = read_form(written(), STUDIES_KNOWN).frames
    for schema in (STUDIES, ARMS, OUTCOMES):
        assert frames[schema.name].columns == list(schema.names)
    first, second = frames["outcomes"].rows(named=True)
    assert (first["events"], first["total"], first["value"], first["unit"]) == (30, 40, 75.0, "%")
    assert (first["printed_value"], first["printed_n"], first["read_in"]) == (None, 40, "jones2026")
    assert (second["printed_value"], second["value"], second["printed_events"]) == (
        "12.50",
        12.5,
        None,
    )
    assert frames["outcomes"]["row"].n_unique() == 2


def test_a_count_that_is_not_told_is_not_zero(written):
    rows = read_form(written(FORM.replace("printed_events = 30\n", "")), STUDIES_KNOWN).frames
    assert rows["outcomes"].row(0, named=True)["value"] is None
    assert rows["outcomes"].row(0, named=True)["events"] is None


def test_a_known_study_is_not_told_again(written):
    text = FORM.replace("Jones2026", "Gao2016")
    short = text.replace('year = 2026\nreference = "J 2026;1:1"\ndesign = "single_arm"\n', "")
    assert read_form(written(short), STUDIES_KNOWN).frames["studies"].height == 0
    assert read_form(written(text), STUDIES_KNOWN).frames["studies"].height == 1


def test_issues_find_their_lines(written):
    rows = read_form(written(), STUDIES_KNOWN)
    assert rows.place(Issue("no", "outcomes", 1, "scale")).row == 23
    assert rows.place(Issue("no", "outcomes", 1, "row")).row == 20
    assert rows.place(Issue("no", "arms", 0, "n")).row == 9
    assert rows.place(Issue("no", "studies", 0, "design")).row == 6
    assert rows.place(Issue("elsewhere", "labs.csv", 3)).table == "labs.csv"


def test_every_issue_of_the_shape_at_once(written):
    text = FORM.replace('"12.50"', '"12.5 %"').replace("n = 40", 'n = "forty"')
    text = text.replace('locator = "Table 2"\n\n', 'place = "Table 2"\n\n', 1)
    with pytest.raises(InvalidInput) as caught:
        read_form(written(text), STUDIES_KNOWN)
    columns = {issue.column for issue in caught.value.issues}
    assert columns >= {"arms[0].n", "outcomes[0].place", "outcomes[1].printed_value"}


def test_no_outcome_is_an_issue(written):
    text = FORM.split("[[outcomes]]", maxsplit=1)[0]
    with pytest.raises(InvalidInput, match="outcomes"):
        read_form(written(text), STUDIES_KNOWN)
