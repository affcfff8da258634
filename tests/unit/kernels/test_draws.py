"""Drawn parameters depend on the seed, the parameter and the patient, and on nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from stromal.kernels.draws import LogNormal, Uniform, draw_parameters

POPULATION = {"k": LogNormal(2.0, 0.4), "u": Uniform(-1.0, 3.0)}


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64])
def test_chunks_give_the_same_patients(chunk):
    every = draw_parameters(5, 0, 64, POPULATION)
    for name, values in every.items():
        parts = [
            draw_parameters(5, first, min(chunk, 64 - first), POPULATION)[name]
            for first in range(0, 64, chunk)
        ]
        assert np.array_equal(np.concatenate(parts), values)


def test_another_parameter_changes_nothing():
    alone = draw_parameters(5, 3, 9, {"u": POPULATION["u"]})["u"]
    assert np.array_equal(alone, draw_parameters(5, 3, 9, POPULATION)["u"])


def test_seeds_and_names_differ():
    same = {"a": Uniform(0, 1), "b": Uniform(0, 1)}
    first, second = draw_parameters(1, 0, 50, same), draw_parameters(2, 0, 50, same)
    assert len({*first["a"], *first["b"], *second["a"], *second["b"]}) == 200


def test_distributions():
    drawn = draw_parameters(7, 0, 20_000, POPULATION)
    assert kstest(np.log(drawn["k"] / 2.0) / 0.4, "norm").pvalue > 1e-3
    assert kstest((drawn["u"] + 1.0) / 4.0, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(drawn["k"], drawn["u"])[0, 1]) < 0.03
