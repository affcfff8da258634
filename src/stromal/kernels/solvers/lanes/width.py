"""How many patients one vector register of this machine carries, and in which precision."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from typing import Literal

from llvmlite import binding

from stromal.kernels.solvers.problem import Precision

# Features that give 512-bit and 256-bit registers with fused multiply-add.
WIDE = frozenset({"avx512f", "avx512dq", "fma"})
NARROW = frozenset({"avx2", "fma"})
ARM = frozenset({"neon"})


@dataclass(frozen=True, slots=True)
class Width:
    """A vector register: the bits of one number, and how many numbers.

    Examples
    --------
    >>> Width(64, 8).name
    'f64x8'
    """

    bits: Literal[32, 64]
    lanes: int

    @property
    def name(self) -> str:
        """The name of the type: `f64x8`."""
        return f"f{self.bits}x{self.lanes}"


@cache
def read_host_features() -> frozenset[str]:
    """Names of the features that this machine's processor has; empty where it does not say.

    Examples
    --------
    >>> all(isinstance(feature, str) for feature in read_host_features())
    True
    """
    try:
        features = binding.get_host_cpu_features()
    except RuntimeError:  # LLVM cannot ask this operating system
        return frozenset()
    return frozenset(name for name, present in features.items() if present)


def choose_width(
    precision: Precision = "f64", features: AbstractSet[str] | None = None
) -> Width | None:
    """The widest register to use; None where lanes would not pay and one by one is better.

    Parameters
    ----------
    precision
        `f64` or `f32`: the numbers that states are kept in.
    features
        What the processor can do; this machine's when left out.

    Returns
    -------
    Width or None
        8 lanes of f64 (16 of f32) with AVX-512, 4 (8) with AVX2 and fused multiply-add or on
        64-bit ARM, None otherwise.

    Examples
    --------
    >>> choose_width(features={"avx512f", "avx512dq", "avx2", "fma"})
    Width(bits=64, lanes=8)
    >>> choose_width("f32", features={"avx2", "fma"})
    Width(bits=32, lanes=8)
    >>> choose_width(features={"sse2"}) is None
    True
    """
    found = read_host_features() if features is None else features
    if found >= WIDE:
        registers = 8
    elif found >= NARROW or found >= ARM:
        registers = 4
    else:
        return None
    return Width(64, registers) if precision == "f64" else Width(32, 2 * registers)
