from stromal.report.blocks import Section, prose
from stromal.report.cohorts import list_cohorts, show_apart


def show(cohort):
    child = Section(cohort.anchor("child"), "Child")
    return Section("", "", (prose(f"{cohort.content.patients.subjects.height}"),), (child,))


def test_patients_of_one_origin_stand_directly_below_the_heading(content):
    (cohort,) = list_cohorts(content)
    assert (cohort.origin, cohort.alone, cohort.content) == ("observed", True, content)
    section = show_apart(content, Section("patients", "Patients"), show)
    assert section.blocks == (prose("3"),)
    assert [child.id for child in section.children] == ["child"]


def test_patients_of_several_origins_are_shown_apart(two_origins):
    section = show_apart(two_origins, Section("patients", "Patients"), show)
    assert [child.title for child in section.children] == [
        "Observed patients",
        "Simulated patients",
    ]
    assert [child.id for child in section.children] == ["patients-observed", "patients-simulated"]
    assert [child.blocks for child in section.children] == [(prose("3"),), (prose("2"),)]
    assert section.children[1].children[0].id == "child-simulated"
    assert section.blocks[0].spans == (
        "Observed and simulated patients were analysed apart; no number is of both together.",
    )


def test_no_table_of_a_cohort_holds_another_origin(two_origins):
    for cohort in list_cohorts(two_origins):
        found = cohort.content
        for table in (found.patients.subjects, found.outcomes, found.estimates):
            assert set(table["origin"].fill_null("observed")) == {cohort.origin}
    assert [cohort.content.comparison.height for cohort in list_cohorts(two_origins)] == [1, 0]
