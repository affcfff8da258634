from dataclasses import replace

from tests.unit.analyses import many

from stromal.analyses.guards.guard import guard_answers

LATE = {"estimate": "survival", "endpoint": "survival", "by": "late"}


def test_every_issue_is_of_the_protocol():
    issues = guard_answers(many.answers(LATE))
    assert issues
    assert {issue.table for issue in issues} == {"protocol.toml"}


def test_patients_whom_nobody_treated_are_named():
    answers = many.answers(LATE)
    simulated = [replace(a, setting=replace(a.setting, origin="simulated")) for a in answers]
    assert guard_answers(simulated)[0].message.startswith("simulated patients: ")
    assert not guard_answers(answers)[0].message.startswith("observed")


def test_what_is_sound_is_not_questioned():
    plain = {"estimate": "survival", "endpoint": "survival", "by": "marker"}
    assert guard_answers(many.answers(plain)) == ()
