import polars as pl
import pytest

from stromal.errors import Severity, has_errors
from stromal.patients.check.keys import check_duplicates
from stromal.patients.observed.results import keep_results
from stromal.tables.labs import LABS
from stromal.tables.patients import TableFile
from tests.unit.patients.folders import PROTOCOL, read

HEADER = "subject,day,analyte,value,unit,status\n"
FILE = TableFile("labs.csv", 2)


def labs(*results, subject="1"):
    """Results of one sample: (value, status)."""
    return LABS.conform(
        pl.DataFrame(
            {
                "subject": subject,
                "day": 7.0,
                "analyte": "platelets",
                "value": [float(value) for value, _ in results],
                "status": [status for _, status in results],
            }
        )
    )


def kept(*results):
    frame, _, issues = keep_results(labs(*results), FILE)
    return frame["value"].to_list(), [issue.message for issue in issues]


@pytest.mark.parametrize(
    ("results", "values", "note"),
    [
        (
            [(200, "final"), (20, "corrected")],
            [20],
            "left out are 1 superseded by a corrected result",
        ),
        ([(200, None), (20, "C")], [20], "left out are 1 superseded by a corrected result"),
        ([(20, "corrected"), (200, "final")], [20], "left out are 1 superseded by a corrected"),
        ([(200, "prelim"), (20, "amended")], [20], "left out are 1 superseded by a corrected"),
        ([(200, "P"), (20, "F")], [20], "left out are 1 preliminary and superseded by a final one"),
        ([(200, "cancelled"), (20, "final")], [20], "left out are 1 cancelled"),
        ([(200, "entered in error")], [], "left out are 1 cancelled"),
        ([(20, "preliminary")], [20], "1 preliminary without a final result; the value counts"),
        ([(20, "corrected")], [20], None),
        ([(20, "final"), (25, "final")], [20, 25], None),
        ([(20, None), (25, None)], [20, 25], None),
        ([(20, "corrected"), (25, "corrected")], [20, 25], None),
    ],
)
def test_which_results_count(results, values, note):
    found, notes = kept(*results)
    assert found == values
    assert len(notes) == (note is not None)
    assert note is None or notes[0].startswith(note)


def test_other_samples_are_untouched():
    frame = pl.concat([labs((1, "final")), labs((2, "corrected"), subject="2")])
    found, _, notes = keep_results(frame, FILE)
    assert (found.height, notes) == (2, ())


def test_what_a_correction_corrects_is_asked_where_there_are_several():
    _, _, issues = keep_results(labs((1, "final"), (2, "final"), (3, "corrected")), FILE)
    issue = issues[-1]
    assert (issue.severity, issue.row, issue.column) == (Severity.ERROR, 4, "status")
    assert issue.message == (
        "which of several final results of platelets of subject 1 on day 7 this one corrects is "
        "not said"
    )


def test_unknown_words_are_issues():
    _, _, (issue,) = keep_results(labs((1, "maybe")), FILE)
    assert issue.message == "`maybe` is not a status"
    assert has_errors([issue])


def test_rows_of_what_follows_stay_right(tmp_path):
    rows = (
        "1,7,platelets,200,10^9/L,final\n\n1,7,platelets,20,10^9/L,corrected\n"
        "1,8,platelets,9,10^9/L,cancelled\n1,9,platelets,30,10^9/L,\n1,9,platelets,31,10^9/L,\n"
    )
    patients, issues = read(tmp_path, labs=HEADER + rows)
    assert not has_errors(issues)
    assert patients.labs["value"].to_list() == [20, 30, 31]
    (note,) = check_duplicates(patients, PROTOCOL)
    assert (note.row, note.severity) == (7, Severity.NOTE)
    assert note.message == "platelets of subject 1 on day 9 is already there in row 6"


def test_files_without_a_status_are_as_they_were():
    frame = labs((1, None), (2, None))
    found, file, issues = keep_results(frame, FILE)
    assert found is frame
    assert (file, issues) == (FILE, ())
