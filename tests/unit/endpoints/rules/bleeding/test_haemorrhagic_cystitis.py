"""Haemorrhagic cystitis: the printed scale, which ends at IV."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.rules.bleeding.graded import graded, result, row
from tests.unit.endpoints.signed import signed

from stromal.endpoints.records.graded_signs import SignParameters
from stromal.endpoints.rules.bleeding.haemorrhagic_cystitis import (
    HAEMORRHAGIC_CYSTITIS,
    derive_haemorrhagic_cystitis,
)

NONE = dict.fromkeys(("microscopic", "macroscopic", "clots", "renal_failure"), "no")


@pytest.mark.parametrize(
    ("there", "grade"),
    [
        ((), "0"),
        (("microscopic",), "I"),
        (("microscopic", "macroscopic"), "II"),
        (("macroscopic", "clots"), "III"),
        (("clots", "renal_failure"), "IV"),
        (("macroscopic", "renal_failure"), "II"),
    ],
)
def test_signs_have_the_printed_grade(there, grade):
    items = NONE | dict.fromkeys(there, "yes")
    found = signed(derive_haemorrhagic_cystitis, (30, "haematuria", items))
    assert (found["label"], found["value"]) == (
        grade,
        HAEMORRHAGIC_CYSTITIS.labels[int(found["value"])].rank,
    )


def test_reasons_name_the_signs_that_decide():
    items = NONE | {"clots": "yes", "renal_failure": "yes"}
    assert signed(derive_haemorrhagic_cystitis, (30, "haematuria", items))["reason"] == (
        "macroscopic haematuria with clots and renal failure from urinary obstruction on day 30, "
        "grade IV"
    )
    open_ = signed(derive_haemorrhagic_cystitis, (30, "haematuria", {"clots": "yes"}))
    assert open_["reason"].startswith("grade III to IV possible: not recorded on day 30: renal")


def test_onset_is_a_matter_of_the_window():
    patients = graded("haematuria", {2: 3, 30: 1})
    late = derive_haemorrhagic_cystitis(patients, SignParameters(from_day=7))
    assert result(row(late)) == ("I", 1, 1)


def test_the_scale_ends_at_four():
    assert [label.name for label in HAEMORRHAGIC_CYSTITIS.labels] == ["0", "I", "II", "III", "IV"]
