"""Many virtual patients through this project and its peers at equal error, printed.

    python benchmarks/ensemble.py                  both models, every engine
    python benchmarks/ensemble.py --model cart     one model
    python benchmarks/ensemble.py --start          time and memory of fresh processes
    python benchmarks/ensemble.py --stress         stiff and odd patients
    python benchmarks/ensemble.py --million        a million patients on two threads
    python benchmarks/ensemble.py --profile        where the time of a step goes
    python benchmarks/ensemble.py --precision      how far f32 can be asked

One process and one thread; engines take turns, and a ratio is taken within each turn. Times are CPU
times. All engines have the same patients, but NumPy fewer. A tolerance is the loosest, to five
percent, with which an engine's largest error over all of them is no larger than libRoadRunner's.
"""

from __future__ import annotations

import argparse
import gc
import math
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version

import machine
import numpy as np
import trials
from accuracy import errors_of
from amici_engine import Amici
from engines import Numbalsoda, Ours, RoadRunner, Run, Scipy, why_absent

from cases import CASES, Case, Floats, find_shared
from stromal.kernels.kernel import Kernel
from stromal.kernels.solvers.lanes.width import choose_width

REFERENCE = 1e-11, 1e-14
PEER = 1e-6, 1e-9
ATOL = 1e-3
LOOSEST, TIGHTEST, APART = 2e-4, 1e-7, 1.05


@dataclass(slots=True, eq=False)
class Entrant:
    """An engine in the race: what it runs, and what came out."""

    name: str
    run: Run
    patients: int
    rtol: float
    atol: float
    peer: str = ""
    rates: list[float] = field(default_factory=list)
    errors: Floats = field(default_factory=lambda: np.zeros(0))


def choose(run: Run, case: Case, reference: Floats, most: float) -> float:
    """The loosest tolerance, to five percent, with no larger error than `most` on any patient.

    The range is entered from its loose end by halves, since errors of f32 grow again at its tight
    end; then the step between the last that failed and the first that held is bisected. Where none
    holds, it is the one with the least error.
    """
    errors: dict[float, float] = {}

    def holds(rtol: float) -> bool:
        values = run(case, rtol, ATOL * rtol)
        errors[rtol] = errors_of(values, reference[: case.patients]).max()
        return bool(errors[rtol] <= most)

    loose = tight = LOOSEST
    while not holds(tight):
        if tight == TIGHTEST:
            return min(errors, key=lambda rtol: errors[rtol])
        loose, tight = tight, max(tight / 2, TIGHTEST)
    while loose > APART * tight:
        middle = math.sqrt(loose * tight)
        if holds(middle):
            tight = middle
        else:
            loose = middle
    return tight


def race(case: Case, entrants: list[Entrant], reference: Floats, repeats: int) -> None:
    """Engines take turns; the first is not timed, so that none is charged for making its input."""
    parts = {entrant.name: case.head(entrant.patients) for entrant in entrants}
    for entrant in entrants:
        part = parts[entrant.name]
        values = entrant.run(part, entrant.rtol, entrant.atol)
        entrant.errors = errors_of(values, reference[: part.patients])
    for _ in range(repeats):
        for entrant in entrants:
            part = parts[entrant.name]
            gc.collect()
            begin = time.process_time()
            entrant.run(part, entrant.rtol, entrant.atol)
            entrant.rates.append(part.patients / (time.process_time() - begin))


def report(
    entrants: list[Entrant], program_flops: Mapping[str, int], peaks: Mapping[str, float]
) -> None:
    """The table of a race."""
    named = {entrant.name: entrant for entrant in entrants}
    print(
        "| engine | patients | rtol | patients per core-second | times libRoadRunner, same states "
        "| max / p99 / median error | steps | GFLOP/s | of peak |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for entrant in entrants:
        middle = statistics.median(entrant.rates)
        ratio = "1"
        if entrant.peer in named and entrant.peer != entrant.name:
            ratios = [
                mine / theirs
                for mine, theirs in zip(entrant.rates, named[entrant.peer].rates, strict=True)
            ]
            ratio = f"{statistics.median(ratios):.1f} ({min(ratios):.1f}-{max(ratios):.1f})"
            if entrant.errors.max() > named[entrant.peer].errors.max():
                ratio += ", at a larger error"
        share, flops, steps = "", "", getattr(entrant.run, "steps", float("nan"))
        states = "pruned" if "pruned" in entrant.name else "full"
        bits = "f32" if "f32" in entrant.name else "f64"
        if np.isfinite(steps):
            speed = middle * steps * program_flops[states] / 1e9
            flops = f"{speed:.1f}"
            share = f"{100 * speed / peaks[bits]:.0f} %" if "lanes" in entrant.name else ""
        e = entrant.errors
        failed = getattr(entrant.run, "failed", 0)
        print(
            f"| {entrant.name} | {entrant.patients} | {entrant.rtol:.3g} | {middle:,.0f} "
            f"({min(entrant.rates):,.0f}-{max(entrant.rates):,.0f}) | {ratio} | "
            f"{e.max():.1e} / {np.quantile(e, 0.99):.1e} / {np.median(e):.1e}"
            f"{f', {failed} failed' if failed else ''} | "
            f"{'' if np.isnan(steps) else f'{steps:.0f}'} | {flops} | {share} |"
        )


def line_up(
    case: Case, kernels: Mapping[str, Kernel], reference: Floats, sizes: argparse.Namespace
) -> list[Entrant]:
    """Engines at tolerances with which no error of theirs is above libRoadRunner's largest."""
    entrants: list[Entrant] = []
    removed = tuple(each.state for each in kernels["pruned"].program.removed)
    for states, kernel in kernels.items():
        peer, most = "", 1e-4
        if why_absent("roadrunner") is None:
            rival = RoadRunner(case, kernels["full"], removed if states == "pruned" else ())
            most = errors_of(rival(case, *PEER), reference).max()
            peer = f"libRoadRunner, {states}"
            entrants.append(Entrant(peer, rival, sizes.patients, *PEER, peer))
            if states == "full":
                tight = rival(case.head(12), 1e-11, 1e-14)
                gap = errors_of(tight, reference[:12]).max()
                print(f"reference against libRoadRunner at 1e-11, 12 patients: {gap:.1e}")
        runs = ours(kernel, states, sizes)
        if states == "full" and not sizes.lanes:
            runs += peers(case, kernel, states)
        for name, run in runs:
            count = sizes.numpy if name.startswith("numpy") else sizes.patients
            # NumPy takes the steps of the scalar back end, one operation at a time
            if not name.startswith("numpy"):
                rtol = choose(run, case, reference, most)
            entrants.append(Entrant(name, run, count, rtol, ATOL * rtol, peer))
            print(f"{name}: rtol {rtol:.3g}", flush=True)
    return entrants


def peers(case: Case, kernel: Kernel, states: str) -> list[tuple[str, Run]]:
    """Other solvers: two are given this project's compiled rates, and AMICI compiles its own."""
    makers: tuple[tuple[str, str, Callable[[], Run]], ...] = (
        ("numbalsoda", "numbalsoda LSODA", lambda: Numbalsoda(kernel)),
        ("scipy", "scipy LSODA", lambda: Scipy(kernel)),
        ("amici", "AMICI CVODES", lambda: Amici(case, kernel)),
    )
    found: list[tuple[str, Run]] = []
    for library, name, make in makers:
        reason = why_absent(library)
        if reason is None:
            found.append((f"{name} {version(library)}, {states}", make()))
        else:
            print(f"{name}: {reason}")
    return found


def ours(kernel: Kernel, states: str, sizes: argparse.Namespace) -> list[tuple[str, Run]]:
    """This project's back ends on this machine."""
    found: list[tuple[str, Run]] = []
    if not sizes.lanes:
        found.append((f"scalar, {states}", Ours(kernel, "scalar")))
        found.append((f"numpy, {states}", Ours(kernel, "numpy")))
    for precision in ("f64", "f32"):
        width = choose_width(precision)
        if width is None:
            print(f"lanes {precision}: this machine has none")
            continue
        label = f"lanes {width.name}, {states}"
        found.append((label, Ours(kernel, "lanes", precision)))
    return found


def run_model(name: str, sizes: argparse.Namespace) -> None:
    """Race and table of one model."""
    draw, path = CASES[name]
    if not (find_shared() / path).exists():
        print(f"{name}: {find_shared() / path} is not here; set STROMAL_SHARED")
        return
    case = draw(sizes.patients, 1)
    print(f"\n## {case.name}\n{machine.describe()}; load {machine.load()}")
    kernels = {"full": case.compile(prune=False), "pruned": case.compile(prune=True)}
    peaks = {
        bits: machine.measure_peak(width)
        for bits in ("f64", "f32")
        if (width := choose_width(bits)) is not None
    }
    print("FMA peak of one core, GFLOP/s:", {bits: round(peak) for bits, peak in peaks.items()})
    flops = {}
    for states, kernel in kernels.items():
        parts = machine.flops_per_step(kernel.program)
        flops[states] = sum(parts.values())
        print(
            f"{states}: {len(kernel.states)} states, {len(kernel.program.jacobian)} Jacobian "
            f"entries, {kernel.program.factors} after LU, flops per step {flops[states]} {parts}"
        )
    reference = Ours(kernels["full"], "scalar")(case, *REFERENCE)
    entrants = line_up(case, kernels, reference, sizes)
    race(case, entrants, reference, sizes.repeats)
    report(entrants, flops, peaks)
    pruned = Ours(kernels["pruned"], "scalar")(case.head(64), *REFERENCE)
    print(f"references, full against pruned: {errors_of(pruned, reference[:64]).max():.1e}")
    print(f"load at the end {machine.load()}", flush=True)


def main() -> None:
    """What is asked for on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", choices=[*CASES, "both"], default="both")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--numpy", type=int, default=64, help="patients of the back end numpy")
    parser.add_argument("--lanes", action="store_true", help="lanes and libRoadRunner alone")
    for flag in trials.TRIALS:
        parser.add_argument(f"--{flag}", action="store_true")
    asked = parser.parse_args()
    models = list(CASES) if asked.model == "both" else [asked.model]
    models = [name for name in models if trials.has_model(name)]
    special = [flag for flag in trials.TRIALS if getattr(asked, flag)]
    print(f"{machine.describe()}; load {machine.load()}", flush=True)
    for name in models:
        for flag in special:
            trials.TRIALS[flag](name)
        if not special:
            run_model(name, asked)


if __name__ == "__main__":
    main()
