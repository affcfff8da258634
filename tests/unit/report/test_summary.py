import dataclasses

from stromal.report.summary import primary_endpoint, render_finding, render_summary


def test_the_summary_speaks_of_the_primary_endpoint(content):
    assert primary_endpoint(content).name == "response"
    assert render_summary(content) == (
        "3 patients in 3 arms were analysed.",
        (
            "1 of 3 patients (33 %, 95 % CI 10 to 90) had a complete response and "
            "2 (67 %, 10 to 90) no response."
        ),
        "1 of 3 patients (33 %, 95 % CI 10 to 90) had an overall response (CR or PR).",
        "Of 1 published number, none agrees in full; 1 differs.",
    )


def test_findings_by_kind_of_analysis(content):
    said = {a.name: render_finding(content, a) for a in content.protocol.analyses}
    (test,) = said["survival"]
    assert test.replace("\u00a0", " ") == "Log-rank test: χ² = 12.50, 1 df, P < 0.001."
    assert said["agreement"] == [
        (
            "The derived outcome is the reported one in 0 of 1 patient (0 %, 95 % CI 10 to 90); "
            "the derived grade is higher in 1."
        )
    ]
    assert said["platelets"] == []


def test_nothing_estimated_is_nothing_said(content):
    bare = dataclasses.replace(content, estimates=content.estimates.clear())
    assert all(render_finding(bare, analysis) == [] for analysis in content.protocol.analyses)
