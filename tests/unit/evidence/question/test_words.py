from stromal.evidence.question.words import list_outcome_words, split_outcome


def test_words_are_split_at_the_sign_alone():
    assert split_outcome("overall_response") == ("overall_response",)
    assert split_outcome("a+b + c") == ("a", "b", "c")


def test_each_word_is_listed_once_in_order():
    assert list_outcome_words(["b", "a + b", "c"]) == ("b", "a", "c")
