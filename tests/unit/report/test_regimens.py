from stromal.report.regimens import render_regimens


def test_regimens_and_arms_without_one(content):
    rows = [[cell.text for cell in row] for row in render_regimens(content.protocol).rows]
    assert rows[:2] == [
        ["MSC 2 x 10^6/kg", "MSC", "2\u00a0×\u00a010⁶\u00a0cells/kg", "0", ""],
        ["No MSC", "observation only", "", "", ""],
    ]
