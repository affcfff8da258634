import dataclasses

from stromal.report.sections.issues import section


def test_issues_are_counted_and_listed(content):
    count, table = section(content).blocks
    assert count.spans == ("1 warning.",)
    assert table.rows[0][1].text == "subjects.csv row 3"


def test_no_issues_is_said_plainly(content):
    (only,) = section(dataclasses.replace(content, issues=())).blocks
    assert only.spans == ("No issues were found.",)
