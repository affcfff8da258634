from tests.unit.endpoints.rules.gvhd.staged import bounded, outcome, patient, scored

RULE = "chronic_gvhd_organ_score"


def test_a_recorded_score_is_the_score():
    row = outcome(
        patient(scored("chronic_gvhd_score", 98, joints=2)),
        RULE,
        organ="joints",
        window={"day": 100, "before": 7},
    )
    assert (row["value"], row["day"], row["reason"]) == (2, 98, "joints and fascia score 2")


def test_what_was_not_recorded_leaves_it_open_or_missing():
    rows = patient(scored("chronic_gvhd_signs", 100, skin_bsa=20))
    row = outcome(rows, RULE, organ="skin", derived=["skin"], window={"day": 100})
    assert bounded(row) == (None, 2, 3)
    assert row["reason"] == (
        "skin score 2 to 3 possible on day 100: not all of it was recorded, or a bound does not "
        "decide"
    )
    recorded = outcome(rows, RULE, organ="skin", window={"day": 100})
    assert bounded(recorded) == (None, None, None)
    assert recorded["reason"] == "skin not scored on day 100"
