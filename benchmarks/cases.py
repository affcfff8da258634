"""Models and virtual patients that the ensemble benchmark runs."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.compile.program import functions_in
from stromal.kernels.inputs import complete_parameters
from stromal.kernels.kernel import Kernel, compile_kernel
from stromal.kernels.solvers.numpy_names import NUMPY_NAMES
from stromal.kernels.timeline import Dose
from stromal.models.model import Model
from stromal.models.parse import read_model

Floats = NDArray[np.float64]
ROOT = Path(__file__).resolve().parents[1]

SYNTHETIC = "prototypes/ensemble/model.ant"
PHYSIOLOGY = "prototypes/physiology/unified_draft.ant"

# Value and standard deviation of the logarithm, in the order in which patients are drawn.
SYNTHETIC_SPREAD = {
    "ANC0": (5, 0.3),
    "PLT0": (250, 0.3),
    "RBC0": (13, 0.1),
    "ktrN": (0.8, 0.15),
    "ktrP": (0.7, 0.15),
    "gN": (0.17, 0.2),
    "gP": (0.12, 0.2),
    "EmaxF": (1.2, 0.3),
    "keF": (1.4, 0.25),
    "rho": (1.6, 0.15),
    "dE": (0.25, 0.2),
    "kTk": (0.9, 0.3),
    "gT": (0.03, 0.5),
    "sIL6": (60, 0.5),
    "kbl": (50, 0.3),
}
CART_SPREAD = {
    "ANC0": (4.5, 0.30),
    "PLT0": (215, 0.30),
    "HB0": (118, 0.11),
    "LY0": (1.0, 0.45),
    "MTTn": (5.3, 0.15),
    "MTTk": (5.5, 0.15),
    "MTTe": (6.0, 0.15),
    "kapP": (3.0, 0.3),
    "kapM": (1.1, 0.45),
    "kapLY": (1.05, 0.3),
    "IC50I": (80, 0.6),
    "pIFN": (6, 0.7),
    "rhoC": (1.25, 0.12),
    "kkill": (0.9, 0.4),
    "kE": (0.25, 0.2),
    "kch": (0.45, 0.2),
    "kcN": (2.38, 0.15),
    "gT": (0.015, 0.3),
    "kC": (4.0, 0.3),
    "kST": (0.0166667, 0.3),
}
# Reserve of the marrow, stroma, tumour and size of the chemotherapy: value, spread, bounds.
CART_STARTS = {
    "reserve": (0.70, 0.40, 0.15, 1.1),
    "stroma": (0.62, 0.35, 0.12, 1.0),
    "tumour": (90.0, 1.3, 2.5, 3500.0),
    "chemotherapy": (0.85, 0.4, 0.25, 2.2),
}
GUARD = "ln(KT/(TU+1e-9))", "ln(KT/(max(TU,0)+1e-9))"


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A model without events of its own, its patients, and what is given to them.

    `starts` sets states by name, each (N,) or one number; `doses` are (day, state, amount).
    """

    name: str
    text: str
    outputs: tuple[str, ...]
    vary: tuple[str, ...]
    parameters: Floats
    starts: dict[str, Floats]
    doses: tuple[tuple[float, str, Floats | float], ...]
    start: float
    times: Floats
    rapid: tuple[str, ...]

    @property
    def patients(self) -> int:
        """How many there are."""
        return len(self.parameters)

    def head(self, patients: int) -> Case:
        """The first patients alone."""
        cut = slice(0, patients)
        starts = {name: np.broadcast_to(v, self.patients)[cut] for name, v in self.starts.items()}
        doses = tuple((t, s, a if np.ndim(a) == 0 else a[cut]) for t, s, a in self.doses)
        return replace(self, parameters=self.parameters[cut], starts=starts, doses=doses)

    def compile(self, *, prune: bool, slopes: bool = False, model: Model | None = None) -> Kernel:
        """The kernel, all states kept or only those that matter; of a model read before, if any."""
        dosed = tuple(dict.fromkeys([*(state for _, state, _ in self.doses), *self.starts]))
        return compile_kernel(
            model or read_model(self.text),
            outputs=self.outputs,
            vary=self.vary,
            dosed=dosed,
            prune=prune,
            slopes=slopes,
        )

    def whole_parameters(self, kernel: Kernel) -> Floats:
        """Parameters of the compiled program, those that a caller does not see among them."""
        return complete_parameters(kernel, self.parameters)

    def initial_states(self, kernel: Kernel) -> Floats:
        """States of every patient at the start, (N, S), in the order of the kernel."""
        return _initial_states(self, kernel)

    def events(self, kernel: Kernel, factor: float = 1.0) -> list[Dose]:
        """Doses as `solve` takes them; those to states that do not matter are left out."""
        return [
            Dose(day, state, np.asarray(amount) * factor)
            for day, state, amount in self.doses
            if state in kernel.states
        ]

    def without_rates(self, removed: Sequence[str]) -> str:
        """The model's text with the rate lines of some states left out: they stay as they are."""
        return "\n".join(
            line
            for line in self.text.splitlines()
            if not ((found := re.match(r"^\s*(\w+)'\s*=", line)) and found[1] in removed)
        )

    def widened(self, log_sd: float, seed: int) -> Case:
        """Every parameter spread further by a log-normal factor."""
        rng = np.random.default_rng(seed)
        spread = np.exp(log_sd * rng.normal(size=self.parameters.shape))
        return replace(self, parameters=self.parameters * spread)

    def stiffened(self, factor: float) -> Case:
        """The rapid rates of the model multiplied, in its text and in its patients."""
        text = self.text
        for name in self.rapid:
            pattern = rf"(\b{name}\s*=\s*)([0-9.eE+-]+)(\s*;)"
            text = re.sub(pattern, lambda m: f"{m[1]}{float(m[2]) * factor!r}{m[3]}", text)
        scale = np.array([factor if name in self.rapid else 1.0 for name in self.vary])
        return replace(self, text=text, parameters=self.parameters * scale)


@lru_cache(maxsize=64)
def _initial_states(case: Case, kernel: Kernel) -> Floats:
    """Input of the engines, worked out once, so that none of them is charged for it."""
    program = kernel.program
    functions = functions_in(program, NUMPY_NAMES)
    constants = np.zeros((program.constants, case.patients))
    states = np.zeros((program.n_states, case.patients))
    functions.constants(np.ascontiguousarray(case.whole_parameters(kernel).T), constants)
    functions.initial(constants, states)
    for name, values in case.starts.items():
        if name in kernel.states:
            states[kernel.states.index(name)] = values
    return np.ascontiguousarray(states.T)


def find_shared() -> Path:
    """The folder of shared material: STROMAL_SHARED, or `../shared` beside the project."""
    return Path(os.environ.get("STROMAL_SHARED", ROOT.parent / "shared"))


def draw_synthetic(patients: int, seed: int = 1) -> Case:
    """The 44-state model: two conditioning drugs, cells, and mesenchymal cells, for 180 days."""
    text = (find_shared() / SYNTHETIC).read_text("utf-8")
    # every engine is told the times of events, so that they are doses here
    text = re.sub(r"^\s*E\d: at.*$", "", text, flags=re.MULTILINE)
    rng = np.random.default_rng(seed)
    rows = [
        [value * np.exp(rng.normal() * spread) for value, spread in SYNTHETIC_SPREAD.values()]
        for _ in range(patients)
    ]
    conditioning = [(day, drug, 1.0) for day in (1.25, 2.25, 3.25) for drug in ("FLU", "CY")]
    cells = [(5.25, "CARi", 2.0), (5.25, "Allo", 0.05), (14.25, "MSCb", 2.0)]
    return Case(
        name="synthetic, 44 states",
        text=text,
        outputs=("ANC", "PLT", "RBC", "CAR", "Tum", "IL6"),
        vary=tuple(SYNTHETIC_SPREAD),
        parameters=np.array(rows),
        starts={},
        doses=(*conditioning, *cells),
        start=0.0,
        times=np.arange(0.0, 181.0),
        rapid=("kIFN", "kIL6", "kGc", "k15"),
    )


def draw_cart(patients: int, seed: int = 1) -> Case:
    """The 53-state physiology draft: CAR-T cells after chemotherapy, from day -35 to day 180."""
    text = (find_shared() / PHYSIOLOGY).read_text("utf-8")
    if GUARD[0] not in text:
        message = f"{PHYSIOLOGY} has no {GUARD[0]} to be guarded"
        raise ValueError(message)
    rng = np.random.default_rng(seed)
    spread = np.array([spread for _, spread in CART_SPREAD.values()])
    middle = np.array([value for value, _ in CART_SPREAD.values()])
    parameters = middle * np.exp(spread * rng.normal(size=(patients, spread.size)))
    own = dict(zip(CART_SPREAD, parameters.T, strict=True))
    drawn = {
        name: np.clip(value * np.exp(spread * rng.normal(size=patients)), low, high)
        for name, (value, spread, low, high) in CART_STARTS.items()
    }
    starts = {
        **{name: own[f"{name}0"] for name in ("ANC", "PLT", "HB", "LY")},
        **dict.fromkeys(("L", "S", "M"), drawn["reserve"]),
        **dict.fromkeys(("STR", "CX"), drawn["stroma"]),
        "TU": drawn["tumour"],
    }
    chemotherapy = [(day, "CH", drawn["chemotherapy"] / 3.0) for day in (-5.0, -4.0, -3.0)]
    return Case(
        name="physiology draft, 53 states",
        text=text.replace(*GUARD),
        outputs=("ANC", "PLT", "HB", "LY", "CE", "TU"),
        vary=tuple(CART_SPREAD),
        parameters=parameters,
        starts=starts,
        doses=(*chemotherapy, (0.0, "CI", 28.0), (1.0, "MB", 2.0)),
        start=-35.0,
        times=np.arange(-35.0, 181.0),
        rapid=("keG", "kAG", "kBL", "kBT"),
    )


CASES = {"synthetic": (draw_synthetic, SYNTHETIC), "cart": (draw_cart, PHYSIOLOGY)}
