from stromal.errors import (
    InvalidInput,
    Issue,
    Severity,
    StromalError,
    UnknownUnit,
    has_errors,
    join_words,
)


def test_the_house_message_is_printed_as_the_style_shows_it():
    issue = Issue(
        "haemoglobin is 13.2 g/L, outside 20 to 250 g/L",
        table="labs.csv",
        row=17,
        hint="this looks like g/dL; write the unit in the `unit` column",
    )
    assert str(issue) == (
        "labs.csv row 17: haemoglobin is 13.2 g/L, outside 20 to 250 g/L.\n"
        "hint: this looks like g/dL; write the unit in the `unit` column"
    )


def test_a_place_names_what_is_known():
    assert Issue("x").place == ""
    assert Issue("x", "labs.csv", column="value").place == "labs.csv value"
    assert Issue("x", "labs.csv", 2, "value").place == "labs.csv row 2 column value"
    assert Issue("x", column="arms.msc").place == "arms.msc"


def test_only_an_error_stops_a_run():
    warnings = [Issue("x", severity=Severity.WARNING), Issue("x", severity=Severity.NOTE)]
    assert not has_errors(warnings)
    assert has_errors([*warnings, Issue("x")])


def test_invalid_input_carries_every_issue():
    error = InvalidInput([Issue("one"), Issue("two", hint="do")])
    assert [issue.message for issue in error.issues] == ["one", "two"]
    assert str(error) == "one.\ntwo.\nhint: do"


def test_errors_are_caught_as_one_family_and_as_what_they_are():
    assert issubclass(UnknownUnit, StromalError)
    assert issubclass(UnknownUnit, ValueError)


def test_words_are_joined_with_commas_and_a_last_word():
    found = [join_words(names, "or") for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])]
    assert found == ["", "a", "a or b", "a, b or c"]
    assert join_words(name for name in "ab") == "a and b"
