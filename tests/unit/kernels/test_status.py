"""Outcomes of an integration."""

from __future__ import annotations

import numpy as np

from stromal.kernels.status import Status, explain_statuses


def test_every_outcome_has_words_of_its_own():
    words = [status.words for status in Status]
    assert all(words)
    assert len(set(words)) == len(words)


def test_codes_fit_the_column():
    assert [Status(code) for code in np.arange(len(Status), dtype=np.int8)] == list(Status)


def test_words_in_the_order_of_patients():
    codes = np.array([Status.NOT_FINITE, Status.DONE], dtype=np.int8)
    assert explain_statuses(codes) == (Status.NOT_FINITE.words, "done")
