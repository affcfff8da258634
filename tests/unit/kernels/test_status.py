"""Outcomes of an integration."""

from __future__ import annotations

import numpy as np

from stromal.kernels.status import Status, explain_failures, explain_statuses


def test_every_outcome_has_words_of_its_own():
    words = [status.words for status in Status]
    assert all(words)
    assert len(set(words)) == len(words)


def test_codes_fit_the_column():
    assert [Status(code) for code in np.arange(len(Status), dtype=np.int8)] == list(Status)


def test_words_in_the_order_of_patients():
    codes = np.array([Status.NOT_FINITE, Status.DONE], dtype=np.int8)
    assert explain_statuses(codes) == (Status.NOT_FINITE.words, "done")


def test_every_failure_has_a_remedy_of_its_own():
    remedies = [status.remedy for status in Status if status is not Status.DONE]
    assert all(remedies)
    assert len(set(remedies)) == len(remedies)


def test_a_failure_says_where_it_stopped():
    codes = np.array([Status.DONE, Status.STEP_LIMIT, Status.BAD_PARAMETERS], dtype=np.int8)
    done, limit, bad = explain_failures(codes, np.array([9.0, 2.5, np.nan]))
    assert done == ""
    assert limit == f"stopped after time 2.5: {Status.STEP_LIMIT.remedy}"
    assert bad == f"stopped before the first time: {Status.BAD_PARAMETERS.remedy}"
