"""Widths: what is chosen for which processor."""

from __future__ import annotations

import pytest

from stromal.kernels.solvers.lanes import width
from stromal.kernels.solvers.lanes.width import Width, choose_width, read_host_features

AVX512 = {"avx512f", "avx512dq", "avx2", "fma"}


@pytest.mark.parametrize(
    ("features", "precision", "name"),
    [
        (AVX512, "f64", "f64x8"),
        (AVX512, "f32", "f32x16"),
        ({"avx2", "fma"}, "f64", "f64x4"),
        ({"avx512f", "avx2", "fma"}, "f64", "f64x4"),
        ({"neon"}, "f32", "f32x8"),
    ],
)
def test_the_widest_that_pays(features, precision, name):
    chosen = choose_width(precision, features)
    assert chosen is not None
    assert chosen.name == name


@pytest.mark.parametrize("features", [set(), {"sse2"}, {"avx2"}])
def test_none_where_it_does_not_pay(features):
    assert choose_width(features=features) is None


def test_a_system_that_does_not_tell_has_no_lanes(monkeypatch):
    def refuse():
        raise RuntimeError("not supported")

    monkeypatch.setattr(width.binding, "get_host_cpu_features", refuse)
    read_host_features.cache_clear()
    try:
        assert read_host_features() == frozenset()
        assert choose_width() is None
    finally:
        read_host_features.cache_clear()
    assert choose_width(features=AVX512) == Width(64, 8)
