"""Patients per second of the CUDA back end beside the others, printed; needs stromal[gpu].

python benchmarks/gpu.py [patients]
"""

from __future__ import annotations

import sys
import time

import numpy as np
import polars as pl

from stromal.kernels.backends import find_backends
from stromal.kernels.door import Read, Schedule, Work
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solve import solve
from stromal.models.parse import read_model

MODEL = """
drug = 0; bound = 0; cells = 1;
ke = 0.4; kin = 0.2; kout = 0.05; kgrow = 0.1; kill = 0.3; top = 4;
drug' = -(ke + kin) * drug + kout * bound;
bound' = kin * drug - kout * bound;
cells' = kgrow * cells * (1 - cells / top) - kill * drug / (1 + drug) * cells;
"""


def main() -> None:
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    kernel = compile_kernel(
        read_model(MODEL), outputs=["cells"], vary=["ke", "kill"], dosed=["drug"]
    )
    draws = np.random.default_rng(1).normal(size=(2, patients))
    given = {"ke": 0.4 * np.exp(0.3 * draws[0]), "kill": 0.3 * np.exp(0.3 * draws[1])}
    doses = pl.DataFrame({"day": [1.0, 8.0], "state": "drug", "amount": [6.0, 3.0]})
    times = np.arange(0.0, 181.0)
    print(f"{patients:,} patients; back ends here: {', '.join(find_backends())}")
    for backend in ("gpu", "lanes", "scalar"):
        if backend not in find_backends():
            print(f"{backend}: not here")
            continue
        few = {name: values[:64] for name, values in given.items()}
        begun = time.perf_counter()
        solve(kernel, few, Read(times), schedule=Schedule(doses=doses), work=Work(backend=backend))
        compiled = time.perf_counter()
        found = solve(
            kernel,
            given,
            Read(times),
            schedule=Schedule(doses=doses),
            work=Work(backend=backend, chunk=min(patients, 50_000)),
        )
        seconds = time.perf_counter() - compiled
        print(
            f"{backend}: first 64 in {compiled - begun:.1f} s, then {patients / seconds:,.0f} "
            f"patients per second, {int(found.failed.sum())} failed"
        )


if __name__ == "__main__":
    main()
