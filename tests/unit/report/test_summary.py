import dataclasses

from stromal.report.blocks import Section
from stromal.report.cohorts import list_cohorts, show_apart
from stromal.report.simulation import ShownSimulation
from stromal.report.summary import primary_endpoint, render_summary


def test_the_summary_speaks_of_the_primary_endpoint(content):
    assert primary_endpoint(content.protocol).name == "response"
    (shown,) = list_cohorts(content)
    assert render_summary(shown) == (
        "3 patients in 3 arms were analysed.",
        (
            "1 of 3 patients (33 %, 95 % CI 10 to 90) had a complete response and "
            "2 (67 %, 10 to 90) no response."
        ),
        "1 of 3 patients (33 %, 95 % CI 10 to 90) had an overall response (CR or PR).",
        "Of 1 published number, none agrees in full; 1 differs.",
    )


def test_printed_numbers_are_compared_with_the_first_cohort_alone(two_origins):
    observed, simulated = (render_summary(shown) for shown in list_cohorts(two_origins))
    assert observed[-1].startswith("Of 1 published number")
    assert simulated[0] == "2 simulated patients in 3 arms were analysed."
    assert not any("published" in sentence for sentence in simulated)


def test_one_of_many_simulated_trials_never_passes_for_patients(content):
    (cohort,) = content.cohorts
    virtual = dataclasses.replace(cohort, origin="simulated", replicate=0)
    alone = dataclasses.replace(
        content, cohorts=(virtual,), simulation=ShownSimulation(replicates=96)
    )
    (shown,) = list_cohorts(alone)
    assert render_summary(shown)[0] == (
        "3 simulated patients in 3 arms were analysed, one of 96 simulated trials; "
        "nobody was treated."
    )
    for title, heading in (
        ("Results", "Results (simulated patients, replicate 0)"),
        ("Patients", "Simulated patients, replicate 0"),
    ):
        told = show_apart(alone, Section("some", title), lambda _: Section("", ""))
        assert told.title == heading
        assert show_apart(content, Section("some", title), lambda _: Section("", "")).title == title
