from stromal.report.tables import is_judged, render_flow, render_issues, render_regimens


def texts(view):
    return [[cell.text for cell in row] for row in view.rows]


def test_regimens_and_arms_without_one(content):
    assert texts(render_regimens(content.protocol))[:2] == [
        ["MSC 2 x 10^6/kg", "MSC", "2\u00a0×\u00a010⁶\u00a0cells/kg", "0", ""],
        ["No MSC", "observation only", "", "", ""],
    ]


def test_flow_counts_who_can_be_judged_and_says_why_not(content):
    (cohort,) = content.cohorts
    rows = texts(render_flow(content.protocol, cohort))
    assert rows[0] == ["Patients in the data", "2", "1", "0", "3", ""]
    assert rows[1] == ["Evaluable: Response", "2", "0", "0", "2", "1: no count after day 0"]
    assert cohort.outcomes.filter(is_judged()).height == 4


def test_issues_keep_their_words(content):
    assert texts(render_issues(content)) == [
        ["warning", "subjects.csv row 3", "age is missing.", "add it"]
    ]
