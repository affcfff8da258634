import pytest

from stromal.evidence.library.words import list_words
from stromal.report.evidence.names import (
    name_study,
    name_word,
    spell,
    spell_study,
    tell_apart,
    title_word,
    write_dose,
    write_infusions,
)


@pytest.mark.parametrize("kind", ["indication", "source", "outcome"])
def test_no_word_of_the_record_is_printed_with_an_underscore_or_twice(kind):
    names = [name_word(word) for word in list_words(kind)]
    assert not [name for name in names if "_" in name or "gvhd" in name]
    assert len(set(names)) == len(names)


def test_grades_are_ranges():
    assert title_word("acute_gvhd_ii_iv") == "Acute GVHD II–IV"
    assert name_word("neutropenia_grade_3_up") == "neutropenia grade ≥\u00a03"


def test_initials_of_authors_are_left_out_and_family_names_kept():
    assert name_study("Sánchez-Guijo F", 2014, "x") == "Sánchez-Guijo 2014"
    assert name_study("KJ", 2014, "x") == "KJ 2014"
    assert name_study("Zhao K", None, "x") == "Zhao"
    assert name_study("", 2014, "NCT1") == "NCT1"


def test_doses_and_infusions_that_are_not_known_are_not_zero():
    assert write_dose(None, None, 3.6e6) == "3.6"
    assert write_dose(2e6, 2e6, 2e6) == "2"
    assert write_dose(None, None, None) == write_infusions(None, None) == "–"
    assert write_infusions(None, 3) == "3"


def test_one_study_in_two_parts_keeps_its_name():
    assert tell_apart(["Cetin 2017"] * 2, ["Cetin2017"] * 2) == ["Cetin 2017"] * 2
    assert tell_apart(["Li 2020"] * 2, ["LiA2020", "LiB2020"]) == [
        "Li 2020 (LiA2020)", "Li 2020 (LiB2020)"
    ]  # fmt: skip


def test_remarks_on_an_author_are_no_part_of_the_name():
    assert name_study("Wu Y (listed as Yamei)", 2017, "x") == "Wu 2017"
    assert spell("msc for gvhd") == "MSC for GVHD"


def test_names_of_the_record_are_read_as_author_and_year():
    assert spell_study("LeBlanc2008") == "LeBlanc 2008"
    assert spell_study("Bench_GF") == "Bench_GF"
