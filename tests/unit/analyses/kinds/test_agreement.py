import dataclasses

from tests.unit.analyses.example import answer

AGREEMENT = {"estimate": "agreement", "endpoint": "response", "scale": "investigator",
             "item": "itp_response"}  # fmt: skip


def test_agreement_is_told_with_its_interval():
    kind, found = answer(AGREEMENT)
    (said,) = kind.describe(found)
    assert said.startswith("The derived outcome is the reported one in 1 of 2 patients (50 %, 95 %")


def test_full_agreement_is_said_below_the_table():
    kind, found = answer(AGREEMENT)
    assert kind.remark(found) == ""
    agreed = dataclasses.replace(found, disagreements=found.disagreements.clear())
    assert kind.remark(agreed).endswith("in every patient who has both.")


def test_patients_who_differ_are_listed():
    kind, found = answer(AGREEMENT)
    (line,) = kind.details(found).rows
    assert line[0].text == "2"
    assert found.estimates["method"][0] == (
        "share of patients with the reported label, Clopper-Pearson interval"
    )
