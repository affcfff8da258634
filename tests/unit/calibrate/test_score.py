"""A trial is simulated and scored, the same in any number of parts."""

from __future__ import annotations

import pytest
from polars.testing import assert_frame_equal

from stromal.calibrate import score
from stromal.calibrate.comparisons import read_comparisons
from stromal.calibrate.score import derive_trial, score_trial
from stromal.calibrate.trials import prepare


def test_every_replicate_has_a_number_between_none_and_all():
    own = [each for each in read_comparisons() if each.trial == "itp-18"]
    found = score_trial(prepare("itp-18", 4, 1), own)
    shares = found.filter(found["id"].str.starts_with("B5.1"))
    assert shares.height == 12
    assert shares["value"].is_between(0, 1).all()
    assert set(shares.filter(id="B5.1c")["n"]) == {12}


def test_outcomes_do_not_depend_on_the_parts(monkeypatch: pytest.MonkeyPatch):
    trial = prepare("itp-18", 2, 1)
    whole = derive_trial(trial, ["response"])
    monkeypatch.setattr(score, "CHUNK", 17)
    parts = derive_trial(trial, ["response"])
    key = ["endpoint", "replicate", "subject"]
    assert_frame_equal(whole.sort(key), parts.sort(key))
