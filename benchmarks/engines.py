"""This project's back ends and its peers, each as one call from patients to values."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np

from cases import Case, Floats
from stromal.kernels.compile.program import functions_in
from stromal.kernels.inputs import read_timeline, read_tolerances
from stromal.kernels.kernel import Kernel
from stromal.kernels.solvers.problem import pose_problem
from stromal.kernels.solvers.scalar_names import SCALAR_NAMES

MOST_STEPS = 200_000

Run = Callable[[Case, float, float], Floats]
"""Values (N, T, O) of the patients of a case at a relative tolerance and an absolute one."""


class Ours:
    """A back end of this project; loading and compiling are done before anything is timed."""

    def __init__(self, kernel: Kernel, backend: str, precision: str = "f64") -> None:
        name = {"lanes": "lanes.solver"}.get(backend, f"{backend}_solver")
        module = importlib.import_module(f"stromal.kernels.solvers.{name}")
        self.kernel, self.integrate = kernel, module.integrate
        lanes = backend == "lanes"
        self.functions = (
            module.load_functions(kernel.program, precision)
            if lanes
            else module.load_functions(kernel.program)
        )
        self.steps = math.nan
        self.failed = 0

    def __call__(self, case: Case, rtol: float, atol: float, factor: float | None = 1.0) -> Floats:
        """Values; `factor` multiplies every dose, None leaves doses out."""
        kernel, end = self.kernel, float(case.times[-1])
        doses = None if factor is None else case.events(kernel, factor)
        problem = pose_problem(
            kernel.program,
            case.whole_parameters(kernel),
            case.initial_states(kernel),
            read_timeline(kernel, case.patients, doses, None, None, start=case.start, end=end),
            case.times,
            rtol,
            read_tolerances(kernel, atol, "f64", end - case.start)[0],
            MOST_STEPS,
            start=case.start,
        )
        answer = self.integrate(self.functions, problem)
        self.steps, self.failed = float(answer.steps.mean()), int((answer.status != 0).sum())
        return answer.values


@contextmanager
def quiet() -> Iterator[None]:
    """Drop what compiled code of peers prints, warnings by the hundred; exceptions come out."""

    def flush() -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        ctypes.CDLL(None).fflush(None)

    flush()
    kept = [(stream, os.dup(stream)) for stream in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream, _ in kept:
        os.dup2(nowhere, stream)
    os.close(nowhere)
    try:
        yield
    finally:
        flush()
        for stream, copy in kept:
            os.dup2(copy, stream)
            os.close(copy)


def segments(case: Case) -> list[tuple[float, float, list[tuple[str, Any]]]]:
    """Stretches between changes: from, to, and the doses at the end, for engines without them."""
    days = sorted({day for day, _, _ in case.doses} | {case.start, float(case.times[-1])})
    return [
        (begin, end, [(state, amount) for day, state, amount in case.doses if day == end])
        for begin, end in pairwise(days)
    ]


def grid(case: Case, begin: float, end: float) -> tuple[Floats, list[int], list[int]]:
    """Times to ask for between two changes, which of them are kept, and their places."""
    inside = case.times[(case.times > begin) & (case.times <= end)]
    asked = np.unique(np.concatenate([[begin], inside, [end]]))
    kept = [i for i, time in enumerate(asked) if time in inside or time == case.start]
    return asked, kept, [int(np.searchsorted(case.times, asked[i])) for i in kept]


def write_sbml(case: Case, removed: tuple[str, ...]) -> str:
    """The model as SBML; states that are removed stay as they are."""
    import antimony  # noqa: PLC0415 - a peer may be absent

    antimony.clearPreviousLoads()
    if antimony.loadAntimonyString(case.without_rates(removed)) < 0:
        raise ValueError(antimony.getLastError())
    return str(antimony.getSBMLString(antimony.getMainModuleName()))


class RoadRunner:
    """libRoadRunner, told the times of changes; states and parameters are set by index."""

    def __init__(self, case: Case, full: Kernel, removed: tuple[str, ...] = ()) -> None:
        import roadrunner  # noqa: PLC0415 - a peer may be absent

        roadrunner.Logger.disableLogging()
        self.rr = rr = roadrunner.RoadRunner(write_sbml(case, removed))
        rr.timeCourseSelections = list(case.outputs)
        rr.integrator.setValue("maximum_num_steps", MOST_STEPS)
        self.full, self.failed, self.steps = full, 0, math.nan
        species = list(rr.model.getFloatingSpeciesIds())
        constants = list(rr.model.getGlobalParameterIds())
        self.as_species = full.states[0] in species
        known = species if self.as_species else constants
        self.states = [known.index(name) for name in full.states]
        self.place = {name: known.index(name) for name in full.states}
        self.vary = [constants.index(name) for name in case.vary]

    def _set(self, places: list[int], values: Any) -> None:  # noqa: ANN401
        model = self.rr.model
        if self.as_species:
            model.setFloatingSpeciesConcentrations(places, values)
        else:
            model.setGlobalParameterValues(places, values)

    def _get(self, places: list[int]) -> Any:  # noqa: ANN401
        model = self.rr.model
        if self.as_species:
            return model.getFloatingSpeciesConcentrations(places)
        return model.getGlobalParameterValues(places)

    @quiet()
    def __call__(self, case: Case, rtol: float, atol: float) -> Floats:
        """Values of every patient."""
        rr, self.failed = self.rr, 0
        rr.integrator.relative_tolerance, rr.integrator.absolute_tolerance = rtol, atol
        values = np.full((case.patients, case.times.size, len(case.outputs)), np.nan)
        stretches = [
            (grid(case, begin, end), [self.place[s] for s, _ in doses], [a for _, a in doses])
            for begin, end, doses in segments(case)
        ]
        starts = case.initial_states(self.full)
        for patient in range(case.patients):
            rr.reset()
            rr.model.setGlobalParameterValues(self.vary, case.parameters[patient])
            self._set(self.states, starts[patient])
            try:
                for (asked, kept, places), targets, amounts in stretches:
                    out = np.asarray(rr.simulate(times=(asked - case.start).tolist()))
                    values[patient, places] = out[kept]
                    if targets:
                        own = [a if np.ndim(a) == 0 else a[patient] for a in amounts]
                        self._set(targets, np.asarray(self._get(targets)) + own)
            except RuntimeError:
                self.failed += 1
        return values


class Peer:
    """What LSODA engines share: this project's own compiled rates, and outputs read off states."""

    def __init__(self, kernel: Kernel) -> None:
        import numba  # noqa: PLC0415

        self.kernel, self.failed, self.steps = kernel, 0, math.nan
        self.functions = functions_in(
            kernel.program, SCALAR_NAMES, decorate=lambda f: numba.njit(f, error_model="numpy")
        )
        observe = self.functions.observe

        @numba.njit
        def watch(states: Floats, constants: Floats, seen: Floats) -> None:
            for i in range(len(states)):
                observe(states[i], constants, seen[i])

        self.watch = watch

    def patient(self, case: Case, row: int, solve: Callable[..., Any]) -> Floats:
        """Values of one patient, stretch by stretch, up to the one that fails, if any."""
        kernel = self.kernel
        constants = np.zeros(kernel.program.constants)
        self.functions.constants(case.whole_parameters(kernel)[row], constants)
        state = self.starts[row].copy()
        values = np.full((case.times.size, len(case.outputs)), np.nan)
        for (asked, kept, places), doses in self.stretches:
            states, well = solve(state, asked, constants)
            if not well:
                self.failed += 1
                break
            seen = np.zeros((len(states), len(case.outputs)))
            self.watch(states, constants, seen)
            values[places] = seen[kept]
            state = states[-1].copy()
            for name, amount in doses:
                if name in kernel.states:
                    own = amount if np.ndim(amount) == 0 else amount[row]
                    state[kernel.states.index(name)] += own
        return values

    def every(self, case: Case, solve: Callable[..., Any]) -> Floats:
        """Values of all patients."""
        self.starts, self.failed = case.initial_states(self.kernel), 0
        self.stretches = [(grid(case, a, b), doses) for a, b, doses in segments(case)]
        return np.array([self.patient(case, row, solve) for row in range(case.patients)])


class Numbalsoda(Peer):
    """numbalsoda: LSODA in C++ with compiled rates."""

    def __init__(self, kernel: Kernel) -> None:
        import numba  # noqa: PLC0415
        from numbalsoda import lsoda, lsoda_sig  # noqa: PLC0415

        super().__init__(kernel)
        rates, size, constants = self.functions.rates, len(kernel.states), kernel.program.constants

        @numba.cfunc(lsoda_sig)
        def flow(_time: float, y: Any, f: Any, c: Any) -> None:  # noqa: ANN401
            rates(numba.carray(y, (size,)), numba.carray(c, (constants,)), numba.carray(f, (size,)))

        self.flow, self.lsoda = flow, lsoda

    @quiet()
    def __call__(self, case: Case, rtol: float, atol: float) -> Floats:
        """Values of every patient."""

        def solve(state: Floats, asked: Floats, constants: Floats) -> tuple[Floats, bool]:
            return self.lsoda(self.flow.address, state, asked, constants, rtol, atol)

        return self.every(case, solve)


class Scipy(Peer):
    """LSODA of SciPy with compiled rates."""

    @quiet()
    def __call__(self, case: Case, rtol: float, atol: float) -> Floats:
        """Values of every patient."""
        from scipy.integrate import odeint  # noqa: PLC0415

        rates = self.functions.rates

        def flow(_time: float, y: Floats, constants: Floats) -> Floats:
            f = np.empty_like(y)
            rates(y, constants, f)
            return f

        settings = {"rtol": rtol, "atol": atol, "tfirst": True, "mxstep": 50_000}

        def solve(state: Floats, asked: Floats, constants: Floats) -> tuple[Floats, bool]:
            states, told = odeint(flow, state, asked, (constants,), full_output=True, **settings)
            return states, told["message"] == "Integration successful."

        return self.every(case, solve)


def why_absent(library: str) -> str | None:
    """Why a peer is not measured; None where it can be."""
    return None if importlib.util.find_spec(library) else f"{library} is not installed"
