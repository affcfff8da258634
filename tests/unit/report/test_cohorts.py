import dataclasses

from stromal.report.blocks import Section, prose
from stromal.report.cohorts import list_cohorts, show_apart


def show(shown):
    child = Section(shown.anchor("child"), "Child")
    return Section("", "", (prose(f"{shown.cohort.patients.subjects.height}"),), (child,))


def test_patients_of_one_origin_stand_directly_below_the_heading(content):
    (shown,) = list_cohorts(content)
    assert (shown.cohort.origin, shown.alone, shown.content) == ("observed", True, content)
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
        "Observed and simulated patients were analysed apart; no number counts both.",
    )


def test_replicates_are_told_apart(two_origins):
    _, simulated = two_origins.cohorts
    replicates = tuple(dataclasses.replace(simulated, replicate=number) for number in (1, 2))
    content = dataclasses.replace(two_origins, cohorts=replicates)
    assert [shown.anchor("x") for shown in list_cohorts(content)] == [
        "x-simulated-1",
        "x-simulated-2",
    ]
    section = show_apart(content, Section("patients", "Patients"), show)
    assert section.children[1].title == "Simulated patients, replicate 2"
    assert section.blocks[0].spans == ("Simulated patients of each replicate were analysed apart.",)
