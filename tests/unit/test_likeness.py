"""Pairs that must be suggested, and pairs that must not."""

from __future__ import annotations

import pytest

from stromal.likeness import find_nearest, find_similar

SLIPS = [
    ("lab", "labs"),
    ("skn", "skin"),
    ("relaps", "relapse"),
    ("SUBJECT", "subject"),
    ("subject id", "subject"),
    ("dya", "day"),
    ("detial", "detail"),
    ("platelet", "platelets"),
    ("Hemoglobin", "haemoglobin"),
    ("hemoglobine", "haemoglobin"),
    ("leucocytes", "leukocytes"),
    ("graft-failure", "graft_failure"),
    ("Platelet Recovery", "platelet_recovery"),
    ("platelet_recovry", "platelet_recovery"),
    ("acute_gvhd_grades_3_4", "acute_gvhd_grade_3_4"),
    ("tumor volume", "tumour_volume"),
    ("cyclosporin", "cyclosporine"),
]
# Each is another thing: another power of ten, unit, product, analyte, arm, day or direction.
OTHERS = [
    ("mch", "mchc"),
    ("he", "hes"),
    ("10^4/uL", "10^3/uL"),
    ("g/l", "10^9/L"),
    ("mg/L", "ug/L"),
    ("ng/mL", "mg/mL"),
    ("g/dL", "mg/dL"),
    ("PLT transfusion", "transfusion_red_cells"),
    ("platelet transfusion", "transfusion_red_cells"),
    ("stage", "Age"),
    ("stage", "age"),
    ("sex", "six"),
    ("alt", "alp"),
    ("alt", "ast"),
    ("cd4_t_cells", "cd8_t_cells"),
    ("il_2", "il_6"),
    ("protein_s", "protein_c"),
    ("neutrophil_%", "neutrophils"),
    ("neutrophils%", "neutrophils"),
    ("haptoglobin", "haemoglobin"),
    ("myoglobin", "haemoglobin"),
    ("creatine", "creatinine"),
    ("lymphocytes", "leukocytes"),
    ("myelocytes", "monocytes"),
    ("eosinophils", "neutrophils"),
    ("direct_bilirubin", "bilirubin"),
    ("indirect", "direct"),
    ("unrelated", "related"),
    ("matched", "mismatched"),
    ("hypotension", "hypertension"),
    ("female", "male"),
    ("lower_limit", "upper_limit"),
    ("grade_iii", "grade_iv"),
    ("factor_viii", "factor_vii"),
    ("arm_a", "arm_b"),
    ("msc_b", "msc_a"),
    ("day_28", "day_100"),
    ("day_28", "day_27"),
    ("acute_gvhd_grade_2_4", "acute_gvhd_grade_3_4"),
    ("chronic_gvhd", "acute_gvhd"),
    ("n.d.", "day"),
    ("infusion", "transfusion"),
    ("", "day"),
    ("zzz", "subject"),
]


@pytest.mark.parametrize(("given", "meant"), SLIPS)
def test_a_slip_is_suggested(given, meant):
    assert find_nearest(given, (meant, "something_else")) == meant


@pytest.mark.parametrize(("given", "other"), OTHERS)
def test_another_thing_is_never_suggested(given, other):
    assert find_nearest(given, (other,)) is None


def test_where_two_are_as_near_neither_is_suggested():
    assert find_nearest("gradd", ("grade", "grady")) is None
    assert find_nearest("grade", ("GRADE", "grady")) == "GRADE"


def test_short_names_of_a_model_are_suggested_by_likeness_alone():
    assert find_similar("drog", ["drug", "cells"]) == "drug"
    assert find_similar("x" * 100_000, ["drug"]) is None
    assert find_nearest("kee", ["ke"]) is None
