"""One engine in a process of its own: what it took from the start of the interpreter.

    python benchmarks/fresh.py cart lanes

Imports only what a user of that engine would; prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from functools import partial
from pathlib import Path

from cases import CASES, Case
from stromal.kernels.door import Accuracy, Read, Schedule, Work
from stromal.models.parse import read_model

TOLERANCE = 1e-4, 1e-7
PATIENTS = 1000


def born() -> float:
    """When this process began, in seconds since the machine did."""
    fields = Path("/proc/self/stat").read_text("utf-8").rpartition(")")[2].split()
    return float(fields[19]) / os.sysconf("SC_CLK_TCK")


def load_ours(case: Case, engine: str, facts: dict[str, float]) -> partial[object]:
    """The public call with a back end named; `facts` gets the time of compiling."""
    from stromal.kernels.backends import find_backend  # noqa: PLC0415 - a peer needs neither
    from stromal.kernels.solve import solve  # noqa: PLC0415

    model = read_model(case.text)
    backend = find_backend(engine, PATIENTS)
    begin = time.process_time()
    kernel = case.compile(prune=True, model=model)
    backend.load(kernel.program)
    facts["compile"] = time.process_time() - begin

    def run(patients: int) -> None:
        part = case.head(patients)
        solve(
            kernel,
            part.parameters,
            Read(part.times),
            schedule=Schedule(
                doses=part.events(kernel),
                initial_states=part.initial_states(kernel),
                start=part.start,
            ),
            accuracy=Accuracy(rtol=TOLERANCE[0], atol=TOLERANCE[1]),
            work=Work(backend=engine, threads=1),
        )

    return partial(run)


def load_peer(case: Case) -> partial[object]:
    """libRoadRunner on the whole model."""
    from engines import RoadRunner  # noqa: PLC0415 - only where it is asked for

    run = RoadRunner(case, case.compile(prune=False))
    return partial(lambda patients: run(case.head(patients), *TOLERANCE))


def main(model: str, engine: str) -> None:
    """Time until the first trajectory, then memory after a thousand."""
    case = CASES[model][0](PATIENTS, 1)
    facts: dict[str, float] = {}
    run = load_peer(case) if engine == "libRoadRunner" else load_ours(case, engine, facts)
    run(1)
    facts["cpu"] = time.process_time()
    facts["wall"] = time.clock_gettime(time.CLOCK_BOOTTIME) - born()
    if engine != "numpy":
        run(PATIENTS)
    facts["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(facts))


if __name__ == "__main__":
    main(*sys.argv[1:])
