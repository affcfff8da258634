"""Stages by sites: every combination against the printed table, and what gaps leave possible."""

from __future__ import annotations

from itertools import product

import pytest
from tests.unit.endpoints.rules.lymphoma.staged import assessed, patient

from stromal.endpoints.rules.lymphoma.sites import SiteParameters, derive_stages, name_stage

SAID = ("no", "yes")
EXTRANODAL = ("none", "single", "contiguous_limited", "noncontiguous")


def stages(items, **parameters):
    given = SiteParameters(**({"stage": "derived"} | parameters))
    found = derive_stages(patient(assessed("lymphoma", items)), given)
    return found.row(0, named=True)


def by_table(groups, both, spleen, extranodal, bulky):
    """The printed table row by row, from the bottom."""
    if extranodal == "noncontiguous":
        return "IV"
    if both == "yes" or spleen == "yes":
        return "III"
    if groups == 0:
        return "IE"
    if groups > 1 and bulky == "yes":
        return "II bulky"
    if extranodal == "contiguous_limited":
        return "IIE"
    return "II" if groups > 1 else "I"


def test_every_combination_has_the_stage_of_the_table_or_contradicts_itself():
    judged = 0
    for sites in product(range(3), SAID, SAID, EXTRANODAL, SAID):
        found = name_stage(*sites)
        if found is not None:
            judged += 1
            assert found == by_table(*sites), sites
    # 3 groups of nodes or none; single lesions are without nodes, all others but IV with them
    assert judged == 2 + 3 * 2 * 2 + 3 * 2 * 2 * 2


@pytest.mark.parametrize(
    "sites",
    [
        (1, "yes", "no", "none", "no"),
        (0, "no", "yes", "none", "no"),
        (0, "no", "no", "contiguous_limited", "no"),
        (0, "no", "no", "single", "yes"),
        (1, "no", "no", "single", "no"),
        (0, "no", "no", "none", "no"),
    ],
)
def test_sites_that_contradict_each_other_have_no_stage(sites):
    assert name_stage(*sites) is None


@pytest.mark.parametrize(
    ("items", "possible"),
    [
        ({"nodal_groups": 1}, ("I, IIE, III or IV", 1, 4)),
        ({"nodal_groups": 3, "both_sides": True}, ("III or IV", 3, 4)),
        ({"extranodal": "none"}, ("I, II, II bulky or III", 1, 3)),
        ({"extranodal": "single"}, ("IE", 1, 1)),
        ({"extranodal": "noncontiguous"}, ("IV", 4, 4)),
        (
            {"bulky": True, "both_sides": False, "spleen": False, "extranodal": "none"},
            ("I or II bulky", 1, 2),
        ),
    ],
)
def test_missing_sites_leave_open_what_they_may_change(items, possible):
    row = stages(items)
    assert (row["possible"], row["least"], row["most"]) == possible
    only = possible[0] if "or" not in possible[0] else None
    assert row["stage"] == only


def test_sites_taken_as_absent_close_the_stage_but_never_make_nodes():
    absent = {"unrecorded_sites": "absent"}
    assert stages({"nodal_groups": 1}, **absent)["stage"] == "I"
    assert stages({"nodal_groups": 5, "bulky": True}, **absent)["stage"] == "II bulky"
    assert stages({"both_sides": True}, **absent)["stage"] == "III"
    assert stages({"bulky": False}, **absent)["possible"] == "I or II"


def test_a_reported_stage_is_read_apart_from_sites():
    row = stages({"stage": "II bulky", "nodal_groups": 1}, stage="recorded")
    assert (row["stage"], row["least"], row["most"]) == ("II bulky", 2, 2)
