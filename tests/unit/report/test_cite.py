from stromal.report.cite import number_references


def test_references_are_numbered_in_the_order_of_first_use():
    found = number_references(["unheard2000", "harris2016", "unheard2000"])
    assert [(item.number, item.key) for item in found] == [(1, "unheard2000"), (2, "harris2016")]


def test_the_doi_stands_apart_from_the_text():
    (found,) = number_references(["harris2016"])
    assert found.doi == "10.1016/j.bbmt.2015.09.001"
    assert found.doi not in found.text
    assert found.text.startswith("Harris AC")


def test_a_key_without_a_source_is_printed_as_it_is():
    assert number_references(["unheard2000"])[0].text == "unheard2000"
