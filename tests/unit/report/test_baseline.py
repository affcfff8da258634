from stromal.report.baseline import render_baseline


def column(view, place):
    return {row[0].text: row[place].text for row in view.rows}


def test_numbers_categories_and_missing_values_by_arm(content):
    view = render_baseline(content.protocol, content.cohorts[0].patients)
    texts = [heading.text for heading in view.headings]
    assert texts[1:] == ["MSC 2\u00a0×\u00a010⁶/kg (n = 2)", "No MSC (n = 1)", "Nobody (n = 0)",
                         "All patients (n = 3)"]  # fmt: skip
    everybody = column(view, 4)
    assert everybody["Age, years"] == "40.5 (31–50)"
    assert everybody["female"] == "1/2 (50 %)"
    assert everybody["high"] == "1/2 (50 %)"
    assert everybody["not stated"] == "1"


def test_an_arm_without_patients_has_no_median(content):
    assert (
        column(render_baseline(content.protocol, content.cohorts[0].patients), 3)["Age, years"]
        == "–"
    )


def test_what_nobody_has_is_left_out(content):
    assert "Weight, kg" not in column(
        render_baseline(content.protocol, content.cohorts[0].patients), 1
    )
