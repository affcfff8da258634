"""AMICI, a peer: CVODES on a model compiled to C++, without sensitivities."""

from __future__ import annotations

import hashlib
import math
import os
import shutil
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from engines import MOST_STEPS, grid, quiet, segments, write_sbml

from cases import ROOT, Case, Floats
from stromal.kernels.kernel import Kernel

FOLDER = ROOT / "build" / "amici"


def compile_model(case: Case, removed: tuple[str, ...]) -> tuple[str, Path]:
    """Name and folder of the compiled model, which is built once: it takes half a minute."""
    import amici  # noqa: PLC0415 - a peer may be absent
    from amici.importers.sbml import SbmlImporter  # noqa: PLC0415

    sbml = write_sbml(case, removed)
    mark = "\n".join([amici.__version__, sys.version, *case.outputs, sbml])
    name = f"model_{hashlib.sha256(mark.encode()).hexdigest()[:16]}"
    folder, built = FOLDER / name, FOLDER / f"{name}.built"
    if built.exists():
        return name, folder
    shutil.rmtree(folder, ignore_errors=True)
    # the build looks for its tools on the path, and takes any swig unless it is told which
    tools = Path(sys.executable).parent
    found = {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "SWIG": str(tools / "swig")}
    with mock.patch.dict(os.environ, found):
        SbmlImporter(sbml, from_file=False).sbml2amici(
            name,
            folder,
            observation_model=[
                amici.MeasurementChannel(id_=f"observed_{output}", formula=output)
                for output in case.outputs
            ],
            compute_conservation_laws=False,
            generate_sensitivity_code=False,
        )
    built.touch()
    return name, folder


class Amici:
    """AMICI, told the times of changes: each stretch starts from states that are given to it."""

    def __init__(self, case: Case, full: Kernel, removed: tuple[str, ...] = ()) -> None:
        from amici import import_model_module  # noqa: PLC0415 - a peer may be absent
        from amici.sim import sundials  # noqa: PLC0415 - the model does not load without it

        self.model = import_model_module(*compile_model(case, removed)).get_model()
        # else it copies room for sensitivities at every output: 18 times slower on 165 days
        self.model.set_parameter_list([])
        self.solver = self.model.create_solver()
        self.solver.set_max_steps(MOST_STEPS)
        self.solver.set_sensitivity_order(sundials.SensitivityOrder.none)
        self.simulate, self.view = sundials.amici.run_simulation, sundials.stdVec2ndarray
        self.full, self.failed, self.steps = full, 0, math.nan
        self.states = list(self.model.get_state_ids())
        known = list(self.model.get_free_parameter_ids())
        self.vary = [known.index(name) for name in case.vary]
        self.constants = np.array(self.model.get_free_parameters())

    @quiet()
    def __call__(self, case: Case, rtol: float, atol: float) -> Floats:
        """Values of every patient."""
        self.failed = 0
        self.solver.set_relative_tolerance(rtol)
        self.solver.set_absolute_tolerance(atol)
        values = np.full((case.patients, case.times.size, len(case.outputs)), np.nan)
        order = [self.full.states.index(name) for name in self.states]
        starts = case.initial_states(self.full)[:, order]
        stretches = [
            (
                grid(case, begin, end),
                [(self.states.index(name), a) for name, a in doses if name in self.states],
            )
            for begin, end, doses in segments(case)
        ]
        for patient in range(case.patients):
            self.constants[self.vary] = case.parameters[patient]
            self.model.set_free_parameters(self.constants)
            self.failed += not self._follow(patient, starts[patient], stretches, values[patient])
        return values

    def _follow(self, patient: int, state: Floats, stretches: list[Any], values: Floats) -> bool:
        """One patient, stretch by stretch; whether every stretch came to its end."""
        model, solver = self.model.get(), self.solver.get()
        for (asked, kept, places), doses in stretches:
            model.set_t0(asked[0])
            model.set_timepoints(asked)
            model.set_initial_state(state)
            answer = self.simulate(solver, None, model)
            if answer.status != 0:
                return False
            values[places] = self.view(answer.y, len(asked), values.shape[1])[kept]
            state = self.view(answer.x, len(asked), state.size)[-1].copy()
            for place, amount in doses:
                state[place] += amount if np.ndim(amount) == 0 else amount[patient]
        return True
