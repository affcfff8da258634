import dataclasses

from stromal.report.summary import primary_endpoint, render_finding, render_summary


def test_the_summary_speaks_of_the_primary_endpoint(content):
    assert primary_endpoint(content).name == "response"
    assert render_summary(content) == (
        "3 patients in 3 arms were analysed.",
        "1 of 3 patients (33 %, 95 % CI 10 to 90) had a complete response.",
        "1 of 3 patients (33 %, 95 % CI 10 to 90) had an overall response (CR or PR).",
        "Of 1 published number, none agree with ours; the reasons stand beside them.",
    )


def test_findings_by_kind_of_analysis(content):
    said = {a.name: render_finding(content, a) for a in content.protocol.analyses}
    assert said["survival"] == ["Log-rank test between the groups: P < 0.001."]
    assert said["agreement"] == [
        "The derived outcome is the reported one in 0 of 1 patient (0 %, 95 % CI 10 to 90)."
    ]
    assert said["platelets"] == []


def test_nothing_estimated_is_nothing_said(content):
    bare = dataclasses.replace(content, estimates=content.estimates.clear())
    assert all(render_finding(bare, analysis) == [] for analysis in content.protocol.analyses)
