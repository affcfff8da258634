"""Populations: how parameters differ between patients, and the parameters of patient n."""

from __future__ import annotations

from stromal.kernels.draws.composed import Categorical, Mixture, Truncated
from stromal.kernels.draws.continuous import Beta, Fixed, LogitNormal, LogNormal, Normal, Uniform
from stromal.kernels.draws.distribution import Distribution
from stromal.kernels.draws.empirical import Empirical
from stromal.kernels.draws.levels import By, Levels
from stromal.kernels.draws.population import Population, draw_parameters
from stromal.kernels.draws.table import derive_distributions

__all__ = [
    "Beta",
    "By",
    "Categorical",
    "Distribution",
    "Empirical",
    "Fixed",
    "Levels",
    "LogNormal",
    "LogitNormal",
    "Mixture",
    "Normal",
    "Population",
    "Truncated",
    "Uniform",
    "derive_distributions",
    "draw_parameters",
]
