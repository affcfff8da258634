from stromal.report.blocks import Cite, Fact, Facts, Fold, Section, prose
from stromal.report.citations import find_citations
from stromal.report.view import Cell, Heading, view_of


def test_keys_are_found_in_facts_prose_tables_and_folds_once_each():
    table = view_of("T", [Heading("a"), Heading("b")], [["x", Cell("y", "", ("c", "a"))]])
    section = Section(
        "s",
        "S",
        (Facts((Fact("Question", "q", ("a",)),)), Fold("more", (prose("x", Cite(("b", "a"))),))),
        (Section("t", "T", (table,)),),
    )
    assert find_citations([section]) == ("a", "b", "c")
