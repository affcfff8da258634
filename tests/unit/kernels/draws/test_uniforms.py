"""Random numbers depend on the seed, the stream and the place, and on nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from stromal.kernels.draws.uniforms import GAP, draw_uniforms, draw_uniforms_at


def test_numbers_are_uniform():
    drawn = draw_uniforms(3, "k", 0, 50_000)
    assert kstest(drawn, "uniform").pvalue > 1e-3
    assert 0 < drawn.min() < drawn.max() < 1


@pytest.mark.parametrize("first", [0, 1, 3, 4, 18, 2**62 + 1])
def test_a_place_has_one_number(first):
    every = draw_uniforms(3, "k", first, 40)
    assert np.array_equal(draw_uniforms(3, "k", first + 5, 6), every[5:11])
    places = np.array([first + 2, first + 3, first + 39])
    assert np.array_equal(draw_uniforms_at(3, "k", places), every[[2, 3, 39]])


def test_places_may_be_far_apart():
    places = np.array([0, 1, GAP, 3 * GAP, 10**12, 10**12 + 1, 2**53])
    alone = [draw_uniforms(3, "k", int(place), 1)[0] for place in places]
    assert draw_uniforms_at(3, "k", places).tolist() == alone
    assert draw_uniforms_at(3, "k", places[:0]).tolist() == []
