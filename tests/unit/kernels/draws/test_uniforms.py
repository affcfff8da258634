"""Random numbers depend on the seed, the stream and the place, and on nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from stromal.kernels.draws.uniforms import GAP, draw_uniforms, draw_uniforms_at

ONES = 2**64 - 1


@pytest.mark.parametrize(
    ("key", "counter", "words"),
    [
        (
            [0, 0],
            0,
            "16554d9eca36314c db20fe9d672d0fdc d7e772cee186176b 7e68b68aec7ba23b",
        ),
        (
            [ONES, ONES],
            2**256 - 1,
            "87b092c3013fe90b 438c3c67be8d0224 9cc7d7c69cd777b6 a09caebf594f0ba0",
        ),
    ],
)
def test_the_generator_gives_the_published_numbers(key, counter, words):
    """Vectors of the authors of Philox: `kat_vectors` of Random123, philox4x64 with 10 rounds."""
    # NumPy counts up before it makes the first numbers.
    generator = np.random.Philox(key=np.array(key, np.uint64), counter=(counter - 1) % 2**256)
    assert [f"{word:016x}" for word in generator.random_raw(4).tolist()] == words.split()


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
