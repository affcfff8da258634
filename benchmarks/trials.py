"""Starts, stress, a million patients, and where the time of a step goes."""

from __future__ import annotations

import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import machine
import numba
import numpy as np
import polars as pl
from accuracy import errors_of
from engines import Ours, RoadRunner, why_absent

from cases import CART_SPREAD, CASES, SYNTHETIC_SPREAD, Case, Floats, find_shared
from stromal.kernels.door import Accuracy, Read, Schedule, Work
from stromal.kernels.draws import LogNormal, draw_parameters
from stromal.kernels.kernel import Kernel
from stromal.kernels.reducers import Minimum, TimeBelow, ValueAt
from stromal.kernels.solution import Solution
from stromal.kernels.solve import solve
from stromal.kernels.solvers.lanes.width import choose_width
from stromal.kernels.solvers.scalar_calls import call_address
from stromal.kernels.stream import solve_to_parquet
from stromal.kernels.timeline import Jump

HERE = Path(__file__).resolve()
MILLION = 1_000_000
TOLERANCE = 1e-4, 1e-7
TIGHT = 1e-11, 1e-14
PEER = 1e-6, 1e-9
WIDER = 0.5


def has_model(name: str) -> bool:
    """Whether the model is there; says so where it is not."""
    path = find_shared() / CASES[name][1]
    if not path.exists():
        print(f"{name}: {path.name} is not in the shared folder; set STROMAL_SHARED")
    return path.exists()


# ---- fresh processes ----


def start(name: str) -> None:
    """CPU time, wall time and peak memory of fresh processes, caches empty and full."""
    print(
        "| engine, 1,000 patients | caches | from model to loaded functions, CPU s | "
        "from start to first result, CPU s (wall s) | peak memory, MB |\n|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as folder:
        for engine in ("numpy", "scalar", "lanes", "libRoadRunner"):
            if engine == "libRoadRunner" and why_absent("roadrunner"):
                print("| libRoadRunner is not installed | | | |")
                continue
            for caches in ("machine never used", "model never used", "model used before"):
                if engine in {"numpy", "libRoadRunner"} and caches == "model never used":
                    continue
                fresh = Path(folder) / caches.replace(" ", "_")
                whose = (
                    fresh if caches != "model used before" else fresh.parent / "model_never_used"
                )
                loops = Path(folder) / "machine_never_used" / engine / "loops"
                if caches == "model never used":
                    (fresh / engine).mkdir(parents=True)
                    (fresh / engine / "loops").symlink_to(loops)
                child = {**os.environ, "STROMAL_CACHE": str(whose / engine)}
                command = [sys.executable, str(HERE.parent / "fresh.py"), name, engine]
                answer = subprocess.run(
                    command, env=child, capture_output=True, text=True, check=True
                )
                facts = json.loads(answer.stdout.splitlines()[-1])
                print(
                    f"| {engine} | {caches} | "
                    f"{f'{compiling:.2f}' if (compiling := facts.get('compile')) else ''} | "
                    f"{facts['cpu']:.1f} ({facts['wall']:.1f}) | "
                    f"{facts['memory']:.0f} |",
                    flush=True,
                )
    print(f"load {machine.load()}")


# ---- stress ----


def stress(name: str, patients: int = 128) -> None:
    """Rates made rapid, variability widened, doses at the times of outputs, doses of zero."""
    case: Case = CASES[name][0](patients, 3)
    sets = {
        "as it is": case,
        f"{', '.join(case.rapid)} x 100": case.stiffened(100.0),
        f"{', '.join(case.rapid)} x 10,000": case.stiffened(10_000.0),
        f"every parameter wider by sd {WIDER}": case.widened(WIDER, 4),
    }
    print(f"\n## {case.name}: stress, {patients} fresh patients, rtol {TOLERANCE[0]:g}")
    print(
        "| set | engine | rtol | steps | failed | max / median error |\n|---|---|---|---|---|---|"
    )
    for label, each in sets.items():
        kernel = each.compile(prune=True)
        exact = Ours(kernel, "scalar")
        reference = exact(each, *TIGHT)
        bad = exact.failed
        for engine, precision in (("scalar", "f64"), ("lanes", "f64"), ("lanes", "f32")):
            if engine == "lanes" and choose_width(precision) is None:  # type: ignore[arg-type]
                continue
            run = Ours(kernel, engine, precision)
            e = errors_of(run(each, *TOLERANCE), reference)
            print(
                f"| {label} | {engine} {precision} | {TOLERANCE[0]:g} | {run.steps:.0f} | "
                f"{run.failed} | {e.max():.1e} / {np.median(e):.1e}"
                f"{f' ({bad} references failed)' if bad else ''} |",
                flush=True,
            )
        if why_absent("roadrunner") is None:
            rival = RoadRunner(each, each.compile(prune=False))
            e = errors_of(rival(each, *PEER), reference)
            print(
                f"| {label} | libRoadRunner | {PEER[0]:g} | | {rival.failed} | "
                f"{e.max():.1e} / {np.median(e):.1e} |",
                flush=True,
            )
    _compare_doses(case)


# ---- precision ----


def precision(name: str, patients: int = 256) -> None:
    """Errors of f64 and f32 at tighter and tighter tolerances, beside each other."""
    case: Case = CASES[name][0](patients, 3)
    kernel = case.compile(prune=False)
    reference = Ours(kernel, "scalar")(case, *TIGHT)
    print(f"\n## {case.name}: precision, {patients} fresh patients, max / median error")
    print("| rtol | lanes f64 | lanes f32 |\n|---|---|---|")
    runs = [Ours(kernel, "lanes", bits) for bits in ("f64", "f32")]
    for rtol in (1e-4, 3e-5, 1e-5, 3e-6, 1e-6):
        errors = [errors_of(run(case, rtol, 1e-3 * rtol), reference) for run in runs]
        cells = " | ".join(f"{e.max():.1e} / {np.median(e):.1e}" for e in errors)
        print(f"| {rtol:g} | {cells} |", flush=True)


def _compare_doses(case: Case) -> None:
    kernel = case.compile(prune=False)
    for engine in ("numpy", "scalar", "lanes"):
        part = case.head(24)
        run = Ours(kernel, engine)
        none, zero = run(part, *TOLERANCE, factor=None), run(part, *TOLERANCE, factor=0.0)
        print(f"{engine}: doses of zero equal no doses to the bit: {np.array_equal(none, zero)}")
    day, state, amount = case.doses[-1]
    whole = float(round(day))
    moved = tuple((float(round(d)), s, a) for d, s, a in case.doses)
    shown = replace(case, doses=moved, outputs=(state,))
    values = Ours(shown.compile(prune=False), "lanes")(shown.head(16), *TOLERANCE)
    at = int(np.searchsorted(shown.times, whole))
    print(
        f"{state} at the instant of a dose of {amount:g}: shown "
        f"{np.unique(values[:, at, 0])}, the day before {np.unique(values[:, at - 1, 0])}"
    )


# ---- a million ----


def million(name: str) -> None:
    """A million patients on two threads, reduced while they run, in a process of its own."""
    for kind in ("values", "reducers"):
        command = [sys.executable, str(HERE), name, kind]
        subprocess.run(command, check=True)


def run_million(name: str, kind: str, count: str = str(MILLION)) -> None:
    """The million itself: `values` at four days, or minima and times below on a fine grid."""
    case = CASES[name][0](2, 1)
    spread = SYNTHETIC_SPREAD if name == "synthetic" else CART_SPREAD
    population = {key: LogNormal(median=v, log_sd=sd) for key, (v, sd) in spread.items()}
    grid = kind == "reducers"
    kernel = case.compile(prune=True, slopes=grid)
    days = [ValueAt("ANC", (28.0, 90.0)), ValueAt("PLT", (28.0, 90.0))]
    fine = [Minimum("ANC"), TimeBelow("ANC", 0.5), Minimum("PLT"), TimeBelow("PLT", 20.0)]
    doses = [(day, state, float(np.mean(amount))) for day, state, amount in case.doses]
    kept = [each for each in doses if each[1] in kernel.states]
    given = pl.DataFrame(kept, schema=["day", "state", "amount"], orient="row")
    # starts that do not follow from a parameter are set for all patients alike
    begun = [
        Jump(case.start, state, 0.0, float(np.mean(values)))
        for state, values in case.starts.items()
        if f"{state}0" not in case.vary and state in kernel.states
    ]
    end = float(case.times[-1])
    read = Read([end], [*days, *(fine if grid else [])], intervals=180, keep=False)
    settings: dict[str, Any] = {
        "schedule": Schedule(given, begun, start=case.start),
        "work": Work(backend="lanes", threads=2),
    }
    draw = partial(draw_parameters, 1)
    solve(kernel, draw(0, 2000, population), read, **settings)
    wall, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        stream = solve_to_parquet(
            kernel,
            lambda first, count: draw(first, count, population),
            read,
            folder,
            patients=int(count),
            **settings,
        )
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        failed = int((stream.patients().collect()["status"] != "done").sum())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    took = f"{wall:.0f} s wall, {cpu:.0f} CPU-s, peak {memory:.0f} MB, {failed} failed"
    days_run = end - case.start
    print(f"{case.name}, {kind}: {int(count):,} patients, {days_run:.0f} days, two threads: {took}")
    print(f"load {machine.load()}", flush=True)


# ---- where the time goes ----


@numba.njit
def _repeat(address, arguments, turns):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for _ in range(turns):
        call_address(address, arguments)


def profile(name: str, turns: int = 20_000) -> None:
    """Nanoseconds of a step of one patient in lanes, by part; what is left over is the loop."""
    case: Case = CASES[name][0](1024, 1)
    for prune, precision in itertools.product((False, True), ("f64", "f32")):
        kernel = case.compile(prune=prune)
        run = Ours(kernel, "lanes", precision)
        parts = _time_parts(case, run, turns)
        ends = replace(case, times=case.times[[0, -1]])
        total, silent = (_time_step(each, run) for each in (case, ends))
        parts["outputs on every day"] = total - silent
        parts["loop over lanes, step control, arguments"] = total - sum(parts.values())
        states = "pruned" if prune else "full"
        print(f"\n{case.name}, {states}, {precision}: {total:.0f} ns a step of a patient")
        print("| part | ns | share |\n|---|---|---|")
        for part, took in parts.items():
            print(f"| {part} | {took:.0f} | {100 * took / total:.0f} % |")
        _time_call(case, kernel, run)
        print(f"load {machine.load()}", flush=True)


def _time_step(case: Case, run: Ours) -> float:
    """Nanoseconds of a step of one patient, everything included."""
    took = []
    for _ in range(5):
        begin = time.process_time()
        run(case, *TOLERANCE)
        took.append((time.process_time() - begin) / case.patients / run.steps * 1e9)
    return float(np.median(took))


def _time_call(case: Case, kernel: Kernel, run: Ours) -> None:
    """What the public call adds to the loop beneath it."""
    took = {}
    for label, call in (
        ("solve", lambda: _solve(case, kernel)),
        ("the loop", lambda: run(case, *TOLERANCE)),
    ):
        seconds = []
        for _ in range(3):
            begin = time.process_time()
            call()
            seconds.append(time.process_time() - begin)
        took[label] = float(np.median(seconds))
    told = ", ".join(f"{label} {seconds:.3f} s" for label, seconds in took.items())
    print(f"{case.patients} patients, CPU time: {told}")


def _solve(case: Case, kernel: Kernel) -> Solution:
    return solve(
        kernel,
        case.parameters,
        Read(case.times),
        schedule=Schedule(
            doses=case.events(kernel), initial_states=case.initial_states(kernel), start=case.start
        ),
        accuracy=Accuracy(rtol=TOLERANCE[0], atol=TOLERANCE[1]),
        work=Work(backend="lanes", threads=1),
    )


def _time_parts(case: Case, run: Ours, turns: int) -> dict[str, float]:
    program, functions = run.kernel.program, run.functions
    lanes, n = functions.width.lanes, program.n_states
    kind = np.float64 if functions.width.bits == 64 else np.float32

    def rows(height: int, value: float = 0.0) -> Floats:
        return np.full((height, lanes), value, kind)

    y, p, c = rows(n), rows(len(program.parameter_names)), rows(program.constants)
    f, k, u, increment, w = rows(n), rows(8 * n), rows(n), rows(n), rows(program.factors)
    sums = np.zeros((n, lanes))
    inverse, j, before, one = rows(1, 10.0), rows(3), rows(1, 1.0), rows(1, 1.0)
    largest, traces, renewing = rows(n), rows(n), np.array(program.renewing, np.int64)
    y[:] = case.initial_states(run.kernel)[:1].T
    p[:] = case.whole_parameters(run.kernel)[:1].T
    atol, rtol, own = np.full(n, TOLERANCE[1]), np.array([TOLERANCE[0]]), np.zeros(n)
    address = {key[5:]: int(value) for key, value in functions.addresses.items()}
    _repeat(address["constants"], (p, c), 1)
    calls: dict[str, list[tuple[str, tuple[Any, ...]]]] = {
        "Jacobian, rates and LU, once": [("factor", (y, c, inverse, f, w))],
        "rates, seven times": [("rates", (y, c, f))] * 7,
        "triangular solves, eight times": [("resolve", (w, u))] * 8,
        "sums of stages": [(f"stage_{i}", (y, k, u, increment, inverse)) for i in range(1, 8)],
        "error and new step": [
            ("estimate_error", (y, k, u, increment, atol, rtol, before, j, largest)),
            ("accept", (u, increment, one, sums, y)),
        ],
        "states that may come back": [("watch", (y, largest, traces, atol, rtol, own, renewing))],
    }
    taken = {}
    for part, each in calls.items():
        total = 0.0
        for name, count in {name: [a for a, _ in each].count(name) for name, _ in each}.items():
            arguments = dict(each)[name]
            _repeat(address[name], arguments, 10)
            begin = time.process_time()
            _repeat(address[name], arguments, turns)
            total += count * (time.process_time() - begin) / turns / lanes * 1e9
            u[:] = 0.0
            f[:] = 0.0
        taken[part] = total
    return taken


TRIALS: dict[str, Callable[[str], None]] = {
    "start": start,
    "stress": stress,
    "million": million,
    "profile": profile,
    "precision": precision,
}

if __name__ == "__main__":
    run_million(*sys.argv[1:])
