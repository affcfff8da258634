"""Small models whose solutions are known, for the tests of this folder."""

from __future__ import annotations

from stromal.models.derive import derive_odes
from stromal.models.odes import Odes
from stromal.models.parse import read_model

DECAY = "drug = 0; k = 0.5; drug' = -k * drug;"

WAVE = "x = 1; y = 0; w = 2; x' = w * y; y' = -w * x;"

TWO_COMPARTMENTS = """
compartment plasma = 3, tissue = 20;
species drug in plasma, bound in tissue;
drug = 0; bound = 0; idle = 0; base = 1; cells = 1;
ke = 0.4; kin = 0.2; kout = 0.05; kgrow = 0.1; kill = 0.3; top = 4;
drug -> bound; plasma * kin * drug;
bound -> drug; tissue * kout * bound;
drug -> ; plasma * ke * drug;
cells' = kgrow * cells * (1 - cells / top) - kill * drug / (1 + drug) * cells;
idle' = -idle;
share := cells / (cells + base);
at (time >= 5): cells = cells * 0.5;
"""


def derive(text: str) -> Odes:
    """Equations of a model's text."""
    return derive_odes(read_model(text))
