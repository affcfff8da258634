from stromal.simulate.questions import list_question_days, list_questions

ACTION = """
[[simulation.actions]]
name = "count"
analyte = "platelets"
below = 10
from_day = 7
to_day = 21
event = "transfusion_platelets"
"""


def test_a_rule_is_asked_when_its_analyte_is_measured(trial_of):
    assert list_question_days(trial_of(after=ACTION)) == (7.0, 14.0, 21.0)


def test_a_rule_may_have_days_of_its_own(trial_of):
    after = ACTION.replace(
        'analyte = "platelets"\nbelow = 10', 'happened = "death"\nevery_days = 5'
    )
    assert list_question_days(trial_of(after=after)) == (7.0, 12.0, 17.0)


def test_repeats_are_asked_in_their_arm_and_end_with_the_run(trial_of):
    regimen = (
        "repeat = { every_days = 20, count = 9, from_day = 14, "
        'rule = { endpoint = "response", labels = ["R"] } }'
    )
    questions = list_questions(trial_of(regimen=regimen))
    assert [question.day for question in questions] == [14.0, 34.0, 54.0]
    assert {question.arm for question in questions} == {"msc"}


def test_a_rule_that_asks_nothing_is_for_everybody_once(trial_of):
    after = '\n[[simulation.actions]]\nname = "g_csf"\nfrom_day = 5\nevent = "g_csf"\n'
    assert list_question_days(trial_of(after=after)) == (5.0,)
